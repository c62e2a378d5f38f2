// Functions of each element. Integers are taken as float32 where the function needs it.
// The error bounds are those of `TensorOperation.precision`.

extension Tensor {
  /// eˣ; of integers in float32.
  public func exp() throws(TensorError) -> Tensor { try Tensor.make(.exp, Operands(self)) }

  /// The natural logarithm; of a negative number NaN, of 0 -infinity.
  public func log() throws(TensorError) -> Tensor { try Tensor.make(.log, Operands(self)) }

  /// The square root; of a negative number NaN.
  public func sqrt() throws(TensorError) -> Tensor { try Tensor.make(.sqrt, Operands(self)) }

  /// The hyperbolic tangent.
  public func tanh() throws(TensorError) -> Tensor { try Tensor.make(.tanh, Operands(self)) }

  /// max(x, 0); NaN stays.
  public func relu() throws(TensorError) -> Tensor { try Tensor.make(.relu, Operands(self)) }

  /// |x|; of the least int32, itself.
  public func abs() throws(TensorError) -> Tensor { try Tensor.make(.abs, Operands(self)) }

  /// -1, 0 or 1; NaN of NaN.
  public func sign() throws(TensorError) -> Tensor { try Tensor.make(.sign, Operands(self)) }

  /// x · x.
  public func square() throws(TensorError) -> Tensor { try Tensor.make(.square, Operands(self)) }

  /// The largest whole number that is not larger.
  public func floor() throws(TensorError) -> Tensor { try Tensor.make(.floor, Operands(self)) }

  /// The smallest whole number that is not smaller.
  public func ceil() throws(TensorError) -> Tensor { try Tensor.make(.ceil, Operands(self)) }

  /// The nearest whole number, ties to even.
  public func round() throws(TensorError) -> Tensor { try Tensor.make(.round, Operands(self)) }

  /// Without the fraction.
  public func trunc() throws(TensorError) -> Tensor { try Tensor.make(.trunc, Operands(self)) }

  /// The smaller of both; NaN if either is.
  public func minimum(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.make(.minimum, [self, other])
  }
  /// The smaller of each element and a number.
  public func minimum<S: TensorScalar>(_ other: S) throws(TensorError) -> Tensor {
    try Tensor.binary(.minimum, self, other)
  }

  /// The larger of both; NaN if either is.
  public func maximum(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.make(.maximum, [self, other])
  }
  /// The larger of each element and a number.
  public func maximum<S: TensorScalar>(_ other: S) throws(TensorError) -> Tensor {
    try Tensor.binary(.maximum, self, other)
  }

  /// minimum(maximum(x, low), high); NaN if any of them is.
  public func clip(_ low: Tensor, _ high: Tensor) throws(TensorError) -> Tensor {
    try Tensor.make(.clip, [self, low, high])
  }
  /// The same with numbers as limits.
  public func clip<L: TensorScalar, H: TensorScalar>(
    _ low: L, _ high: H
  ) throws(TensorError) -> Tensor {
    try Tensor.make(.clip, [self, companion(low, .clip), companion(high, .clip)])
  }
}
