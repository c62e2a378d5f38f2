extension Layout {
  /// The part of it that the selections take.
  func selecting(_ selections: [AxisSelection]) -> Layout {
    var sizes: [Int] = []
    var steps = InlineArray<8, Int>(repeating: 0)
    var start = offset
    let kept = selections.filter { !$0.isDropped }
    for selection in selections {
      guard let axis = selection.axis, selection.count > 0 else { continue }
      start += selection.start * strides[axis]
    }
    for selection in kept {
      if let axis = selection.axis { steps[sizes.count] = strides[axis] * selection.step }
      sizes.append(selection.count)
    }
    let shape = Shape(unchecked: sizes)
    return Layout(shape: shape, strides: steps, offset: shape.elementCount == 0 ? offset : start)
  }

  /// The same elements in the same order under another shape of as many; nil if no steps of that
  /// shape lead to them.
  func reshaped(to target: Shape) -> Layout? {
    var result = Layout(target)
    result.offset = offset
    if isContiguous || target.elementCount == 0 { return result }
    // Axes that continue each other are one run; a run can be cut, two cannot be joined.
    var runs: [(size: Int, step: Int)] = []
    for axis in 0..<shape.rank where shape[axis] != 1 {
      if let last = runs.last, last.step == strides[axis] * shape[axis] {
        runs[runs.count - 1] = (last.size * shape[axis], strides[axis])
      } else {
        runs.append((shape[axis], strides[axis]))
      }
    }
    var steps = InlineArray<8, Int>(repeating: 0)
    var (left, step) = (1, 0)
    for axis in stride(from: target.rank - 1, through: 0, by: -1) where target[axis] != 1 {
      if left == 1, let run = runs.popLast() { (left, step) = run }
      guard left % target[axis] == 0 else { return nil }
      steps[axis] = step
      step *= target[axis]
      left /= target[axis]
    }
    return Layout(shape: target, strides: steps, offset: offset)
  }
}

extension Tensor {
  /// The same node seen under a layout.
  func viewed(_ layout: Layout) -> Tensor {
    if layout.isContiguous, layout.offset == 0, layout.shape == node.form.shape {
      return Tensor(node)
    }
    return Tensor(node, view: View(layout))
  }
}
