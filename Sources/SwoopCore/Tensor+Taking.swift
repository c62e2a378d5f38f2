// Elements at places that are known only when the program runs.
//
// Indices are int32 or uint8 (`elementTypeMismatch` for other types), and negative ones count from
// the end. They are tested by the device, on every device and always: with one that is out of
// range the function still returns, and whoever reads the result, or what was computed from it,
// gets `indexOutOfRange` for the first such index. Where the result has no elements nothing is read,
// and no index tested.

extension Tensor {
  /// The elements at `indices` along `axis`: `result[…, p, …] = self[…, indices[p], …]`.
  /// - Parameter indices: of any shape; in the result's, it stands for the axis.
  /// - Returns: of this tensor's element type.
  /// - Throws: `invalidAxis`, `elementTypeMismatch`, `deviceMismatch`, `invalidShape` for more
  ///   than eight dimensions; readers get `indexOutOfRange`.
  public func taking(_ indices: Tensor, axis: Int = 0) throws(TensorError) -> Tensor {
    let axis = try shape.normalized(axis: axis, operation: "take")
    let sizes = Array(shape)
    let result = try Shape(Array(sizes[..<axis]) + Array(indices.shape) + sizes[(axis + 1)...])
    return try Tensor.make(.take, [self, indices.flat()], .along(axis))
      .reshaped(result).cast(to: elementType)
  }

  /// The elements at `indices` along `axis`, which every line has of its own:
  /// `result[…, p, …] = self[…, indices[…, p, …], …]`, as what `argsort` gives.
  /// - Parameter indices: of this tensor's shape, but for the size along `axis`.
  /// - Returns: of the indices' shape and this tensor's element type.
  /// - Throws: `invalidAxis`, `shapeMismatch`, `elementTypeMismatch`, `deviceMismatch`; readers get
  ///   `indexOutOfRange`.
  public func takingAlong(_ indices: Tensor, axis: Int) throws(TensorError) -> Tensor {
    let axis = try shape.normalized(axis: axis, operation: "takeAlong")
    return try Tensor.make(.takeAlong, [self, indices], .along(axis)).cast(to: elementType)
  }

  /// This tensor with the elements at `indices` along `axis` replaced:
  /// `result[…, indices[p], …] = updates[…, p, …]`. Where an index comes twice, the last counts.
  /// - Parameters:
  ///   - updates: of the shape that `taking(indices, axis:)` gives.
  ///   - indices: of any shape.
  /// - Returns: of the element type that this tensor and the updates meet in.
  /// - Throws: `invalidAxis`, `shapeMismatch`, `elementTypeMismatch`, `deviceMismatch`; readers get
  ///   `indexOutOfRange`.
  public func scattering(
    _ updates: Tensor, at indices: Tensor, axis: Int = 0
  ) throws(TensorError) -> Tensor {
    try scatter(.scatter, updates, indices, axis, along: false)
  }

  /// This tensor with the updates added at `indices` along `axis`:
  /// `result[…, indices[p], …] += updates[…, p, …]`, in the order of the indices, in float32 or
  /// int32, whatever else runs: the same bits each time. The error is at most γₙ Σ|x| over the n
  /// updates of an element and itself. Parameters and errors as those of `scattering`.
  public func scatterAdding(
    _ updates: Tensor, at indices: Tensor, axis: Int = 0
  ) throws(TensorError) -> Tensor {
    try scatter(.scatterAdd, updates, indices, axis, along: false)
  }

  /// `scattering` with indices of its own for every line along `axis`:
  /// `result[…, indices[…, p, …], …] = updates[…, p, …]`.
  /// - Parameters:
  ///   - updates: of this tensor's shape, but for the size along `axis`.
  ///   - indices: of the updates' shape.
  /// - Throws: as `scattering`.
  public func scatteringAlong(
    _ updates: Tensor, at indices: Tensor, axis: Int
  ) throws(TensorError) -> Tensor {
    try scatter(.scatter, updates, indices, axis, along: true)
  }

  /// `scatterAdding` with indices of its own for every line along `axis`; parameters as those of
  /// `scatteringAlong`.
  public func scatterAddingAlong(
    _ updates: Tensor, at indices: Tensor, axis: Int
  ) throws(TensorError) -> Tensor {
    try scatter(.scatterAdd, updates, indices, axis, along: true)
  }

