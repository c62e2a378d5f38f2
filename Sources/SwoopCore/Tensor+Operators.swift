// Operators. One leading `try` covers an expression; operands broadcast by NumPy's rule; an
// int32 operand beside a float32 one becomes float32. Every operator throws `shapeMismatch` or
// `deviceMismatch` for operands that do not fit.

extension Tensor {
  public static func + (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.add, lhs, rhs)
  }
  public static func + <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.add, lhs, lhs.companion(rhs))
  }
  public static func + <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.add, rhs.companion(lhs), rhs)
  }

  public static func - (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.subtract, lhs, rhs)
  }
  public static func - <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.subtract, lhs, lhs.companion(rhs))
  }
  public static func - <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.subtract, rhs.companion(lhs), rhs)
  }

  public static func * (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.multiply, lhs, rhs)
  }
  public static func * <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.multiply, lhs, lhs.companion(rhs))
  }
  public static func * <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.multiply, rhs.companion(lhs), rhs)
  }

  /// True division: int32 operands give float32.
  public static func / (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.divide, lhs, rhs)
  }
  public static func / <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.divide, lhs, lhs.companion(rhs))
  }
  public static func / <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.divide, rhs.companion(lhs), rhs)
  }

  public static prefix func - (operand: Tensor) throws(TensorError) -> Tensor {
    try make(.negate, [operand])
  }

  static func binary(
    _ operation: TensorOperation, _ lhs: Tensor, _ rhs: Tensor
  ) throws(TensorError) -> Tensor {
    let type = ElementType.promoted(lhs.elementType, rhs.elementType)
    return try make(operation, [lhs.cast(to: type), rhs.cast(to: type)])
  }

  /// The number as a tensor of no dimensions, of this tensor's element type where it fits.
  private func companion(_ scalar: some TensorScalar) throws(TensorError) -> Tensor {
    let (value, own) = scalar.tensorScalar
    let backend = node.backend
    if elementType == .int32, own == .int32 {
      guard let exact = Int32(exactly: value) else {
        throw TensorError(
          .invalidArgument,
          "\(value) stands beside an int32 tensor, whose elements lie in "
            + "\(Int32.min) ... \(Int32.max)")
      }
      return try Tensor([exact], shape: [], backend: backend)
    }
    return try Tensor([Float(value)], shape: [], backend: backend)
  }

  /// The elements as another type. float32 becomes int32 by dropping the fraction; what is too
  /// large saturates, NaN becomes 0.
  public func cast(to type: ElementType) throws(TensorError) -> Tensor {
    if type == elementType { return self }
    var attributes = Attributes()
    attributes.resultType = type
    return try Tensor.make(.cast, [self], attributes)
  }
}
