extension Tensor {
  /// The matrix product over the last two axes; the axes before them broadcast. A vector
  /// counts as one row on the left, as one column on the right.
  ///
  /// Each element is accumulated in the order of the inner dimension, whatever the batch.
  /// - Parameter other: `[…, k, n]` where this tensor is `[…, m, k]`.
  /// - Returns: `[…, m, n]`.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public func matmul(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.product(.matmul, Operands(self, other))
  }

  /// activation(self · weight + bias) in one kernel.
  /// - Parameters:
  ///   - weight: `[…, k, n]` where this tensor is `[…, m, k]` or `[k]`.
  ///   - bias: `[n]`, or nil for none.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public func linear(
    _ weight: Tensor, bias: Tensor? = nil, activation: Activation = .none
  ) throws(TensorError) -> Tensor {
    var attributes = Attributes()
    attributes.activation = activation
    return try Tensor.product(.linear, Operands(self, weight, bias), attributes)
  }

  /// A product in float32 or int32, of operands of any types that meet.
  private static func product(
    _ operation: TensorOperation, _ operands: Operands, _ attributes: Attributes = Attributes()
  ) throws(TensorError) -> Tensor {
    var type = operands[0].elementType
    var isReady = type == type.wide
    operands.visit { _, operand in
      if operand.elementType != type || !operand.isUpright { isReady = false }
    }
    if isReady { return try make(operation, operands, attributes) }
    for operand in operands.dropFirst() { type = .promoted(type, operand.elementType) }
    var wide: [Tensor] = []
    for operand in operands { wide.append(try operand.cast(to: type.wide).upright()) }
    return try make(operation, wide, attributes).cast(to: type)
  }
}
