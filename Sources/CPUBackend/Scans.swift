import SwoopCore

extension CPUBackend {
  /// Along an axis, one element after the other: n - 1 roundings for a sum or product of n.
  static let scanKernels: [TensorOperation: Kernel] = [
    .cumulativeSum: { scan($0, Float(0), { $0 + $1 }, Int32(0), { $0 &+ $1 }) },
    .cumulativeProduct: { scan($0, Float(1), { $0 * $1 }, Int32(1), { $0 &* $1 }) },
    .cumulativeMax: {
      scan(
        $0, -Float.infinity, { $1.exceeds($0) ? $1 : $0 }, Int32.min, { Swift.max($0, $1) })
    },
  ]

  private static func scan(
    _ call: KernelCall, _ float: Float, _ combineFloats: (Float, Float) -> Float,
    _ integer: Int32, _ combineIntegers: (Int32, Int32) -> Int32
  ) {
    if call.operands[0].elementType == .float32 {
      scan(call, float, combineFloats)
    } else {
      scan(call, integer, combineIntegers)
    }
  }

  @inline(__always)
  private static func scan<E: TensorElement>(
    _ call: KernelCall, _ start: E, _ combine: (E, E) -> E
  ) {
    let x = call.operands[0].elements(as: E.self)
    let lines = Lines(call.operands[0].layout, axis: call.attributes.axes[0])
    let width = lines.inner.count
    var row = call.result(as: E.self)
    for outer in lines.outer {
      for (column, inner) in lines.inner.enumerated() {
        var partial = start
        for place in 0..<lines.length {
          partial = combine(partial, x[outer + inner + place * lines.step])
          row[place * width + column] = partial
        }
      }
      row += lines.length * width
    }
  }
}
