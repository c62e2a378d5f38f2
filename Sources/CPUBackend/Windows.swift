import SwoopCore

extension CPUBackend {
  /// Windows on planes, and their adjoint. Operands are row-major.
  static let windowKernels: [TensorOperation: Kernel] = [
    .window: { call throws(TensorError) in
      let outside = call.attributes.words.count > 12 ? call.attributes.words[12] : 0
      if call.operands[0].elementType == .float32 {
        try window(call, outside: Float(bitPattern: outside))
      } else {
        try window(call, outside: Int32(bitPattern: outside))
      }
    },
    .fold: { call throws(TensorError) in
      if call.operands[0].elementType == .float32 {
        try fold(call) { (a: Float, b: Float) in a + b }
      } else {
        try fold(call) { (a: Int32, b: Int32) in a &+ b }
      }
    },
  ]

  private static func window<E: TensorElement>(
    _ call: KernelCall, outside: E
  ) throws(TensorError) {
    let geometry = try WindowGeometry(call.attributes.words, "window")
    let plane = call.operands[0].elements(as: E.self)
    var next = call.result(as: E.self)
    visit(geometry, images: call.form.shape[0], channels: call.form.shape[3]) { source in
      next.pointee = source.map { plane[$0] } ?? outside
      next += 1
    }
  }

  private static func fold<E: TensorElement & Numeric>(
    _ call: KernelCall, _ add: (E, E) -> E
  ) throws(TensorError) {
    let geometry = try WindowGeometry(call.attributes.words, "fold")
    let windows = call.operands[0].elements(as: E.self)
    let result = call.result(as: E.self)
    result.update(repeating: 0, count: call.form.shape.elementCount)
    var index = 0
    visit(geometry, images: call.form.shape[0], channels: call.form.shape[1]) { source in
      if let source { result[source] = add(result[source], windows[index]) }
      index += 1
    }
  }

  /// Calls `body` with the place in the planes of each element of the windows, in order; nil
  /// for what lies outside.
  @inline(__always)
  private static func visit(
    _ geometry: WindowGeometry, images: Int, channels: Int, _ body: (Int?) -> Void
  ) {
    for image in 0..<images {
      for row in 0..<geometry.rows {
        for column in 0..<geometry.columns {
          for channel in 0..<channels {
            let start = (image * channels + channel) * geometry.height
            for kernelRow in 0..<geometry.kernel.0 {
              let y = row * geometry.stride.0 + kernelRow * geometry.dilation.0 - geometry.padding.0
              for kernelColumn in 0..<geometry.kernel.1 {
                let x =
                  column * geometry.stride.1 + kernelColumn * geometry.dilation.1
                  - geometry.padding.1
                let isInside = (0..<geometry.height).contains(y) && (0..<geometry.width).contains(x)
                body(isInside ? (start + y) * geometry.width + x : nil)
              }
            }
          }
        }
      }
    }
  }
}
