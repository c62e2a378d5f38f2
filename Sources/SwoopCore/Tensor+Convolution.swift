// Convolutions and pooling. Windows are laid out by the row `window`, products do the rest.

extension Tensor {
  /// The cross-correlation of planes with a weight, as networks call convolution: result element
  /// (n, o, r, c) is bias(o) + Σ x(n, i, r · stride + y · dilation - padding, …) · weight(o, i, y, x)
  /// over the input channels i of o's group and the kernel's y and x; outside of the plane is 0.
  ///
  /// This tensor is `[n, c, h, w]`.
  /// - Parameters:
  ///   - weight: `[o, c / groups, kernel rows, kernel columns]`.
  ///   - bias: `[o]`.
  ///   - stride, padding, dilation: one size for rows and columns, or `[rows, columns]`.
  ///   - groups: parts that channels fall into; it divides c and o.
  /// - Returns: `[n, o, rows, columns]`, rows = (h + 2 · padding - dilation · (kernel rows - 1) - 1) /
  ///   stride + 1, rounded down.
  /// - Throws: `shapeMismatch`, `invalidArgument`, `deviceMismatch`.
  public func conv2d(
    _ weight: Tensor, bias: Tensor? = nil, stride: SpatialSize = 1, padding: SpatialSize = 0,
    dilation: SpatialSize = 1, groups: Int = 1
  ) throws(TensorError) -> Tensor {
    try convolution("conv2d", weight, bias, stride, padding, dilation, groups)
  }

  /// `conv2d` in one dimension: `[n, c, l]` with a weight of `[o, c / groups, kernel]` gives
  /// `[n, o, length]`.
  /// - Throws: as `conv2d`.
  public func conv1d(
    _ weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1
  ) throws(TensorError) -> Tensor {
    guard shape.rank == 3, weight.shape.rank == 3 else {
      throw .shapeMismatch(
        "conv1d", [shape, weight.shape],
        accepted: "[n, c, l] and a weight of [o, c / groups, kernel]")
    }
    let plane = try reshaped(shape[0], shape[1], 1, shape[2])
    let kernel = try weight.reshaped(weight.shape[0], weight.shape[1], 1, weight.shape[2])
    let result = try plane.convolution(
      "conv1d", kernel, bias, SpatialSize(1, stride), SpatialSize(0, padding),
      SpatialSize(1, dilation), groups)
    return try result.reshaped(result.shape[0], result.shape[1], result.shape[3])
  }

  private func convolution(
    _ name: String, _ weight: Tensor, _ bias: Tensor?, _ stride: SpatialSize,
    _ padding: SpatialSize, _ dilation: SpatialSize, _ groups: Int
  ) throws(TensorError) -> Tensor {
    guard shape.rank == 4, weight.shape.rank == 4 else {
      throw .shapeMismatch(
        name, [shape, weight.shape],
        accepted: "[n, c, h, w] and a weight of [o, c / groups, kernel rows, kernel columns]")
    }
    let (channels, outputs) = (shape[1], weight.shape[0])
    guard groups >= 1, channels % groups == 0, outputs % groups == 0,
      weight.shape[1] == channels / groups
    else {
      throw TensorError(
        .shapeMismatch,
        "\(name) was given \(groups) groups for \(channels) channels and a weight of "
          + "\(weight.shape); groups divide channels and outputs, and the weight's second size is "
          + "channels / groups")
    }
    if let bias, bias.shape != [outputs] {
      throw .shapeMismatch(
        name, [weight.shape, bias.shape], accepted: "a bias as long as the weight's first size")
    }
    let windows = try windows(
      name, (weight.shape[2], weight.shape[3]), stride, padding, dilation, outside: 0)
    let (images, rows, columns) = (windows.shape[0], windows.shape[1], windows.shape[2])
    let depth = weight.shape.dropFirst().reduce(1, *)
    if groups == 1 {
      let flat = try windows.reshaped(images, rows, columns, depth)
      let matrix = try weight.reshaped(outputs, depth).transposed()
      return try flat.linear(matrix, bias: bias).transposed(0, 3, 1, 2)
        .cast(to: .promoted(elementType, weight.elementType))
    }
    let flat = try windows.reshaped(images * rows * columns, groups, depth).transposed(1, 0, 2)
    let matrices = try weight.reshaped(groups, outputs / groups, depth).transposed(0, 2, 1)
    let products = try flat.matmul(matrices).reshaped(
      groups, images, rows, columns, outputs / groups)
    var result = try products.transposed(1, 0, 4, 2, 3).reshaped(images, outputs, rows, columns)
    if let bias { result = try result + bias.reshaped(outputs, 1, 1) }
    return try result.cast(to: .promoted(elementType, weight.elementType))
  }

