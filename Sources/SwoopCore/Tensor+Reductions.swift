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
    _ operation: TensorOperation, _ axes: [Int], _ keepingDimensions: Bool,
    isNormalized: Bool = false
  ) throws(TensorError) -> Tensor {
    var attributes = Attributes()
    // A list of no axes means all, unless it has been normalized.
    attributes.axes =
      isNormalized ? axes : try shape.normalized(axes: axes, operation: operation.name)
    attributes.keepingDimensions = keepingDimensions
    if let block = Tensor.block(of: attributes.axes.reduce(1) { $0 * shape[$1] }),
      TensorOperation.joinable.contains(operation)
    {
      return try reduceInBlocks(operation, attributes, block)
    }
    return try inOneLine(attributes.axes).make(operation, attributes)
  }

  private func make(
    _ operation: TensorOperation, _ attributes: Attributes
  ) throws(TensorError) -> Tensor { try Tensor.make(operation, [self], attributes) }

  /// The tensor itself, or a copy if so many elements lie along several axes that finding each takes
  /// longer: on lavapipe, whose loops end after 65,535 turns, an invocation would not finish.
  private func inOneLine(_ axes: [Int]) throws(TensorError) -> Tensor {
    guard axes.reduce(1, { $0 * shape[$1] }) > 4096 else { return self }
    let layout = layout
    var last: Int?
    for axis in axes where shape[axis] != 1 {
      if let last, layout.strides[last] != layout.strides[axis] * shape[axis] {
        let kept = (0..<shape.rank).filter { !axes.contains($0) }
        let order = kept + axes
        // The axes again where they were, side by side in memory.
        let back = order.indices.sorted { order[$0] < order[$1] }
        return try Tensor.make(.copy, [transposed(order)]).transposed(back)
      }
      last = axis
    }
    return self
  }

  /// The length of the blocks that a reduction of so many elements is done in; nil for one that
  /// is short, or cannot be cut into equal blocks. Depends on the length alone, as the order of
  /// accumulation must.
  private static func block(of length: Int) -> Int? {
    guard length >= 1 << 17 else { return nil }
    return (1024...16_384).last { length % $0 == 0 }
  }

  /// A long reduction in two operations, so that more than one workgroup has work.
  private func reduceInBlocks(
    _ operation: TensorOperation, _ attributes: Attributes, _ block: Int
  ) throws(TensorError) -> Tensor {
    let kept = (0..<shape.rank).filter { !attributes.axes.contains($0) }
    let count = kept.reduce(1) { $0 * shape[$1] }
    let length = attributes.axes.reduce(1) { $0 * shape[$1] }
    let blocks = try transposed(kept + attributes.axes).reshaped([count, length / block, block])
    var last = Attributes.along(2)
    let partial = try Tensor.make(operation, [blocks], last)
    last.axes = [1]
    return try Tensor.make(operation, [partial], last).reshaped(
      shape.reduced(attributes.axes, keepingDimensions: attributes.keepingDimensions))
  }
}

extension TensorOperation {
  /// Reductions whose results of equal parts of the elements make that of all by the same
  /// operation.
  fileprivate static let joinable: Set<TensorOperation> = [sum, mean, max, prod, min, anyOf, allOf]
}
