import SwoopCore

extension CPUBackend {
  /// Operations that move elements.
  static let movingKernels: [TensorOperation: Kernel] = [
    .concatenate: { call in
      if call.operands[0].elementType == .float32 {
        join(call, Float.self)
      } else {
        join(call, Int32.self)
      }
    },
    .replace: { call in
      if call.operands[0].elementType == .float32 {
        place(call, Float.self)
      } else {
        place(call, Int32.self)
      }
    },
  ]

  private static func join<E: TensorElement>(_ call: KernelCall, _ type: E.Type) {
    let (shape, axis) = (call.form.shape, call.attributes.axes[0])
    let inner = shape.dropFirst(axis + 1).reduce(1, *)
    let row = shape[axis] * inner
    var start = call.result(as: type)
    for operand in call.operands {
      let run = operand.layout.shape[axis] * inner
      let source = operand.elements(as: type)
      // Row-major elements, a run of them in each row of the result.
      var (target, column) = (start, 0)
      Walk(operand.layout.shape, operand.layout).visit { offset, _ in
        if column == run {
          target += row
          column = 0
        }
        target[column] = source[offset]
        column += 1
      }
      start += run
    }
  }

  private static func place<E: TensorElement>(_ call: KernelCall, _ type: E.Type) {
    let (whole, part, shape) = (call.operands[0], call.operands[1], call.form.shape)
    let result = call.result(as: type)
    mapRows(shape, whole, result) { (x: E) in x }
    let dense = Layout(shape)
    var (first, steps) = (0, InlineArray<8, Int>(repeating: 0))
    for axis in 0..<shape.rank {
      first += Int(call.attributes.words[axis]) * dense.strides[axis]
      steps[axis] = Int(call.attributes.words[shape.rank + axis]) * dense.strides[axis]
    }
    let target = Layout(shape: part.layout.shape, strides: steps, offset: 0)
    let source = part.elements(as: type)
    Walk(part.layout.shape, part.layout, target).visit { offset, place in
      result[first + place] = source[offset]
    }
  }
}
