import SwoopCore

extension CPUBackend {
  /// Zeros, and the operand where a view of the result lies.
  static let unviewKernels: [TensorOperation: Kernel] = [
    .unview: { call in
      // Zeros of float32 and of int32 have the same bits, and copies keep them.
      let result = call.result(as: Int32.self)
      result.update(repeating: 0, count: call.form.shape.elementCount)
      let operand = call.operands[0]
      let shape = operand.layout.shape
      let view = Layout(shape, unviewing: call.attributes.words)
      let elements = operand.start.assumingMemoryBound(to: Int32.self) + operand.layout.offset
      Walk(shape, view, operand.layout).visit { place, source in
        result[view.offset + place] = elements[source]
      }
    }
  ]
}
