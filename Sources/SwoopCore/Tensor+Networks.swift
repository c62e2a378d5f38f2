// Functions of networks. Integers are taken as float32.

extension Tensor {
  /// x - max - log Σ exp(x - max) along `axis`: the logarithm of `softmax`, without its underflow.
  /// - Throws: `invalidAxis`.
  public func logSoftmax(_ axis: Int = -1) throws(TensorError) -> Tensor {
    try alongLast(axis, .logSoftmax)
  }

  /// The rows of this table, `[n, d]`, at `indices`: `result[…, i] = self[indices[…], i]`.
  ///
  /// The gradient of a row is the sum over all places that it was taken for, in the order of the
  /// indices: the same bits each time.
  /// - Parameter indices: int32 or uint8, of any shape; negative ones count from the last row.
  /// - Returns: the indices' shape and `[d]` behind it, of the table's element type.
  /// - Throws: `shapeMismatch` for a table of another rank, `elementTypeMismatch`,
  ///   `deviceMismatch`, `invalidShape`; readers get `indexOutOfRange`, which names `take`.
  public func embedding(_ indices: Tensor) throws(TensorError) -> Tensor {
    guard shape.rank == 2 else {
      throw .shapeMismatch(
        "embedding", [shape, indices.shape], accepted: "a table [n, d], and indices of any shape")
    }
    return try taking(indices)
  }

  /// (x - mean) / √(variance + ε) · weight + bias along the last axis (Ba, Kiros and Hinton, "Layer
  /// normalization", 2016).
  /// - Parameters:
  ///   - weight, bias: of as many elements as the last axis, or nil for 1 and 0.
  ///   - epsilon: added to the variance, 0 or more.
  /// - Throws: `invalidArgument`, `invalidAxis` for a scalar, `shapeMismatch`.
  public func layerNorm(
    weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Float = 1e-5
  ) throws(TensorError) -> Tensor {
    try normalized("layerNorm", isCentred: true, epsilon).scaled("layerNorm", weight, bias)
  }

  /// x / √(mean of x² + ε) · weight along the last axis (Zhang and Sennrich, "Root mean square layer
  /// normalization", 2019).
  /// - Throws: as `layerNorm`.
  public func rmsNorm(
    weight: Tensor? = nil, epsilon: Float = 1e-5
  ) throws(TensorError) -> Tensor {
    try normalized("rmsNorm", isCentred: false, epsilon).scaled("rmsNorm", weight, nil)
  }

  /// (x - mean) / √(variance + ε) · weight + bias with the statistics of a trained network, along
  /// axis 1 of `[n, c, …]` (Ioffe and Szegedy, "Batch normalization", 2015).
  /// - Parameters:
  ///   - mean, variance, weight, bias: `[c]`.
  /// - Throws: `invalidArgument`, `shapeMismatch`.
  public func batchNorm(
    mean: Tensor, variance: Tensor, weight: Tensor? = nil, bias: Tensor? = nil,
    epsilon: Float = 1e-5
  ) throws(TensorError) -> Tensor {
    try Tensor.check(epsilon, "batchNorm")
    guard shape.rank >= 2 else {
      throw .shapeMismatch("batchNorm", [shape], accepted: "[n, c, …]")
    }
    let sizes = [shape[1]] + Array(repeating: 1, count: shape.rank - 2)
    func column(_ tensor: Tensor) throws(TensorError) -> Tensor {
      guard tensor.shape == [shape[1]] else {
        throw .shapeMismatch(
          "batchNorm", [shape, tensor.shape], accepted: "[n, c, …] and statistics of [c]")
      }
      return try tensor.reshaped(sizes)
    }
    let scale = try column(variance) + epsilon
    var result = try (self - column(mean)) / scale.sqrt()
    if let weight { result = try result * column(weight) }
    if let bias { result = try result + column(bias) }
    return result
  }

