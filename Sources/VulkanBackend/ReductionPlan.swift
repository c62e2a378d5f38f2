import SwoopCore

/// A reduction over axes.
struct ReductionPlan: KernelPlan {
  private let definitions: [String: String]
  private let results: Int
  private let length: Int
  private let lanes: Int
  private let origin: Int
  private let kept: (sizes: [Int], strides: [Int])
  private let reduced: (sizes: [Int], strides: [Int])
  let extents: [Int]
  var resultExtent: Int { results }

  init(_ signature: Signature, _ target: KernelTarget) {
    let operand = signature.operands[0]
    let layout = operand.layout
    let axes = signature.attributes.axes
    reduced = ReductionPlan.collapse(layout, axes)
    kept = ReductionPlan.collapse(layout, (0..<layout.shape.rank).filter { !axes.contains($0) })
    results = signature.result.shape.elementCount
    length = axes.reduce(1) { $0 * layout.shape[$1] }
    lanes = laneCount(length: length, target)
    extents = [layout.extent]
    origin = layout.origin
    definitions = typeDefinitions(signature).merging([
      "REDUCE_\(signature.operation.name)": "1"
    ]) { first, _ in first }.merging(Turns.definitions(length / 4 / lanes)) { first, _ in first }
  }

  /// These axes' sizes and strides, neighbours joined where one step continues the other.
  static func collapse(_ layout: Layout, _ axes: [Int]) -> ([Int], [Int]) {
    var sizes: [Int] = []
    var strides: [Int] = []
    for axis in axes where layout.shape[axis] != 1 {
      if let last = strides.last, last == layout.strides[axis] * layout.shape[axis] {
        sizes[sizes.count - 1] *= layout.shape[axis]
        strides[strides.count - 1] = layout.strides[axis]
      } else {
        sizes.append(layout.shape[axis])
        strides.append(layout.strides[axis])
      }
    }
    return (sizes, strides)
  }

  func choice(for variant: Variant) -> KernelChoice {
    let isLine = reduced.strides.count <= 1
    let step = reduced.strides.first ?? 1
    let isDense =
      isLine && step == 1 && variant.aligned[0] && kept.strides.allSatisfy { $0 % 4 == 0 }
    let invocations = results * variant.entries * lanes
    let local = Swift.max(lanes, Work(invocations: invocations).local)
    var words = [UInt32(results), UInt32(length), UInt32(kept.sizes.count)]
    words += padded(kept.sizes) + padded(kept.strides)
    words.append(UInt32(reduced.sizes.count))
    words += padded(reduced.sizes)
    words += padded(reduced.strides.isEmpty ? [1] : reduced.strides)
    words.append(UInt32(truncatingIfNeeded: origin))
    return KernelChoice(
      file: "Reduce.comp", definitions: definitions,
      constants: [
        UInt32(local), 1, 1, variant.modes[0].rawValue, UInt32(lanes),
        isDense ? 0 : isLine ? 1 : 2,
      ], words: words, workgroups: (invocations + local - 1) / local)
  }
}

/// Invocations that share one reduction; depends on its length alone, so that the order of
/// accumulation does. Barriers cost much on a software driver, so there only long ones share.
func laneCount(length: Int, _ target: KernelTarget) -> Int {
  if target.isSoftware { return length >= 1 << 22 ? 256 : length >= 1 << 15 ? 64 : 1 }
  return length >= 2048 ? 256 : length >= 128 ? 32 : length >= 32 ? 8 : 1
}

/// Along the last axis of a row-major operand.
struct RowwisePlan: KernelPlan {
  private let file: String
  private let attributes: [UInt32]
  private let definitions: [String: String]
  private let rows: Int
  private let length: Int
  private let lanes: Int
  let extents: [Int]
  var resultExtent: Int { rows * length }

  init(_ signature: Signature, _ target: KernelTarget) {
    let shape = signature.result.shape
    length = shape.last ?? 1
    rows = length == 0 ? 0 : shape.elementCount / length
    lanes = laneCount(length: length, target)
    extents = [shape.elementCount]
    let name = signature.operation.name
    file = signature.operation == .softmax ? "Softmax.comp" : "Rowwise.comp"
    attributes = signature.attributes.words
    definitions = typeDefinitions(signature).merging(["ROWWISE_\(name)": "1"]) { first, _ in first }
      // A row is gone through three times.
      .merging(Turns.definitions(3 * (length / 4 / lanes))) { first, _ in first }
  }

  func choice(for variant: Variant) -> KernelChoice {
    let invocations = rows * variant.entries * lanes
    let local = Swift.max(lanes, Work(invocations: invocations).local)
    let isQuads = length % 4 == 0 && variant.aligned[0]
    return KernelChoice(
      file: file, definitions: definitions,
      constants: [
        UInt32(local), 1, 1, variant.modes[0].rawValue, UInt32(lanes), isQuads ? 1 : 0,
      ], words: [UInt32(rows), UInt32(length)] + attributes,
      workgroups: (invocations + local - 1) / local)
  }
}
