// Views: another way to look at the same elements. Nothing is copied unless said.

extension Tensor {
  /// The same elements in row-major order under another shape; one size may be -1 and is
  /// worked out. Copies only if the tensor is a view whose elements no steps of that shape reach.
  /// - Throws: `shapeMismatch` if the element counts differ; `invalidShape` for more than eight
  ///   dimensions.
  public func reshaped(_ sizes: Int...) throws(TensorError) -> Tensor {
    try reshaped(sizes)
  }

  /// The same with a list.
  public func reshaped(_ sizes: some Collection<Int>) throws(TensorError) -> Tensor {
    let target = try completed(Array(sizes))
    if let layout = layout.reshaped(to: target) { return viewed(layout) }
    return try contiguous().viewed(Layout(target))
  }

  private func completed(_ sizes: [Int]) throws(TensorError) -> Shape {
    var sizes = sizes
    let open = sizes.indices.filter { sizes[$0] == -1 }
    if open.count == 1 {
      var known = 1
      for size in sizes where size != -1 {
        let (product, overflow) = known.multipliedReportingOverflow(by: size)
        known = overflow ? 0 : product
      }
      if known > 0, shape.elementCount % known == 0 { sizes[open[0]] = shape.elementCount / known }
    }
    guard sizes.count <= Shape.maximumRank else {
      throw TensorError(
        .invalidShape,
        "reshaped was given \(sizes); a tensor has at most \(Shape.maximumRank) dimensions")
    }
    let target = Shape(unchecked: sizes)
    guard open.count <= 1, target.defect == .none, target.elementCount == shape.elementCount else {
      throw TensorError(
        .shapeMismatch,
        "reshaped was given \(Shape(unchecked: sizes)) for a tensor of shape \(shape); it takes "
          + "sizes whose product is \(shape.elementCount), one of which may be -1")
    }
    return target
  }

  /// The axes in another order; none given means reversed.
  /// - Parameter axes: every axis once; negative ones count from the back.
  /// - Throws: `invalidAxis`.
  public func transposed(_ axes: Int...) throws(TensorError) -> Tensor {
    try transposed(axes.isEmpty ? Array((0..<shape.rank).reversed()) : axes)
  }

  /// The same with a list, in which every axis must be.
  public func transposed(_ axes: some Collection<Int>) throws(TensorError) -> Tensor {
    let axes = Array(axes)
    guard axes.count == shape.rank else {
      throw TensorError(
        .invalidAxis,
        "transposed was given \(axes.count) axes for a tensor of shape \(shape); it "
          + "takes each of its \(shape.rank) axes once")
    }
    _ = try shape.normalized(axes: axes, operation: "transposed")
    let rank = shape.rank
    return viewed(layout.permuted(axes.map { $0 < 0 ? $0 + rank : $0 }))
  }

  /// The tensor itself if its elements lie in row-major order, a copy if not.
  package func contiguous() throws(TensorError) -> Tensor {
    guard let view, !view.layout.isContiguous else { return self }
    return try Tensor.make(.copy, Operands(self))
  }

  /// Whether none of its axes runs backwards.
  var isUpright: Bool { view?.isUpright ?? true }

  /// The tensor itself if none of its axes runs backwards, a copy if one does: for kernels that
  /// step forwards.
  package func upright() throws(TensorError) -> Tensor {
    isUpright ? self : try contiguous()
  }
}
