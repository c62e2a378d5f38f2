// Sorting: a stable merge sort, each pass an operation, because a pass needs all of the one before.
// Its elements are pairs of words: a key, which is the element as an integer of the same order,
// and the element's place in its line.

extension TensorOperation {
  static let sorting = [sortRuns, mergeRuns, searchSorted]

  /// Elements of a run that the first pass sorts.
  package static let sortedRun = 32

  /// What the first pass makes keys of: `attributes.words[0]`.
  package enum SortOrder: UInt32, Sendable {
    /// NaN is last either way.
    case ascending, descending
    /// Indices of an axis of `attributes.words[1]` elements: tested, and counted from the front.
    case indices
  }

  /// What indices that the first pass tests are of.
  package static func indexed(by attributes: Attributes) -> TensorOperation {
    attributes.words[2] == 1 ? scatterAdd : scatter
  }

  /// Pairs for each line along the axis, one line behind the other, in sorted runs.
  package static let sortRuns = TensorOperation("sortRuns", .sortedRuns, .rounded) {
    operands, attributes, name throws(TensorError) in
    try expect(1, operands, name)
    guard attributes.words.count >= 3 else {
      throw TensorError(.invalidArgument, "\(name) was given no order to sort in")
    }
    if attributes.words[0] == SortOrder.indices.rawValue {
      try expectIndices(operands[0].elementType, indexed(by: attributes).name)
    }
    return TensorForm(try Shape([operands[0].shape.elementCount, 2]), .int32)
  }

  /// Runs of `attributes.words[1]` pairs of lines of `attributes.words[0]` become runs of twice as
  /// many.
  package static let mergeRuns = TensorOperation("mergeRuns", .mergedRuns, .rounded) {
    operands, _, name throws(TensorError) in
    try expect(1, operands, name)
    return TensorForm(operands[0].shape, .int32)
  }

  /// How many elements of the sorted first operand go before each of the second's; with
  /// `attributes.words[0]` 1, how many go before it or are equal.
  public static let searchSorted = TensorOperation("searchSorted", .search, .rounded) {
    operands, _, name throws(TensorError) in
    try expect(2, operands, name)
    guard operands[0].shape.rank == 1 else {
      throw .shapeMismatch(
        name, operands.map(\.shape), accepted: "a sorted tensor of one dimension, and any values")
    }
    return TensorForm(operands[1].shape, .int32)
  }
}
