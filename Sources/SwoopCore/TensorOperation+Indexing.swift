// Reading and writing where indices say. Rows give float32 or int32; the functions of Tensor cast.
//
// Indices are int32 or uint8; negative ones count from the end. One that is out of range makes
// the result, and all that is computed from it, an error for its readers.

extension TensorOperation {
  static let indexing = [take, takeAlong, oneHot, scatter, scatterAdd]

  /// The elements at these indices, one list of them for all lines along the axis.
  public static let take = gather("take") { shape, indices, axis, name throws(TensorError) in
    guard indices.rank == 1 else {
      throw .shapeMismatch(name, [shape, indices], accepted: "indices of one dimension")
    }
  }

  /// The same with indices of its own for every line.
  public static let takeAlong = gather("takeAlong") {
    shape, indices, axis, name throws(TensorError) in
    try expectLines(shape, indices, axis, name)
  }

  private static func gather(
    _ name: String,
    check: @escaping @Sendable (Shape, Shape, Int, String) throws(TensorError) -> Void
  ) -> TensorOperation {
    TensorOperation(name, .gather, .rounded, computation: .own) {
      operands, attributes, name throws(TensorError) in
      try expect(2, operands, name)
      let axis = try axis(of: attributes, operands[0].shape, name)
      let (shape, indices) = (operands[0].shape, operands[1].shape)
      try expectIndices(operands[1].elementType, name)
      try check(shape, indices, axis, name)
      var sizes = Array(shape)
      sizes[axis] = indices[indices.rank == 1 ? 0 : axis]
      return TensorForm(try Shape(sizes), operands[0].elementType.wide)
    }
  }

  /// A line of zeros with a one at the index, of `attributes.words[0]` elements.
  public static let oneHot = TensorOperation("oneHot", .gather, .rounded, computation: .own) {
    operands, attributes, name throws(TensorError) in
    try expect(1, operands, name)
    try expectIndices(operands[0].elementType, name)
    guard let size = attributes.words.first else {
      throw TensorError(.invalidArgument, "\(name) was given no number of classes")
    }
    let sizes = Array(operands[0].shape) + [Int(size)]
    return TensorForm(try Shape(sizes), attributes.resultType ?? .float32)
  }

  /// The first operand with elements of the second at the places that the third says, which are
  /// sorted pairs of indices and positions, `attributes.words[1]` for each line, or for all where
  /// `words[0]` is 0; of several for one place, the last.
  public static let scatter = scatter("scatter", .rounded)

  /// The same, but added, in the order of the indices.
  public static let scatterAdd = scatter("scatterAdd", .accumulated)

  private static func scatter(_ name: String, _ precision: Precision) -> TensorOperation {
    TensorOperation(name, .scatter, precision, computation: .own) {
      operands, attributes, name throws(TensorError) in
      try expect(3, operands, name)
      let (shape, updates) = (operands[0].shape, operands[1].shape)
      guard operands[0].elementType == operands[1].elementType else {
        throw TensorError(
          .elementTypeMismatch,
          "\(name) was given \(operands[0].elementType) and \(operands[1].elementType); it takes "
            + "one element type")
      }
      try expectLines(shape, updates, axis(of: attributes, shape, name), name)
      return TensorForm(shape, operands[0].elementType.wide)
    }
  }

  private static func axis(
    of attributes: Attributes, _ shape: Shape, _ name: String
  ) throws(TensorError) -> Int {
    guard let axis = attributes.axes.first, axis >= 0, axis < shape.rank else {
      throw TensorError(
        .invalidAxis, "\(name) of a tensor of shape \(shape) was given no axis of it")
    }
    return axis
  }

  /// That the shapes are the same but for the axis.
  private static func expectLines(
    _ shape: Shape, _ other: Shape, _ axis: Int, _ name: String
  ) throws(TensorError) {
    let fits =
      shape.rank == other.rank
      && (0..<shape.rank).allSatisfy { $0 == axis || shape[$0] == other[$0] }
    guard fits else {
      throw .shapeMismatch(
        name, [shape, other], accepted: "shapes that are the same but along axis \(axis)")
    }
  }

  static func expectIndices(_ type: ElementType, _ name: String) throws(TensorError) {
    guard type.isInteger else {
      throw TensorError(
        .elementTypeMismatch, "\(name) was given indices of \(type); it takes int32 or uint8")
    }
  }
}
