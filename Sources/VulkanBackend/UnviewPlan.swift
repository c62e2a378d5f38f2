import SwoopCore

/// Zeros, and the operand where a view of the result lies.
struct UnviewPlan: KernelPlan {
  private let definitions: [String: String]
  private let count: Int
  private let words: [UInt32]
  let extents: [Int]
  var resultExtent: Int { count }

  init(_ signature: Signature) {
    let operand = signature.operands[0].layout
    let shape = operand.shape
    let view = Layout(shape, unviewing: signature.attributes.words)
    count = signature.result.shape.elementCount
    extents = [operand.extent]
    definitions = typeDefinitions(signature)
    // Counted from the view's lowest element: an axis that runs backwards is looked at from its
    // other end, in the operand too. Of a view of nothing, one axis of no elements is told.
    let isEmpty = shape.elementCount == 0
    let axes = isEmpty ? [] : view.axesByStep
    var origin = operand.origin
    var steps: [Int] = []
    for axis in axes {
      let step = operand.strides[axis]
      let isBackwards = view.strides[axis] < 0
      if isBackwards { origin += (shape[axis] - 1) * step }
      steps.append(isBackwards ? -step : step)
    }
    words =
      [UInt32(isEmpty ? 1 : axes.count)] + padded(isEmpty ? [0] : axes.map { shape[$0] })
      + padded(isEmpty ? [1] : axes.map { abs(view.strides[$0]) }) + padded(steps)
      + [UInt32(truncatingIfNeeded: view.lowest), UInt32(truncatingIfNeeded: origin)]
  }

  func choice(for variant: Variant) -> KernelChoice {
    let share = QuadShare(elements: count, entries: variant.entries)
    return KernelChoice(
      file: "Unview.comp", definitions: definitions,
      constants: [
        UInt32(share.local), 1, 1, variant.modes[0].rawValue, UInt32(share.perInvocation),
      ], words: [UInt32(count), UInt32(share.lanes)] + words, workgroups: share.workgroups)
  }
}
