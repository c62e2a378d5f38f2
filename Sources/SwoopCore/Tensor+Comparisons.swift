// Comparisons and logic, element by element; the results are bool. They throw `shapeMismatch` or
// `deviceMismatch` for operands that do not fit. Beside a NaN all comparisons are false, but `.!=`.

extension Tensor {
  /// Whether elements are equal; bool.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func .== (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.equal, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func .== <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.equal, lhs, rhs)
  }
  /// The same with a number on the left.
  public static func .== <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.equal, lhs, rhs)
  }

  /// Whether elements differ, as a NaN does from everything; bool.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func .!= (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.notEqual, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func .!= <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.notEqual, lhs, rhs)
  }
  /// The same with a number on the left.
  public static func .!= <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.notEqual, lhs, rhs)
  }

  /// Whether elements of the first are less; bool.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func .< (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.less, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func .< <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.less, lhs, rhs)
  }
  /// The same with a number on the left.
  public static func .< <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.less, lhs, rhs)
  }

  /// Whether elements of the first are less or equal; bool.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func .<= (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.lessOrEqual, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func .<= <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.lessOrEqual, lhs, rhs)
  }
  /// The same with a number on the left.
  public static func .<= <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.lessOrEqual, lhs, rhs)
  }

  /// Whether elements of the first are greater; bool.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func .> (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.greater, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func .> <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.greater, lhs, rhs)
  }
  /// The same with a number on the left.
  public static func .> <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.greater, lhs, rhs)
  }

  /// Whether elements of the first are greater or equal; bool.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func .>= (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.greaterOrEqual, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func .>= <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.greaterOrEqual, lhs, rhs)
  }
  /// The same with a number on the left.
  public static func .>= <S: TensorScalar>(lhs: S, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.greaterOrEqual, lhs, rhs)
  }

  /// Whether neither is 0; bool.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func .& (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.logicalAnd, lhs, rhs)
  }

  /// Whether one of both is not 0; bool.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func .| (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.logicalOr, lhs, rhs)
  }

  /// Whether exactly one of both is not 0; bool.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func .^ (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.logicalXor, lhs, rhs)
  }

  /// The bits that both have; of bool, and.
  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static func & (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.bitwiseAnd, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func & <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.bitwiseAnd, lhs, rhs)
  }

  /// The bits that either has; of bool, or.
  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static func | (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.bitwiseOr, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func | <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.bitwiseOr, lhs, rhs)
  }

  /// The bits that one of both has; of bool, exclusive or.
  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static func ^ (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.bitwiseXor, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func ^ <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.bitwiseXor, lhs, rhs)
  }

  /// The bits moved up by so many places; by 32 or more, or a negative number, 0.
  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static func << (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.shiftLeft, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func << <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.shiftLeft, lhs, rhs)
  }

  /// The bits moved down by so many places, the sign kept; by 32 or more, or a negative number, 0
  /// or -1.
  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static func >> (lhs: Tensor, rhs: Tensor) throws(TensorError) -> Tensor {
    try binary(.shiftRight, lhs, rhs)
  }
  /// The same with a number on the right.
  public static func >> <S: TensorScalar>(lhs: Tensor, rhs: S) throws(TensorError) -> Tensor {
    try binary(.shiftRight, lhs, rhs)
  }

  /// Every bit the other way; of bool, not.
  /// - Throws: `elementTypeMismatch` for floating-point operands.
  public static prefix func ~ (operand: Tensor) throws(TensorError) -> Tensor {
    try make(.bitwiseNot, Operands(operand))
  }

  /// Whether the element is 0.
  public static prefix func .! (operand: Tensor) throws(TensorError) -> Tensor {
    try make(.logicalNot, Operands(operand))
  }

  /// Whether an element is not a number; of integers never.
  public func isNaN() throws(TensorError) -> Tensor { try Tensor.make(.isNaN, Operands(self)) }

  /// Whether an element is an infinity of either sign; of integers never.
  public func isInfinite() throws(TensorError) -> Tensor {
    try Tensor.make(.isInfinite, Operands(self))
  }

  /// Whether an element is neither infinite nor NaN.
  public func isFinite() throws(TensorError) -> Tensor {
    try Tensor.make(.isFinite, Operands(self))
  }

  /// `x` where the condition is not 0, `y` elsewhere. The three broadcast; the result is of the
  /// element type that `x` and `y` meet in.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public static func `where`(
    _ condition: Tensor, _ x: Tensor, _ y: Tensor
  ) throws(TensorError) -> Tensor {
    try make(.where, Operands(condition, x, y))
  }
  /// The same with a number for `y`.
  public static func `where`<S: TensorScalar>(
    _ condition: Tensor, _ x: Tensor, _ y: S
  ) throws(TensorError) -> Tensor {
    try make(.where, Operands(condition, x, x.companion(y, .where)))
  }
  /// The same with a number for `x`.
  public static func `where`<S: TensorScalar>(
    _ condition: Tensor, _ x: S, _ y: Tensor
  ) throws(TensorError) -> Tensor {
    try make(.where, Operands(condition, y.companion(x, .where), y))
  }
}

prefix operator .!
