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
    _ operation: TensorOperation, _ operands: consuming Operands,
    _ attributes: Attributes = Attributes()
  ) throws(TensorError) -> Tensor {
    var type = operands[0].look { node, _ in node.form.elementType }
    var isReady = type == type.wide
    operands.visit { _, operand in
      let isFine = operand.look { node, view in
        node.form.elementType == type && (view?.isUpright ?? true)
      }
      if !isFine { isReady = false }
    }
    if isReady { return try make(operation, operands, attributes) }
    let tensors = operands.tensors
    for tensor in tensors { type = .promoted(type, tensor.elementType) }
    var wide: [Tensor] = []
    for tensor in tensors { wide.append(try tensor.cast(to: type.wide).upright()) }
    return try make(operation, wide, attributes).cast(to: type)
  }
}
