// Operators. One leading `try` covers an expression; operands broadcast by NumPy's rule, and
// their types meet as `ElementType.promoted` says. Every operator throws `shapeMismatch`,
// `elementTypeMismatch` or `deviceMismatch` for operands that do not fit.

extension Tensor {
  /// The sum; of bool, or.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func + (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.add, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func + <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.add, lhs, rhs)
  }
  /// The same with a number on the left.
  public static func + <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.add, lhs, rhs)
  }

  /// The difference.
  /// - Throws: `shapeMismatch`, `deviceMismatch`; `elementTypeMismatch` for bool.
  public static func - (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.subtract, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func - <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.subtract, lhs, rhs)
  }
  /// The same with a number on the left.
  public static func - <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.subtract, lhs, rhs)
  }

  /// The product, element by element; of bool, and. `matmul(_:)` is the matrix product.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func * (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.multiply, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func * <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.multiply, lhs, rhs)
  }
  /// The same with a number on the left.
  public static func * <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.multiply, lhs, rhs)
  }

  /// True division: integer operands give float32.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func / (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.divide, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func / <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.divide, lhs, rhs)
  }
  /// The same with a number on the left.
  public static func / <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.divide, lhs, rhs)
  }

  /// The elements with the other sign.
  /// - Throws: `elementTypeMismatch` for bool.
  public static prefix func - (operand: Tensor) throws(TensorError) -> Tensor {
    try make(.negate, Operands(operand))
  }

  static func binary(
    _ operation: TensorOperation, _ lhs: Tensor, _ rhs: Tensor
  ) throws(TensorError) -> Tensor {
    try make(operation, Operands(lhs, rhs))
  }

  static func binary<S: TensorScalar>(
    _ operation: TensorOperation, _ lhs: Tensor, _ rhs: S
  ) throws(TensorError) -> Tensor {
    try make(operation, Operands(lhs, lhs.companion(rhs, operation)))
  }

  static func binary<S: TensorScalar>(
    _ operation: TensorOperation, _ lhs: S, _ rhs: Tensor
  ) throws(TensorError) -> Tensor {
    try make(operation, Operands(rhs.companion(lhs, operation), rhs))
  }

  /// The number as a tensor of no dimensions, of this tensor's element type where it fits.
  func companion(
    _ scalar: some TensorScalar, _ operation: TensorOperation
  ) throws(TensorError) -> Tensor {
    try Tensor(
      scalar: scalar, as: scalar.elementType(beside: elementType), for: operation.name,
      backend: node.backend)
  }

  /// The elements as another type.
  ///
  /// To a floating-point type: the nearest number, ties to even. From one to an integer type: the
  /// fraction is dropped, what is too large saturates, NaN becomes 0. int32 to uint8: the lower
  /// eight bits. To bool: whether the element is not 0.
  public func cast(to type: ElementType) throws(TensorError) -> Tensor {
    if type == elementType { return self }
    var attributes = Attributes()
    attributes.resultType = type
    return try Tensor.make(.cast, [self], attributes)
  }
}