  /// The largest element of each window on planes; NaN if one of them is. Padding counts as
  /// -infinity (of integers the least).
  ///
  /// This tensor is `[n, c, h, w]`.
  /// - Parameter stride: nil for windows side by side.
  /// - Returns: `[n, c, rows, columns]`, as `conv2d`.
  /// - Throws: `shapeMismatch`, `invalidArgument`; padding is at most half of the kernel.
  public func maxPool2d(
    _ kernel: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0,
    dilation: SpatialSize = 1
  ) throws(TensorError) -> Tensor {
    let least =
      elementType.isFloatingPoint
      ? (-Float.infinity).bitPattern : UInt32(bitPattern: elementType == .int32 ? .min : 0)
    return try pooled("maxPool2d", kernel, stride, padding, dilation, outside: least) {
      windows throws(TensorError) in try windows.max(-1)
    }
  }

  /// The mean of each window on planes, in which padding counts as 0; of integers in float32.
  ///
  /// This tensor is `[n, c, h, w]`.
  /// - Parameter stride: nil for windows side by side.
  /// - Returns: `[n, c, rows, columns]`, as `conv2d`.
  /// - Throws: as `maxPool2d`.
  public func averagePool2d(
    _ kernel: SpatialSize, stride: SpatialSize? = nil, padding: SpatialSize = 0
  ) throws(TensorError) -> Tensor {
    try pooled("averagePool2d", kernel, stride, padding, 1, outside: 0) {
      windows throws(TensorError) in try windows.mean(-1)
    }
  }

  private func pooled(
    _ name: String, _ kernel: SpatialSize, _ stride: SpatialSize?, _ padding: SpatialSize,
    _ dilation: SpatialSize, outside: UInt32,
    _ reduce: (Tensor) throws(TensorError) -> Tensor
  ) throws(TensorError) -> Tensor {
    guard shape.rank == 4 else {
      throw .shapeMismatch(name, [shape], accepted: "[n, c, h, w]")
    }
    let sizes = try kernel.pair("a kernel", name)
    let edges = try padding.pair("a padding", name)
    guard edges.0 <= sizes.0 / 2, edges.1 <= sizes.1 / 2 else {
      throw TensorError(
        .invalidArgument,
        "\(name) was given a padding of \(padding) for a kernel of \(kernel); it takes half at most"
      )
    }
    let windows = try windows(
      name, sizes, stride ?? kernel, padding, dilation, outside: outside)
    let flat = try windows.reshaped(Array(windows.shape.prefix(4)) + [sizes.0 * sizes.1])
    let result = try reduce(flat).transposed(0, 3, 1, 2)
    return elementType.isFloatingPoint ? try result.cast(to: elementType) : result
  }

  private func windows(
    _ name: String, _ kernel: (Int, Int), _ stride: SpatialSize, _ padding: SpatialSize,
    _ dilation: SpatialSize, outside: UInt32
  ) throws(TensorError) -> Tensor {
    let geometry = try WindowGeometry(
      height: shape[2], width: shape[3], kernel: kernel, stride: stride.pair("a stride", name),
      padding: padding.pair("a padding", name), dilation: dilation.pair("a dilation", name),
      operation: name)
    var attributes = Attributes()
    attributes.words = geometry.words + [outside]
    return try Tensor.make(.window, [contiguous()], attributes)
  }
}
