// Rows for networks. Most functions of networks are made of rows that exist (Tensor+Networks,
// Tensor+Convolution); these are what they need besides. All give float32 or int32.

extension TensorOperation {
  static let networks = [logSoftmax, normalize, window, fold]

  /// x - max - log Σ exp(x - max) along the last axis.
  public static let logSoftmax = rowwise("logSoftmax", .logSoftmax)

  /// (x - mean) / √(variance + ε) along the last axis; without the mean where `words[1]` is 0:
  /// then the variance is the mean square. `words[0]`: the bits of ε.
  public static let normalize = rowwise("normalize", .normalized)

  /// Neighbourhoods of a row-major `[n, c, h, w]` as `[n, rows, columns, c, kernel rows, kernel
  /// columns]`; `WindowGeometry` is in the words. What lies outside of the operand is `words[12]`, as bits.
  public static let window = TensorOperation("window", .window, .rounded) {
    operands, attributes, name throws(TensorError) in
    try expect(1, operands, name)
    let geometry = try WindowGeometry(attributes.words, name)
    let shape = operands[0].shape
    guard shape.rank == 4, shape[2] == geometry.height, shape[3] == geometry.width else {
      throw .shapeMismatch(name, [shape], accepted: "[n, c, h, w]")
    }
    return TensorForm(
      try Shape([
        shape[0], geometry.rows, geometry.columns, shape[1], geometry.kernel.0, geometry.kernel.1,
      ]), operands[0].elementType.wide)
  }

  /// The adjoint of `window`: each element the sum of those that `window` takes from there.
  public static let fold = TensorOperation("fold", .window, .accumulated) {
    operands, attributes, name throws(TensorError) in
    try expect(1, operands, name)
    let geometry = try WindowGeometry(attributes.words, name)
    let shape = operands[0].shape
    let expected = [
      geometry.rows, geometry.columns, shape.rank > 3 ? shape[3] : 0, geometry.kernel.0,
      geometry.kernel.1,
    ]
    guard shape.rank == 6, Array(shape.dropFirst()) == expected else {
      throw .shapeMismatch(
        name, [shape], accepted: "[n, rows, columns, c, kernel rows, kernel columns]")
    }
    return TensorForm(
      try Shape([shape[0], shape[3], geometry.height, geometry.width]),
      operands[0].elementType.wide)
  }

  static func rowwise(_ name: String, _ precision: Precision) -> TensorOperation {
    TensorOperation(name, .rowwise, precision, computation: .floating) {
      operands, _, name throws(TensorError) in
      try expect(1, operands, name)
      return TensorForm(operands[0].shape, .float32)
    }
  }
}

/// Where windows lie on a plane, as 12 words of attributes hold it, and a thirteenth the bits of
/// what lies outside.
package struct WindowGeometry: Hashable, Sendable {
  /// The plane, and the windows on it.
  package let height: Int
  package let width: Int
  package let rows: Int
  package let columns: Int
  package let kernel: (Int, Int)
  package let stride: (Int, Int)
  package let padding: (Int, Int)
  package let dilation: (Int, Int)

  package init(_ words: [UInt32], _ name: String) throws(TensorError) {
    guard words.count >= 12 else {
      throw TensorError(.invalidArgument, "\(name) was given no geometry of windows")
    }
    let values = words.map { Int($0) }
    (height, width, rows, columns) = (values[0], values[1], values[2], values[3])
    kernel = (values[4], values[5])
    stride = (values[6], values[7])
    padding = (values[8], values[9])
    dilation = (values[10], values[11])
  }

  /// - Throws: `invalidArgument` for sizes below 1 (padding: below 0), or too large to count;
  ///   `shapeMismatch` if a window does not fit.
  package init(
    height: Int, width: Int, kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int),
    dilation: (Int, Int), operation: String
  ) throws(TensorError) {
    let limit = 1 << 24
    for (name, pair, least) in [
      ("a kernel", kernel, 1), ("a stride", stride, 1), ("a padding", padding, 0),
      ("a dilation", dilation, 1),
    ] {
      for value in [pair.0, pair.1] where value < least || value > limit {
        throw TensorError(
          .invalidArgument,
          "\(operation) was given \(name) of \(value); it takes \(least) ... \(limit)"
        )
      }
    }
    func count(_ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
      let room = size + 2 * padding - dilation * (kernel - 1) - 1
      return room < 0 ? 0 : room / stride + 1
    }
    self.height = height
    self.width = width
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    rows = count(height, kernel.0, stride.0, padding.0, dilation.0)
    columns = count(width, kernel.1, stride.1, padding.1, dilation.1)
    guard rows > 0, columns > 0 else {
      throw TensorError(
        .shapeMismatch,
        "\(operation) was given a plane of \(height) × \(width) with padding \(padding) for a "
          + "kernel of \(kernel.0) × \(kernel.1) with dilation \(dilation); the kernel must fit")
    }
  }

  package var words: [UInt32] {
    [
      height, width, rows, columns, kernel.0, kernel.1, stride.0, stride.1, padding.0, padding.1,
      dilation.0, dilation.1,
    ].map { UInt32(truncatingIfNeeded: $0) }
  }

  package static func == (a: WindowGeometry, b: WindowGeometry) -> Bool { a.words == b.words }
  package func hash(into hasher: inout Hasher) { hasher.combine(words) }
}