  private func scatter(
    _ operation: TensorOperation, _ updates: Tensor, _ indices: Tensor, _ axis: Int, along: Bool
  ) throws(TensorError) -> Tensor {
    let name = operation.name
    let axis = try shape.normalized(axis: axis, operation: name)
    try TensorOperation.expectIndices(indices.elementType, name)
    var sizes = Array(shape)
    let expected: [Int]
    if along {
      expected = Array(indices.shape)
      if axis < indices.shape.rank { sizes[axis] = indices.shape[axis] }
    } else {
      expected = Array(sizes[..<axis]) + Array(indices.shape) + sizes[(axis + 1)...]
      sizes[axis] = indices.shape.elementCount
    }
    guard Array(updates.shape) == expected, !along || expected == sizes else {
      throw .shapeMismatch(
        name, [shape, updates.shape, indices.shape],
        accepted: along
          ? "updates and indices of one shape, which is the first but along axis \(axis)"
          : "updates of shape \(Shape(unchecked: expected))")
    }
    let type = ElementType.promoted(elementType, updates.elementType)
    let order = try (along ? indices : indices.flat()).sortedPairs(
      along ? axis : 0, .indices, size: shape[axis], isAdding: operation == .scatterAdd)
    return try cast(to: type).scattered(
      operation, updates.cast(to: type).reshaped(sizes),
      Scattering(
        indices: along ? indices : indices.flat(), pairs: order, axis: axis, isAlong: along)
    ).cast(to: type)
  }

  /// The rest of a scatter, once the indices are sorted: float32 or int32.
  /// - Parameter updates: of this tensor's element type, and of its shape but along the axis.
  func scattered(
    _ operation: TensorOperation, _ updates: Tensor, _ scattering: Scattering
  ) throws(TensorError) -> Tensor {
    let (axis, pairs) = (scattering.axis, scattering.pairs)
    let length = updates.shape[axis]
    var attributes = Attributes.along(axis)
    attributes.words = [scattering.isAlong ? 1 : 0, UInt32(length)]
    let result: Tensor
    if length <= Tensor.scatteredTogether {
      result = try .make(operation, [self, updates, pairs], attributes, isNoted: false)
    } else {
      result = try scatteredInParts(operation, updates, pairs, attributes)
    }
    // A gradient goes back by the indices as they were given. Sorted, they would have to be sorted
    // once more for it; and in parts they are no operation of the table's.
    Scope.current?.tape?.note(
      operation, attributes, [self, updates, pairs, scattering.indices], result.node)
    return result
  }

  /// By sorted pairs in parts; float32 or int32 until all have been added.
  private func scatteredInParts(
    _ operation: TensorOperation, _ updates: Tensor, _ pairs: Tensor, _ attributes: Attributes
  ) throws(TensorError) -> Tensor {
    var attributes = attributes
    let length = updates.shape[attributes.axes[0]]
    var result = try cast(to: elementType.wide)
    let wide = try updates.cast(to: elementType.wide)
    let lines = try pairs.reshaped([pairs.shape[0] / length, length, 2])
    for start in stride(from: 0, to: length, by: Tensor.scatteredTogether) {
      let count = Swift.min(Tensor.scatteredTogether, length - start)
      let part = try lines.narrowed(1, start, count).reshaped([lines.shape[0] * count, 2])
      attributes.words[1] = UInt32(count)
      result = try Tensor.make(operation, [result, wide, part], attributes, isNoted: false)
    }
    return result
  }

  /// Updates of a place that one invocation takes, eight in a turn of its loop; lavapipe ends its
  /// loops after 65,535 turns.
  private static let scatteredTogether = 1 << 18

  /// For each element, which is an index, a line of `depth` zeros with a one in its place.
  /// - Parameters:
  ///   - depth: the size of the result's last axis, which is new.
  ///   - type: of the result.
  /// - Throws: `elementTypeMismatch` for what are no indices, `invalidShape` for a negative depth
  ///   or too many dimensions; readers get `indexOutOfRange`.
  public func oneHot(_ depth: Int, as type: ElementType = .float32) throws(TensorError) -> Tensor {
    guard let words = UInt32(exactly: depth), depth <= Shape.maximumElementCount else {
      throw TensorError(
        .invalidShape,
        "oneHot was given depth \(depth); it takes 0 ... \(Shape.maximumElementCount)")
    }
    var attributes = Attributes()
    attributes.words = [words]
    attributes.resultType = type.wide
    return try Tensor.make(.oneHot, [self], attributes).cast(to: type)
  }

  private func flat() throws(TensorError) -> Tensor {
    shape.rank == 1 ? self : try reshaped([shape.elementCount])
  }
}

/// Where the updates of a scatter go.
struct Scattering {
  /// As they were given: of one dimension, or, with indices for every line, of the updates' shape.
  var indices: Tensor
  /// The indices sorted, each with its place.
  var pairs: Tensor
  var axis: Int
  /// Whether every line along the axis has indices of its own.
  var isAlong: Bool
}

extension Attributes {
  static func along(_ axis: Int) -> Attributes {
    var attributes = Attributes()
    attributes.axes = [axis]
    return attributes
  }
}
