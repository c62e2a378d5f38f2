// The derivatives of products over axes and of scans. A product's slope is the product of the other
// factors, and never made by dividing: so it is right where factors are 0. It is as exact as the
// product itself, as long as no product of some of the factors leaves the range of float32.

extension TensorOperation {
  static let scanDerivatives: [TensorOperation: Derivative] = [
    .prod: .partials({ pullback in
      try pullback.overAxes(pullback.gradient) * pullback.otherFactors()
    }),
    .cumulativeSum: .partials({ pullback in
      let axis = pullback.attributes.axes[0]
      return try pullback.gradient.flipped(axis).cumulativeSum(axis).flipped(axis)
    }),
    // The factors before a place are in every product from there on, so they can be taken out.
    .cumulativeProduct: .partials({ pullback in
      let (axis, x) = (pullback.attributes.axes[0], try pullback.x.cast(to: .float32))
      return try x.productsBefore(axis) * pullback.gradient.folded(by: x, axis)
    }),
    .cumulativeMax: .partials({ pullback in
      let axis = pullback.attributes.axes[0]
      guard pullback.x.shape[axis] > 1 else { return pullback.gradient }
      return try pullback.zeros(pullback.x.shape)
        .scatterAddingAlong(pullback.gradient, at: pullback.placesOfLargest(), axis: axis)
    }),
  ]
}

extension Pullback {
  /// For each element of the operand of a product over axes, the product of the others.
  fileprivate func otherFactors() throws(TensorError) -> Tensor {
    if x.shape.elementCount == 0 { return try gradient.filled(1, x.shape) }
    let axes = attributes.axes
    let order = (0..<x.shape.rank).filter { !axes.contains($0) } + axes
    let moved = try x.cast(to: .float32).transposed(order)
    let lines = try moved.reshaped(moved.shape.dropLast(axes.count) + [-1])
    let last = lines.shape.rank - 1
    let after = try lines.flipped(last).productsBefore(last).flipped(last)
    let others = try lines.productsBefore(last) * after
    return try others.reshaped(moved.shape)
      .transposed(order.indices.sorted { order[$0] < order[$1] })
  }

  /// For each place of a running maximum the index of the first element that is as large, or of the
  /// first NaN.
  fileprivate func placesOfLargest() throws(TensorError) -> Tensor {
    let axis = attributes.axes[0]
    let before = result.narrowed(axis, 0, x.shape[axis] - 1)
    let next = x.narrowed(axis, 1, x.shape[axis] - 1)
    // A comparison with a NaN is false, so the first one rises, and nothing after it.
    let rises = try .!(next .<= before) .& .!before.isNaN()
    let places = try Tensor.places(1..<x.shape[axis], axis, of: x)
    let first = try places.filled(0, x.narrowed(axis, 0, 1).shape)
    return try Tensor.concatenated([first, Tensor.where(rises, places, 0)], axis: axis)
      .cumulativeMax(axis)
  }
}

extension Tensor {
  /// Places along an axis of a tensor, as int32; of one element along its other axes.
  static func places(
    _ range: Range<Int>, _ axis: Int, of tensor: Tensor
  ) throws(TensorError) -> Tensor {
    var sizes = [Int](repeating: 1, count: tensor.shape.rank)
    sizes[axis] = range.count
    return try Tensor(
      range.map { Int32($0) }, shape: Shape(sizes), backend: tensor.node.backend)
  }

  /// `count` elements of an axis from `start` on; a view.
  func narrowed(_ axis: Int, _ start: Int, _ count: Int) -> Tensor {
    viewed(layout.narrowed(axis, start, count))
  }

  /// For each element along the axis the product of those before it, 1 for the first.
  fileprivate func productsBefore(_ axis: Int) throws(TensorError) -> Tensor {
    guard shape[axis] > 0 else { return self }
    let one = try filled(1, narrowed(axis, 0, 1).shape)
    return try Tensor.concatenated([one, narrowed(axis, 0, shape[axis] - 1)], axis: axis)
      .cumulativeProduct(axis)
  }

  /// rᵢ = gᵢ + xᵢ₊₁ · rᵢ₊₁ along the axis, where g is this tensor: from the last element on, whose r
  /// is its g.
  ///
  /// By doubling (Kogge and Stone, "A parallel algorithm for the efficient solution of a general
  /// class of recurrence equations", 1973): log₂ n passes over the n elements of a line, each of
  /// which needs as much memory as the line, where the matrix of all slopes would take n². A term
  /// is rounded n + log₂ n times at most.
  fileprivate func folded(by x: Tensor, _ axis: Int) throws(TensorError) -> Tensor {
    let size = shape[axis]
    guard size > 1 else { return self }
    // Of each place, the terms of so many places from there on, and the factor of what follows.
    var (sums, count) = (self, 1)
    var factors = x.narrowed(axis, 1, size - 1)
    while count < size {
      let more = try factors * sums.narrowed(axis, count, size - count)
      let longer = try sums.narrowed(axis, 0, size - count) + more
      sums = try .concatenated(
        [longer, sums.narrowed(axis, size - count, count)], axis: axis)
      let left = size - 2 * count
      if left > 0 {
        factors = try factors.narrowed(axis, 0, left) * factors.narrowed(axis, count, left)
      }
      count *= 2
    }
    return sums
  }
}