  /// softmax(q · kᵀ · scale + mask) · v: attention (Vaswani et al., "Attention is all you need", 2017).
  /// This tensor is q, `[…, m, d]`.
  /// - Parameters:
  ///   - keys: `[…, n, d]`.
  ///   - values: `[…, n, e]`.
  ///   - mask: bool, where false hides a key from a query; or numbers that are added. Broadcasts
  ///     to `[…, m, n]`. A query from which all keys are
  ///     hidden gives NaN; without any keys it gives 0.
  ///   - isCausal: hides key j from query i where j - (n - m) > i.
  ///   - scale: 1 / √d unless given.
  /// - Returns: `[…, m, e]`.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public func scaledDotProductAttention(
    keys: Tensor, values: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Float? = nil
  ) throws(TensorError) -> Tensor {
    guard shape.rank >= 2, keys.shape.rank >= 2, values.shape.rank >= 2,
      shape.last == keys.shape.last,
      keys.shape[keys.shape.rank - 2] == values.shape[values.shape.rank - 2]
    else {
      throw .shapeMismatch(
        "scaledDotProductAttention", [shape, keys.shape, values.shape],
        accepted: "queries […, m, d], keys […, n, d] and values […, n, e]")
    }
    let depth = shape[shape.rank - 1]
    let scale = scale ?? 1 / Float(Swift.max(depth, 1)).squareRoot()
    var scores = try matmul(keys.swappingLastAxes()) * scale
    if isCausal {
      let hidden = try Tensor.causalMask(
        shape[shape.rank - 2], keys.shape[keys.shape.rank - 2], node.backend)
      scores = try Tensor.where(hidden, -Float.infinity, scores)
    }
    if let mask {
      scores =
        mask.elementType == .bool
        ? try Tensor.where(mask, scores, -Float.infinity) : try scores + mask
    }
    return try scores.softmax().matmul(values)
  }

  /// The last two axes exchanged; a view.
  package func swappingLastAxes() throws(TensorError) -> Tensor {
    var axes = Array(0..<shape.rank)
    axes.swapAt(shape.rank - 1, shape.rank - 2)
    return try transposed(axes)
  }

  private static func causalMask(
    _ queries: Int, _ keys: Int, _ backend: any Backend
  ) throws(TensorError) -> Tensor {
    func count(_ size: Int, from first: Int, _ shape: Shape) throws(TensorError) -> Tensor {
      try Tensor((0..<size).map { Int32($0 + first) }, shape: shape, backend: backend)
    }
    return try count(keys, from: queries - keys, [1, keys])
      .> count(queries, from: 0, [queries, 1])
  }

  /// A row of the rowwise family along any axis.
  func alongLast(
    _ axis: Int, _ operation: TensorOperation, _ attributes: Attributes = Attributes()
  ) throws(TensorError) -> Tensor {
    let axis = try shape.normalized(axis: axis, operation: operation.name)
    let type = elementType.floating
    if axis == shape.rank - 1 {
      return try Tensor.make(operation, [contiguous()], attributes).cast(to: type)
    }
    var order = Array(0..<shape.rank)
    order.swapAt(axis, shape.rank - 1)
    let moved = try transposed(order).contiguous()
    return try Tensor.make(operation, [moved], attributes).transposed(order).cast(to: type)
  }

  private static func check(_ epsilon: Float, _ name: String) throws(TensorError) {
    guard epsilon >= 0, epsilon.isFinite else {
      throw TensorError(
        .invalidArgument, "\(name) was given an epsilon of \(epsilon); it takes 0 or more")
    }
  }

  private func normalized(
    _ name: String, isCentred: Bool, _ epsilon: Float
  ) throws(TensorError) -> Tensor {
    try Tensor.check(epsilon, name)
    var attributes = Attributes()
    attributes.words = [epsilon.bitPattern, isCentred ? 1 : 0]
    return try alongLast(-1, .normalize, attributes)
  }

  private func scaled(
    _ name: String, _ weight: Tensor?, _ bias: Tensor?
  ) throws(TensorError) -> Tensor {
    for tensor in [weight, bias].compactMap({ $0 }) {
      guard tensor.shape.rank == 1, tensor.shape[0] == shape.last else {
        throw .shapeMismatch(
          name, [shape, tensor.shape], accepted: "a weight and a bias as long as the last axis")
      }
    }
    var result = self
    if let weight { result = try result * weight }
    if let bias { result = try result + bias }
    return result
  }
}
