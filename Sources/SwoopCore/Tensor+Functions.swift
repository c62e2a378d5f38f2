// Mathematical functions of each element. Those of one element take integers as float32; those of
// two broadcast, and their operands' types meet as `ElementType.promoted` says. All of two throw
// `shapeMismatch` or `deviceMismatch` for operands that do not fit. NaN gives NaN unless said
// otherwise. The error bounds are those of `TensorOperation.precision`.

extension Tensor {
  /// 2ˣ.
  public func exp2() throws(TensorError) -> Tensor { try Tensor.make(.exp2, Operands(self)) }

  /// eˣ - 1, accurate also near 0.
  public func expm1() throws(TensorError) -> Tensor { try Tensor.make(.expm1, Operands(self)) }

  /// The hyperbolic sine.
  public func sinh() throws(TensorError) -> Tensor { try Tensor.make(.sinh, Operands(self)) }

  /// The hyperbolic cosine.
  public func cosh() throws(TensorError) -> Tensor { try Tensor.make(.cosh, Operands(self)) }

  /// The logarithm to base 2; of a negative number NaN, of 0 -infinity.
  public func log2() throws(TensorError) -> Tensor { try Tensor.make(.log2, Operands(self)) }

  /// The logarithm to base 10; of a negative number NaN, of 0 -infinity.
  public func log10() throws(TensorError) -> Tensor { try Tensor.make(.log10, Operands(self)) }

  /// log(1 + x), accurate also near 0; below -1 NaN, of -1 -infinity.
  public func log1p() throws(TensorError) -> Tensor { try Tensor.make(.log1p, Operands(self)) }

  /// The inverse hyperbolic sine.
  public func asinh() throws(TensorError) -> Tensor { try Tensor.make(.asinh, Operands(self)) }

  /// The inverse hyperbolic cosine; below 1 NaN.
  public func acosh() throws(TensorError) -> Tensor { try Tensor.make(.acosh, Operands(self)) }

  /// The inverse hyperbolic tangent; of ±1 ±infinity, beyond NaN.
  public func atanh() throws(TensorError) -> Tensor { try Tensor.make(.atanh, Operands(self)) }

  /// The sine of an angle in radians, however large; of an infinity NaN.
  public func sin() throws(TensorError) -> Tensor { try Tensor.make(.sin, Operands(self)) }

  /// The cosine of an angle in radians, however large; of an infinity NaN.
  public func cos() throws(TensorError) -> Tensor { try Tensor.make(.cos, Operands(self)) }

  /// The tangent of an angle in radians, however large; of an infinity NaN.
  public func tan() throws(TensorError) -> Tensor { try Tensor.make(.tan, Operands(self)) }

  /// The angle in radians, -π/2 to π/2, that has this sine; beyond ±1 NaN.
  public func asin() throws(TensorError) -> Tensor { try Tensor.make(.asin, Operands(self)) }

  /// The angle in radians, 0 to π, that has this cosine; beyond ±1 NaN.
  public func acos() throws(TensorError) -> Tensor { try Tensor.make(.acos, Operands(self)) }

  /// The angle in radians, -π/2 to π/2, that has this tangent.
  public func atan() throws(TensorError) -> Tensor { try Tensor.make(.atan, Operands(self)) }

  /// The error function, 2/√π ∫₀ˣ exp(-t²) dt.
  public func erf() throws(TensorError) -> Tensor { try Tensor.make(.erf, Operands(self)) }

  /// 1 - erf(x), accurate also where that is small.
  public func erfc() throws(TensorError) -> Tensor { try Tensor.make(.erfc, Operands(self)) }

  /// 1 / x; of ±0 ±infinity.
  public func reciprocal() throws(TensorError) -> Tensor {
    try Tensor.make(.reciprocal, Operands(self))
  }

  /// 1 / √x; of ±0 ±infinity, of a negative number NaN.
  public func rsqrt() throws(TensorError) -> Tensor { try Tensor.make(.rsqrt, Operands(self)) }

  /// The cube root; also of negative numbers.
  public func cbrt() throws(TensorError) -> Tensor { try Tensor.make(.cbrt, Operands(self)) }

