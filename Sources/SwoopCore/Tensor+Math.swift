// Functions of each element. int32 elements are taken as float32 where the function needs it.
// The error bounds are those of `TensorOperation.precision`.

extension Tensor {
  /// eˣ, in float32.
  public func exp() throws(TensorError) -> Tensor { try Tensor.make(.exp, [self]) }

  /// The natural logarithm, in float32; of a negative number NaN, of 0 -infinity.
  public func log() throws(TensorError) -> Tensor { try Tensor.make(.log, [self]) }

  /// The square root, in float32; of a negative number NaN.
  public func sqrt() throws(TensorError) -> Tensor { try Tensor.make(.sqrt, [self]) }

  /// The hyperbolic tangent, in float32.
  public func tanh() throws(TensorError) -> Tensor { try Tensor.make(.tanh, [self]) }

  /// max(x, 0).
  public func relu() throws(TensorError) -> Tensor { try Tensor.make(.relu, [self]) }
}
