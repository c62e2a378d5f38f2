import SwoopCore

/// The first pass of a sort.
struct SortPlan: KernelPlan {
  private let definitions: [String: String]
  private let sizes: LineSizes
  private let order: UInt32
  private let axisSize: Int
  private let operand: [UInt32]
  private let count: Int
  let extents: [Int]
  var resultExtent: Int { count * 2 }
  let indexTest: IndexTest?

  init(_ signature: Signature) {
    let layout = signature.operands[0].layout
    let axis = signature.attributes.axes[0]
    sizes = LineSizes(layout.shape, axis: axis)
    order = signature.attributes.words[0]
    axisSize = Int(signature.attributes.words[1])
    operand = lineWords(layout, axis: axis)
    count = layout.shape.elementCount
    extents = [layout.extent]
    definitions = typeDefinitions(signature)
    indexTest =
      order == TensorOperation.SortOrder.indices.rawValue
      ? IndexTest(
        operation: TensorOperation.indexed(by: signature.attributes).name, size: axisSize) : nil
  }

  func choice(for variant: Variant) -> KernelChoice {
    let work = Work(invocations: count * variant.entries)
    return KernelChoice(
      file: "Sort.comp", definitions: definitions,
      constants: work.constants(variant.modes, [TensorOperation.sortedRun, Int(order)]),
      words: words([count, sizes.length, sizes.inner, axisSize]) + operand,
      workgroups: work.workgroups)
  }
}

/// A further pass of a sort.
struct MergePlan: KernelPlan {
  private let definitions: [String: String]
  private let count: Int
  private let sizes: [UInt32]
  let extents: [Int]
  var resultExtent: Int { count * 2 }

  init(_ signature: Signature) {
    definitions = typeDefinitions(signature)
    count = signature.result.shape.elementCount / 2
    sizes = signature.attributes.words
    extents = [signature.operands[0].layout.extent]
  }

  func choice(for variant: Variant) -> KernelChoice {
    let work = Work(invocations: count * variant.entries)
    return KernelChoice(
      file: "Merge.comp", definitions: definitions, constants: work.constants(variant.modes),
      words: words([count]) + sizes, workgroups: work.workgroups)
  }
}

/// The places of values in a sorted line.
struct SearchPlan: KernelPlan {
  private let definitions: [String: String]
  private let length: Int
  private let isBehind: Bool
  private let lines: [UInt32]
  let extents: [Int]
  let resultExtent: Int

  init(_ signature: Signature) {
    let (sorted, values) = (signature.operands[0].layout, signature.operands[1].layout)
    definitions = typeDefinitions(signature)
    length = sorted.shape[0]
    isBehind = signature.attributes.words[0] == 1
    lines = lineWords(sorted, axis: 0) + elementWords(values)
    extents = [sorted.extent, values.extent]
    resultExtent = values.shape.elementCount
  }

  func choice(for variant: Variant) -> KernelChoice {
    let work = Work(invocations: resultExtent * variant.entries)
    return KernelChoice(
      file: "Search.comp", definitions: definitions,
      constants: work.constants(variant.modes, [isBehind ? 1 : 0]),
      words: words([resultExtent, length]) + lines, workgroups: work.workgroups)
  }
}