  /// 1 / (1 + e⁻ˣ), the logistic function.
  public func sigmoid() throws(TensorError) -> Tensor { try Tensor.make(.sigmoid, Operands(self)) }

  /// x / (1 + e⁻ˣ), also called swish; towards -infinity 0.
  public func silu() throws(TensorError) -> Tensor { try Tensor.make(.silu, Operands(self)) }

  /// log(1 + eˣ).
  public func softplus() throws(TensorError) -> Tensor {
    try Tensor.make(.softplus, Operands(self))
  }

  /// The Gaussian error linear unit: x Φ(x), with Φ by the error function, or by the approximation
  /// ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))) that some networks were trained with. Towards
  /// -infinity 0.
  public func gelu(tanhForm: Bool = false) throws(TensorError) -> Tensor {
    try Tensor.make(tanhForm ? .geluTanh : .gelu, Operands(self))
  }

  /// The power.
  ///
  /// Of floating-point numbers with the special cases of C99: x⁰ and 1ʸ are 1, even beside a NaN; a
  /// negative number to a power that is not whole is NaN. Integers stay integers and wrap around; a
  /// negative exponent gives 1 / xⁿ without its fraction, which is 0 but for 1 and -1.
  /// - Throws: `elementTypeMismatch` for bool.
  public func pow(_ exponent: Tensor) throws(TensorError) -> Tensor {
    try Tensor.binary(.pow, self, exponent)
  }
  /// The same power for all elements.
  public func pow<S: TensorScalar>(_ exponent: S) throws(TensorError) -> Tensor {
    try Tensor.binary(.pow, self, exponent)
  }

  /// The angle in radians, -π to π, of the point (x, y), where this tensor has the y; C99's special
  /// cases. Of integers in float32.
  public func atan2(_ x: Tensor) throws(TensorError) -> Tensor {
    try Tensor.binary(.atan2, self, x)
  }
  /// The same with one x for all elements.
  public func atan2<S: TensorScalar>(_ x: S) throws(TensorError) -> Tensor {
    try Tensor.binary(.atan2, self, x)
  }

  /// √(x² + y²) without overflow on the way; infinite if either is, even beside a NaN. Of integers in
  /// float32.
  public func hypot(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.binary(.hypot, self, other)
  }
  /// The same with one number for all elements.
  public func hypot<S: TensorScalar>(_ other: S) throws(TensorError) -> Tensor {
    try Tensor.binary(.hypot, self, other)
  }

  /// What C's fmod leaves: x - y · trunc(x / y), with the sign of x; exact. By 0, or of an infinity,
  /// NaN; of integers by 0, 0.
  /// - Throws: `elementTypeMismatch` for bool.
  public func fmod(_ divisor: Tensor) throws(TensorError) -> Tensor {
    try Tensor.binary(.fmod, self, divisor)
  }
  /// The same with one divisor for all elements.
  public func fmod<S: TensorScalar>(_ divisor: S) throws(TensorError) -> Tensor {
    try Tensor.binary(.fmod, self, divisor)
  }

  /// What Python's % leaves: x - y · floor(x / y), with the sign of y. By 0, or of an infinity, NaN; of
  /// integers by 0, 0.
  /// - Throws: `elementTypeMismatch` for bool.
  public func remainder(_ divisor: Tensor) throws(TensorError) -> Tensor {
    try Tensor.binary(.remainder, self, divisor)
  }
  /// The same with one divisor for all elements.
  public func remainder<S: TensorScalar>(_ divisor: S) throws(TensorError) -> Tensor {
    try Tensor.binary(.remainder, self, divisor)
  }

  /// Python's //: the quotient, rounded down. Floating-point numbers by 0 give ±infinity or NaN,
  /// integers 0; the least int32 by -1 wraps around to itself.
  /// - Throws: `elementTypeMismatch` for bool.
  public func floorDivide(_ divisor: Tensor) throws(TensorError) -> Tensor {
    try Tensor.binary(.floorDivide, self, divisor)
  }
  /// The same with one divisor for all elements.
  public func floorDivide<S: TensorScalar>(_ divisor: S) throws(TensorError) -> Tensor {
    try Tensor.binary(.floorDivide, self, divisor)
  }
}
