extension Tensor {
  /// The matrix product over the last two axes; the axes before them broadcast. A vector
  /// counts as one row on the left, as one column on the right.
  ///
  /// Each element is accumulated in the order of the inner dimension, whatever the batch.
  /// - Parameter other: `[…, k, n]` where this tensor is `[…, m, k]`.
  /// - Returns: `[…, m, n]`.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public func matmul(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.binary(.matmul, self, other)
  }

  /// activation(self · weight + bias) in one kernel.
  /// - Parameters:
  ///   - weight: `[…, k, n]` where this tensor is `[…, m, k]` or `[k]`.
  ///   - bias: `[n]`, or nil for none.
  /// - Throws: `shapeMismatch`, `elementTypeMismatch`, `deviceMismatch`.
  public func linear(
    _ weight: Tensor, bias: Tensor? = nil, activation: Activation = .none
  ) throws(TensorError) -> Tensor {
    var attributes = Attributes()
    attributes.activation = activation
    let operands = bias.map { [self, weight, $0] } ?? [self, weight]
    return try Tensor.make(.linear, operands, attributes)
  }
}
