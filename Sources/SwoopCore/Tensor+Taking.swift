// Elements at places that are known only when the program runs.
//
// Indices are int32 or uint8 (`elementTypeMismatch` for other types), and negative ones count from
// the end. They are tested by the device, on every device and always: with one that is out of
// range the function still returns, and whoever reads the result, or what was computed from it,
// gets `indexOutOfRange` for the first such index.

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
    let length =
      along && axis < indices.shape.rank ? indices.shape[axis] : indices.shape.elementCount
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
    var attributes = Attributes.along(axis)
    attributes.words = [along ? 1 : 0]
    let type = ElementType.promoted(elementType, updates.elementType)
    let order = try (along ? indices : indices.flat()).sortedPairs(
      along ? axis : 0, .indices, size: shape[axis], isAdding: operation == .scatterAdd)
    let all = try updates.cast(to: type).reshaped(sizes)
    guard length > Tensor.scatteredTogether else {
      attributes.words.append(UInt32(length))
      return try Tensor.make(operation, [cast(to: type), all, order], attributes).cast(to: type)
    }
    // Sorted pairs in parts; float32 or int32 until all have been added.
    var result = try cast(to: type.wide)
    let wide = try all.cast(to: type.wide)
    let pairs = try order.reshaped([order.shape[0] / length, length, 2])
    for start in stride(from: 0, to: length, by: Tensor.scatteredTogether) {
      let count = Swift.min(Tensor.scatteredTogether, length - start)
      let part = Tensor(pairs.node, view: View(pairs.layout.narrowed(1, start, count)))
      attributes.words = [along ? 1 : 0, UInt32(count)]
      result = try Tensor.make(
        operation, [result, wide, part.reshaped([order.shape[0] / length * count, 2])], attributes)
    }
    return try result.cast(to: type)
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

extension Attributes {
  static func along(_ axis: Int) -> Attributes {
    var attributes = Attributes()
    attributes.axes = [axis]
    return attributes
  }
}
