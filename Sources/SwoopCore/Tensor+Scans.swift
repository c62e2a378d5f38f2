// Along one axis, each element from those up to its place; negative axes count from the back. All
// throw `invalidAxis` for an axis that is not there.

extension Tensor {
  /// The sums of the elements up to each place along `axis`; shape unchanged. Integers and bool
  /// give int32, which wraps around.
  ///
  /// The error is at most γₙ₋₁ Σ|x| over the n elements up to the place. Long lines are shared out
  /// in blocks by their length alone, so results do not depend on what else runs.
  public func cumulativeSum(_ axis: Int) throws(TensorError) -> Tensor {
    let sum = try scan(.cumulativeSum, axis)
    return elementType.isFloatingPoint ? try sum.cast(to: elementType) : sum
  }

  /// The products of the elements up to each place along `axis`; shape unchanged. Integers and
  /// bool give int32, which wraps around.
  ///
  /// The error is at most γₙ |result|, as `product`.
  public func cumulativeProduct(_ axis: Int) throws(TensorError) -> Tensor {
    let product = try scan(.cumulativeProduct, axis)
    return elementType.isFloatingPoint ? try product.cast(to: elementType) : product
  }

  /// The largest element up to each place along `axis`; shape and element type unchanged. NaN
  /// from the first NaN on.
  public func cumulativeMax(_ axis: Int) throws(TensorError) -> Tensor {
    try scan(.cumulativeMax, axis).cast(to: elementType)
  }

  private func scan(_ operation: TensorOperation, _ axis: Int) throws(TensorError) -> Tensor {
    var attributes = Attributes()
    attributes.axes = [try shape.normalized(axis: axis, operation: operation.name)]
    return try Tensor.make(operation, [self], attributes)
  }
}
