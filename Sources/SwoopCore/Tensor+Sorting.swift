// Sorting. NaN goes last in both orders, -0 and 0 are equal, and equal elements stay in the order
// in which they are. Negative axes count from the back; all throw `invalidAxis` for an axis that
// is not there.

extension Tensor {
  /// The elements in order along `axis`.
  public func sorted(_ axis: Int = -1, descending: Bool = false) throws(TensorError) -> Tensor {
    try takingAlong(argsort(axis, descending: descending), axis: axis)
  }

  /// The indices (int32) along `axis` that put the elements in order.
  ///
  /// A merge sort: runs of 32, then one operation for each doubling.
  public func argsort(_ axis: Int = -1, descending: Bool = false) throws(TensorError) -> Tensor {
    let axis = try shape.normalized(axis: axis, operation: "argsort")
    let pairs = try sortedPairs(axis, descending ? .descending : .ascending)
    return pairs.lines(of: shape, axis, part: 1)
  }

  /// The largest elements along `axis`, in descending order, and their indices (int32).
  /// - Parameters:
  ///   - count: how many: the size of both results along `axis`.
  ///   - largest: false for the smallest, in ascending order. NaN comes last either way.
  /// - Throws: `invalidArgument` for a count that is negative or more than there are.
  public func topK(
    _ count: Int, axis: Int = -1, largest: Bool = true
  ) throws(TensorError) -> (values: Tensor, indices: Tensor) {
    let axis = try shape.normalized(axis: axis, operation: "topK")
    guard count >= 0, count <= shape[axis] else {
      throw TensorError(
        .invalidArgument,
        "topK along an axis of \(shape[axis]) elements was given \(count); it takes "
          + "0 ... \(shape[axis])")
    }
    let order = try argsort(axis, descending: largest)
    var sizes = Array(shape)
    sizes[axis] = count
    let layout = order.layout
    let first = Tensor(
      order.node,
      view: View(
        Layout(shape: Shape(unchecked: sizes), strides: layout.strides, offset: layout.offset)))
    return (try takingAlong(first, axis: axis), first)
  }

  /// How many different elements there are (an int32 scalar). NaNs count as one.
  public func uniqueCount() throws(TensorError) -> Tensor {
    let count = shape.elementCount
    guard count > 1 else { return try Tensor([Int32(count)], shape: [], backend: node.backend) }
    let flat = try reshaped([count])
    return try flat.sortedPairs(0, .ascending).changes(of: count).sum() + 1
  }

  /// The different elements in ascending order, NaN last; suspends until it is known how many
  /// there are.
  /// - Returns: a tensor of one dimension.
  /// - Throws: what made this tensor fail.
  nonisolated(nonsending) public func unique() async throws -> Tensor {
    let count = shape.elementCount
    let flat = try reshaped([count])
    guard count > 1 else { return flat }
    let pairs = try flat.sortedPairs(0, .ascending)
    let steps = try pairs.changes(of: count).cumulativeSum(0)
    let last = try await steps.array(as: Int32.self).last ?? 0
    // A new element comes behind the place of each step; the first comes at 0.
    let numbers = Array(0...last)
    let wanted = try Tensor(numbers, shape: Shape([numbers.count]), backend: node.backend)
    // No step is below 0, so the first is found at 0, and the others one too early.
    let places = try steps.searchSorted(wanted) + wanted.sign()
    return try flat.taking(pairs.lines(of: flat.shape, 0, part: 1).taking(places))
  }

  /// Where values go in this tensor, which has one dimension and is in ascending order, so that it
  /// stays in order.
  /// - Parameters:
  ///   - values: of any shape.
  ///   - side: before the elements that are equal, or behind them.
  /// - Returns: int32, of the values' shape.
  /// - Throws: `shapeMismatch` if this tensor has not one dimension; `deviceMismatch`.
  public func searchSorted(
    _ values: Tensor, side: SearchSide = .left
  ) throws(TensorError) -> Tensor {
    let type = ElementType.promoted(elementType, values.elementType).wide
    var attributes = Attributes()
    attributes.words = [side == .right ? 1 : 0]
    return try Tensor.make(
      .searchSorted, [cast(to: type), values.cast(to: type)], attributes)
  }

  /// Where `searchSorted` puts a value beside elements that are equal to it.
  public enum SearchSide: Sendable, Hashable, CaseIterable {
    /// Before them.
    case left
    /// Behind them.
    case right
  }

  // MARK: Pairs

  /// Pairs of a key and a place for each line along the axis, in the order of the keys.
  /// - Parameters:
  ///   - size: of the axis, if the elements are indices of one.
  ///   - isAdding: whether they are scatterAdd's, for the error of a bad one.
  func sortedPairs(
    _ axis: Int, _ order: TensorOperation.SortOrder, size: Int = 0, isAdding: Bool = false
  ) throws(TensorError) -> Tensor {
    var attributes = Attributes.along(axis)
    attributes.words = [order.rawValue, UInt32(size), isAdding ? 1 : 0]
    var pairs = try Tensor.make(.sortRuns, [self], attributes)
    let length = shape[axis]
    var run = TensorOperation.sortedRun
    while run < length {
      var attributes = Attributes()
      attributes.words = [UInt32(length), UInt32(run)]
      pairs = try Tensor.make(.mergeRuns, [pairs], attributes)
      run *= 2
    }
    return pairs
  }

  /// Of `count` sorted pairs, whether each key but the first differs from the one before it.
  fileprivate func changes(of count: Int) throws(TensorError) -> Tensor {
    var strides = InlineArray<8, Int>(repeating: 0)
    strides[0] = 2
    let shape = try Shape([count - 1])
    func keys(from first: Int) -> Tensor {
      Tensor(node, view: View(Layout(shape: shape, strides: strides, offset: first * 2)))
    }
    return try keys(from: 1) .!= keys(from: 0)
  }

  /// One part of pairs as a view of the shape that they were made of: keys (0), or places (1).
  fileprivate func lines(of shape: Shape, _ axis: Int, part: Int) -> Tensor {
    var strides = InlineArray<8, Int>(repeating: 0)
    // Lines lie one behind the other, those of the last axis side by side first.
    var step = shape[axis] * 2
    for other in (0..<shape.rank).reversed() where other != axis {
      strides[other] = step
      step *= Swift.max(shape[other], 1)
    }
    strides[axis] = 2
    return Tensor(node, view: View(Layout(shape: shape, strides: strides, offset: part)))
  }
}
