import SwoopCore

/// Results of one invocation of kernels that find their operands' places one by one.
private let perInvocation = 4

/// Elements that indices choose: take, takeAlong and oneHot.
struct GatherPlan: KernelPlan {
  private let definitions: [String: String]
  private let head: [Int]
  private let lines: [UInt32]
  let extents: [Int]
  let resultExtent: Int
  let indexTest: IndexTest?

  init(_ signature: Signature) {
    let count = signature.result.shape.elementCount
    let indices = signature.operands[signature.operands.count - 1].layout
    var definitions = typeDefinitions(signature)
    var size = Int(signature.attributes.words.first ?? 0)
    if signature.operation == .oneHot {
      definitions["ONE_HOT"] = "1"
      head = [indices.shape.elementCount, 1, size]
      lines = elementWords(indices)
    } else {
      let axis = signature.attributes.axes[0]
      let layout = signature.operands[0].layout
      let sizes = LineSizes(signature.result.shape, axis: axis)
      size = layout.shape[axis]
      head = [sizes.length, sizes.inner, size]
      let isAlong = signature.operation == .takeAlong
      if isAlong { definitions["ALONG"] = "1" }
      lines =
        (isAlong ? lineWords(indices, axis: axis) : elementWords(indices))
        + lineWords(layout, axis: axis)
    }
    self.definitions = definitions
    extents = signature.operands.map(\.layout.extent)
    resultExtent = count
    indexTest = IndexTest(operation: signature.operation.name, size: size)
  }

  func choice(for variant: Variant) -> KernelChoice {
    let lanes = (resultExtent + perInvocation - 1) / perInvocation
    let work = Work(invocations: lanes * variant.entries)
    let modes = variant.modes + Array(repeating: .shared, count: 2 - variant.modes.count)
    return KernelChoice(
      file: "Gather.comp", definitions: definitions,
      constants: work.constants(modes, [perInvocation]),
      words: words([resultExtent, lanes] + head) + lines, workgroups: work.workgroups)
  }
}

/// An operand with updates at some places: scatter and scatterAdd.
struct ScatterPlan: KernelPlan {
  private let definitions: [String: String]
  private let head: [Int]
  private let lines: [UInt32]
  let extents: [Int]
  let resultExtent: Int

  init(_ signature: Signature) {
    let axis = signature.attributes.axes[0]
    let (layout, updates) = (signature.operands[0].layout, signature.operands[1].layout)
    let sizes = LineSizes(layout.shape, axis: axis)
    head = [
      sizes.length, sizes.inner, Int(signature.attributes.words[1]),
      Int(signature.attributes.words[0]),
    ]
    lines = lineWords(layout, axis: axis) + lineWords(updates, axis: axis)
    extents = signature.operands.map(\.layout.extent)
    resultExtent = layout.shape.elementCount
    definitions = typeDefinitions(signature).merging([
      "SCATTER_\(signature.operation.name)": "1"
    ]) { first, _ in first }
  }

  func choice(for variant: Variant) -> KernelChoice {
    // One result an invocation: the turns of its loops are for the updates of one place.
    let work = Work(invocations: resultExtent * variant.entries)
    return KernelChoice(
      file: "Scatter.comp", definitions: definitions, constants: work.constants(variant.modes, [1]),
      words: words([resultExtent, resultExtent] + head) + lines, workgroups: work.workgroups)
  }
}
