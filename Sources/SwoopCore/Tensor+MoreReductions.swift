// More functions over axes. Axes count from the front, negative ones from the back; no axes means
// all. All throw `invalidAxis` for an axis that is not there or named twice.

extension Tensor {
  /// The product over axes, 1 of no elements. Integers and bool give int32, which wraps around.
  ///
  /// The error is at most γₙ |result| for n elements, as long as no product of some of them
  /// leaves the range of float32's normal numbers.
  public func product(_ axes: Int..., keepingDimensions: Bool = false) throws(TensorError)
    -> Tensor
  {
    let product = try reduce(.prod, axes, keepingDimensions)
    return elementType.isFloatingPoint ? try product.cast(to: elementType) : product
  }

  /// The smallest element over axes; NaN if one of them is.
  /// - Throws: `emptyReduction` if there are no elements to take it of.
  public func min(_ axes: Int..., keepingDimensions: Bool = false) throws(TensorError) -> Tensor {
    try reduce(.min, axes, keepingDimensions).cast(to: elementType)
  }

  /// The index (int32) along `axis` of the first smallest element; without an axis, the index
  /// into the flattened tensor. NaN counts as smallest.
  /// - Throws: `emptyReduction` if there are no elements.
  public func argmin(_ axis: Int? = nil, keepingDimensions: Bool = false) throws(TensorError)
    -> Tensor
  {
    try reduce(.argmin, axis.map { [$0] } ?? [], keepingDimensions)
  }

  /// Whether an element over axes is not 0 (bool); false of no elements. NaN is not 0.
  public func any(_ axes: Int..., keepingDimensions: Bool = false) throws(TensorError) -> Tensor {
    try reduce(.anyOf, axes, keepingDimensions).cast(to: .bool)
  }

  /// Whether no element over axes is 0 (bool); true of no elements. NaN is not 0.
  public func all(_ axes: Int..., keepingDimensions: Bool = false) throws(TensorError) -> Tensor {
    try reduce(.allOf, axes, keepingDimensions).cast(to: .bool)
  }

  /// The variance over axes: the sum of squared deviations from the mean, divided by the number
  /// of elements less `correction` (1 for an unbiased estimate from a sample). Of integers in
  /// float32.
  ///
  /// In two passes, made of `mean`, `subtract`, `square` and `sum` in float32: so the relative
  /// error is at most (n + 3)u + (n u κ)² to first order, where u is 2⁻²⁴ and κ² is
  /// 1 + mean² / variance (Chan, Golub and LeVeque, *Algorithms for Computing the Sample
  /// Variance*, 1983).
  /// - Throws: `emptyReduction` if there are no elements to take it of; `invalidArgument` for a
  ///   negative correction, or one that leaves nothing to divide by.
  public func variance(
    _ axes: Int..., correction: Int = 0, keepingDimensions: Bool = false
  ) throws(TensorError) -> Tensor {
    try wideVariance(axes, correction, keepingDimensions, "variance")
      .cast(to: elementType.floating)
  }

  /// The square root of `variance`, rounded once more.
  /// - Throws: as `variance`.
  public func standardDeviation(
    _ axes: Int..., correction: Int = 0, keepingDimensions: Bool = false
  ) throws(TensorError) -> Tensor {
    try wideVariance(axes, correction, keepingDimensions, "standardDeviation").rootOfSum()
      .cast(to: elementType.floating)
  }

  private func wideVariance(
    _ axes: [Int], _ correction: Int, _ keepingDimensions: Bool, _ name: String
  ) throws(TensorError) -> Tensor {
    let count = try shape.normalized(axes: axes, operation: name).reduce(1) { $0 * shape[$1] }
    guard correction >= 0, count == 0 || correction < count else {
      throw TensorError(
        .invalidArgument,
        "\(name) over \(count) elements was given correction \(correction); it takes 0 ..< \(count)"
      )
    }
    let mean = try reduce(.mean, axes, true)
    let squares = try (cast(to: .float32) - mean).square()
    if correction == 0 { return try squares.reduce(.mean, axes, keepingDimensions) }
    return try squares.reduce(.sum, axes, keepingDimensions) / (count - correction)
  }

  /// The square root of a sum of squares. Where that is 0 all of them are, and so are their slopes:
  /// 0, and not 0 times the root's infinity.
  private func rootOfSum() throws(TensorError) -> Tensor {
    guard Scope.current?.tape?.tracks(self) ?? false else { return try sqrt() }
    let isZero = try self .== 0
    return try Tensor.where(isZero, self, Tensor.where(isZero, 1, self).sqrt())
  }

  /// What `norm` adds up.
  public enum Norm: Sendable, Hashable, CaseIterable {
    /// Σ|x|
    case l1
    /// √Σx²
    case l2
    /// max|x|; 0 of no elements
    case infinity
  }

  /// The norm of the elements over axes, as of one vector. Of integers in float32.
  ///
  /// Made of `abs`, `square`, `sum`, `max` and `sqrt` in float32: `l1` with a relative error of at
  /// most γₙ for n elements, `l2` with half of it and that of a square root, `infinity` exact.
  /// Squares that leave the range of float32 make `l2` infinite or 0.
  public func norm(
    _ order: Norm = .l2, _ axes: Int..., keepingDimensions: Bool = false
  ) throws(TensorError) -> Tensor {
    let wide = try cast(to: .float32)
    let result: Tensor
    switch order {
    case .l1: result = try wide.abs().reduce(.sum, axes, keepingDimensions)
    case .l2: result = try wide.square().reduce(.sum, axes, keepingDimensions).rootOfSum()
    case .infinity:
      let count = try shape.normalized(axes: axes, operation: "norm").reduce(1) { $0 * shape[$1] }
      // Of nothing the sum is 0 as well.
      result = try wide.abs().reduce(count == 0 ? .sum : .max, axes, keepingDimensions)
    }
    return try result.cast(to: elementType.floating)
  }

  /// log Σ exp(x) over axes, without overflow; -∞ of no elements. Of integers in float32.
  ///
  /// Made of `max`, `exp`, `sum` and `log` in float32: m + log Σ exp(x - m), where m is the
  /// largest element. Each exponential is off by (3 + 2|x - m|) units and u|x - m| at most, their
  /// sum by γₙ more, relative to itself; the logarithm makes that an absolute error and adds its
  /// own, and the last sum is rounded once.
  public func logSumExp(
    _ axes: Int..., keepingDimensions: Bool = false
  ) throws(TensorError) -> Tensor {
    let over = try shape.normalized(axes: axes, operation: "logSumExp")
    let wide = try cast(to: .float32)
    let sum: Tensor
    if over.contains(where: { shape[$0] == 0 }) {
      sum = try wide.reduce(.sum, over, keepingDimensions, isNormalized: true).log()
    } else {
      var largest = try wide.reduce(.max, over, true, isNormalized: true)
      // Infinity less infinity has no value.
      let zero = try Tensor([Float(0)], shape: [], backend: node.backend)
      largest = try Tensor.make(.where, [largest.isFinite(), largest, zero])
      let exponentials = try (wide - largest).exp()
      let result = try exponentials.reduce(.sum, over, true, isNormalized: true).log() + largest
      sum =
        keepingDimensions
        ? result : try result.reshaped(shape.reduced(over, keepingDimensions: false))
    }
    return try sum.cast(to: elementType.floating)
  }
}
