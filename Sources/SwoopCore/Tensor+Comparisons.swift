// Comparisons and logic, element by element; the results are bool. They throw `shapeMismatch` or
// `deviceMismatch` for operands that do not fit. Beside a NaN all comparisons are false, but `.!=`.

extension Tensor {
  public static func .== (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.equal, lhs, rhs)
  }
  public static func .== <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.equal, lhs, rhs)
  }
  public static func .== <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.equal, lhs, rhs)
  }

  public static func .!= (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.notEqual, lhs, rhs)
  }
  public static func .!= <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.notEqual, lhs, rhs)
  }
  public static func .!= <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.notEqual, lhs, rhs)
  }

  public static func .< (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.less, lhs, rhs)
  }
  public static func .< <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.less, lhs, rhs)
  }
  public static func .< <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.less, lhs, rhs)
  }

  public static func .<= (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.lessOrEqual, lhs, rhs)
  }
  public static func .<= <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.lessOrEqual, lhs, rhs)
  }
  public static func .<= <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.lessOrEqual, lhs, rhs)
  }

  public static func .> (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.greater, lhs, rhs)
  }
  public static func .> <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.greater, lhs, rhs)
  }
  public static func .> <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.greater, lhs, rhs)
  }

  public static func .>= (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.greaterOrEqual, lhs, rhs)
  }
  public static func .>= <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.greaterOrEqual, lhs, rhs)
  }
  public static func .>= <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.greaterOrEqual, lhs, rhs)
  }

  /// And: of what is not 0.
  public static func .& (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.logicalAnd, lhs, rhs)
  }

  /// Or of what is not 0.
  public static func .| (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.logicalOr, lhs, rhs)
  }

  /// Xor of what is not 0.
  public static func .^ (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.logicalXor, lhs, rhs)
  }

  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static func & (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.bitwiseAnd, lhs, rhs)
  }
  public static func & <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.bitwiseAnd, lhs, rhs)
  }

  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static func | (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.bitwiseOr, lhs, rhs)
  }
  public static func | <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.bitwiseOr, lhs, rhs)
  }

  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static func ^ (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.bitwiseXor, lhs, rhs)
  }
  public static func ^ <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.bitwiseXor, lhs, rhs)
  }

  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static func << (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.shiftLeft, lhs, rhs)
  }
  public static func << <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.shiftLeft, lhs, rhs)
  }

  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static func >> (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.shiftRight, lhs, rhs)
  }
  public static func >> <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.shiftRight, lhs, rhs)
  }

  /// Every bit the other way; of bool, not.
  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static prefix func ~ (operand: Tensor) throws(TensorError) -> Tensor {
    try make(.bitwiseNot, [operand])
  }

  /// Whether the element is 0.
  public static prefix func .! (operand: Tensor) throws(TensorError) -> Tensor {
    try make(.logicalNot, [operand])
  }

  /// Whether an element is not a number; of integers never.
  public func isNaN() throws(TensorError) -> Tensor { try Tensor.make(.isNaN, [self]) }

  public func isInfinite() throws(TensorError) -> Tensor { try Tensor.make(.isInfinite, [self]) }

  /// Whether an element is neither infinite nor NaN.
  public func isFinite() throws(TensorError) -> Tensor { try Tensor.make(.isFinite, [self]) }

  /// `x` where the condition is not 0, `y` elsewhere.
  public static func `where`(
    _ condition: Tensor, _ x: Tensor, _ y: Tensor
  ) throws(TensorError) -> Tensor {
    try make(.where, [condition, x, y])
  }
  public static func `where`<S: TensorScalar>(
    _ condition: Tensor, _ x: Tensor, _ y: S
  ) throws(TensorError) -> Tensor {
    try make(.where, [condition, x, x.companion(y, .where)])
  }
  public static func `where`<S: TensorScalar>(
    _ condition: Tensor, _ x: S, _ y: Tensor
  ) throws(TensorError) -> Tensor {
    try make(.where, [condition, y.companion(x, .where), y])
  }
}

prefix operator .!
