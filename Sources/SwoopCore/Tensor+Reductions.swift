// Functions over axes. Axes count from the front, negative ones from the back; no axes means
// all. All throw `invalidAxis` for an axis that is not there or named twice.

extension Tensor {
  /// The sum over axes. Integers and bool give int32, which wraps around.
  public func sum(_ axes: Int..., keepingDimensions: Bool = false) throws(TensorError) -> Tensor {
    let sum = try reduce(.sum, axes, keepingDimensions)
    return elementType.isFloatingPoint ? try sum.cast(to: elementType) : sum
  }

  /// The mean over axes; of integers in float32.
  /// - Throws: `emptyReduction` if there are no elements to take it of.
  public func mean(_ axes: Int..., keepingDimensions: Bool = false) throws(TensorError) -> Tensor {
    try reduce(.mean, axes, keepingDimensions).cast(to: elementType.floating)
  }

  /// The largest element over axes; NaN if one of them is.
  /// - Throws: `emptyReduction` if there are no elements to take it of.
  public func max(_ axes: Int..., keepingDimensions: Bool = false) throws(TensorError) -> Tensor {
    try reduce(.max, axes, keepingDimensions).cast(to: elementType)
  }

  /// The index (int32) along `axis` of the first largest element; without an axis, the index
  /// into the flattened tensor. NaN counts as largest.
  /// - Throws: `emptyReduction` if there are no elements.
  public func argmax(_ axis: Int? = nil, keepingDimensions: Bool = false) throws(TensorError)
    -> Tensor
  {
    try reduce(.argmax, axis.map { [$0] } ?? [], keepingDimensions)
  }

  /// exp(x - max) / sum of exp(x - max) along `axis`; of integers in float32.
  public func softmax(_ axis: Int = -1) throws(TensorError) -> Tensor {
    try alongLast(axis, .softmax)
  }

  func reduce(
    _ operation: TensorOperation, _ axes: [Int], _ keepingDimensions: Bool
  ) throws(TensorError) -> Tensor {
    var attributes = Attributes()
    attributes.axes = try shape.normalized(axes: axes, operation: operation.name)
    attributes.keepingDimensions = keepingDimensions
    return try Tensor.make(operation, [self], attributes)
  }
}
