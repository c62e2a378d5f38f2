import SwoopCore

/// Several operands one behind the other.
struct JoinPlan: KernelPlan {
  private let definitions: [String: String]
  private let count: Int
  private let isDense: Bool
  private let header: [UInt32]
  let extents: [Int]
  var resultExtent: Int { count }
  var gathersOperands: Bool { true }

  init(_ signature: Signature, _ target: KernelTarget) {
    let (shape, axis) = (signature.result.shape, signature.attributes.axes[0])
    let layouts = signature.operands.map(\.layout)
    definitions = movingDefinitions(signature)
    count = shape.elementCount
    isDense = layouts.allSatisfy(\.isContiguous)
    extents = layouts.map(\.extent)
    let inner = shape.dropFirst(axis + 1).reduce(1, *)
    let runs = layouts.map { $0.shape[axis] * inner }
    let isUniform = runs.allSatisfy { $0 == runs[0] }
    var words = [layouts.count, shape[axis] * inner, isUniform ? runs[0] : 0]
    var start = 0
    for (layout, run) in zip(layouts, runs) {
      words += [start, run, layout.extent]
      start += run
      if isDense { continue }
      words += [layout.origin, layout.shape.rank]
      words += (0..<8).map { $0 < layout.shape.rank ? layout.shape[$0] : 1 }
      words += (0..<8).map { layout.strides[$0] }
    }
    header = words.map { UInt32(truncatingIfNeeded: $0) }
  }

  func choice(for variant: Variant) -> KernelChoice {
    let share = QuadShare(elements: count, entries: variant.entries)
    return KernelChoice(
      file: "Join.comp", definitions: definitions,
      constants: [
        UInt32(share.local), 1, 1, isDense ? 1 : 0, variant.aligned[0] ? 1 : 0,
        UInt32(share.perInvocation),
      ], words: [UInt32(count), UInt32(share.lanes)] + header, workgroups: share.workgroups,
      tableWidth: extents.count)
  }
}

/// One operand in a part of another.
struct PlacePlan: KernelPlan {
  private let definitions: [String: String]
  private let count: Int
  private let isDense: Bool
  private let isUnbroken: Bool
  private let form: [UInt32]
  let extents: [Int]
  var resultExtent: Int { count }

  init(_ signature: Signature, _ target: KernelTarget) {
    let (whole, part) = (signature.operands[0].layout, signature.operands[1].layout)
    let shape = whole.shape
    let words = signature.attributes.words
    definitions = movingDefinitions(signature)
    count = shape.elementCount
    isDense = whole.isContiguous
    isUnbroken = words[shape.rank...].allSatisfy { $0 == 1 }
    extents = [whole.extent, part.extent]
    var form = [UInt32(shape.rank)] + padded(Array(shape))
    form += [UInt32(truncatingIfNeeded: whole.origin)] + padded(strides(whole))
    form += padded(words[..<shape.rank].map { Int($0) })
    form += padded(words[shape.rank...].map { Int($0) })
    form += padded(Array(part.shape))
    form += [UInt32(truncatingIfNeeded: part.origin)] + padded(strides(part))
    self.form = form
  }

  func choice(for variant: Variant) -> KernelChoice {
    let share = QuadShare(elements: count, entries: variant.entries)
    return KernelChoice(
      file: "Place.comp", definitions: definitions,
      constants: [UInt32(share.local), 1, 1] + variant.modes.map(\.rawValue) + [
        isDense ? 1 : 0, isUnbroken ? 1 : 0, UInt32(share.perInvocation),
      ], words: [UInt32(count), UInt32(share.lanes)] + form, workgroups: share.workgroups)
  }
}

/// How invocations share the quads of a result.
struct QuadShare {
  let perInvocation: Int
  let lanes: Int
  let local: Int
  let workgroups: Int

  init(elements: Int, entries: Int) {
    let quads = (elements + 3) / 4
    // Fewer quads an invocation where that leaves too few invocations.
    perInvocation = Swift.max(1, Swift.min(8, quads * entries / 512))
    lanes = Swift.max(1, (quads + perInvocation - 1) / perInvocation)
    let work = Work(invocations: lanes * entries)
    (local, workgroups) = (work.local, work.workgroups)
  }
}

/// Elements as words, halves or bytes: types of one width share their pipelines.
private func movingDefinitions(_ signature: Signature) -> [String: String] {
  let encoding =
    switch signature.result.elementType.byteCount {
    case 1: "UINT8"
    case 2: "FLOAT16"
    default: "INT32"
    }
  return [
    "ELEMENT": "int", "QUAD": "ivec4", "RESULT_ELEMENT": "int", "RESULT_QUAD": "ivec4",
    "ENCODING_0": encoding, "RESULT_ENCODING": encoding,
  ]
}

private func strides(_ layout: Layout) -> [Int] {
  (0..<layout.shape.rank).map { layout.strides[$0] }
}
