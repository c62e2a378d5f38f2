// Parts of tensors by index: views to read, copies to replace.

extension Tensor {
  /// The elements that these indices take, as a view: `x[1..., ..<3, .slice(by: 2), .newAxis]`.
  ///
  /// Each index is for one axis, from the first on; axes without an index are taken whole. An
  /// `Int` drops its axis, a range of Swift's or `.slice(from:to:by:)` keeps it, `.newAxis` makes
  /// one of one element, `.ellipsis` stands for all the axes that no other index is for. Negative
  /// numbers count from the back. Bounds are not clamped: they lie in `-size ... size`.
  /// - Throws: `invalidIndex`, naming the index, the axis and its size; `invalidArgument` for a
  ///   step of 0; `invalidShape` for more than eight dimensions.
  public subscript(_ indices: any TensorIndex...) -> Tensor {
    get throws(TensorError) { try selecting(indices) }
  }

  /// The same with a list.
  public func selecting(_ indices: [any TensorIndex]) throws(TensorError) -> Tensor {
    viewed(layout.selecting(try shape.selections(indices, operation: "subscript")))
  }

  /// A copy in which the elements that these indices take are others.
  ///
  /// One kernel writes every element once. Replacing at ever new places is work for the device's
  /// planner each time: many elements are better replaced at once.
  /// - Parameter replacement: broadcasts to the shape of the part, and is cast to this tensor's
  ///   element type.
  /// - Throws: as the subscript; `shapeMismatch` if the replacement does not broadcast to the
  ///   part; `deviceMismatch`.
  public func replacing(
    _ indices: any TensorIndex..., with replacement: Tensor
  ) throws(TensorError) -> Tensor {
    try replacing(indices, with: replacement)
  }

  /// The same with one number for all.
  /// - Throws: besides, `invalidArgument` for a whole number that the element type cannot hold.
  public func replacing<S: TensorScalar>(
    _ indices: any TensorIndex..., with replacement: S
  ) throws(TensorError) -> Tensor {
    try replacing(indices, with: replacement)
  }

  /// The same with a list of indices.
  public func replacing<S: TensorScalar>(
    _ indices: [any TensorIndex], with replacement: S
  ) throws(TensorError) -> Tensor {
    try replacing(
      indices,
      with: Tensor(
        scalar: replacement, as: elementType, for: "replacing", backend: node.backend))
  }

  /// The same with a list of indices.
  public func replacing(
    _ indices: [any TensorIndex], with replacement: Tensor
  ) throws(TensorError) -> Tensor {
    let selections = try shape.selections(indices, operation: "replacing")
    let part = Shape(unchecked: selections.filter { !$0.isDropped }.map(\.count))
    let stretched = try replacement.cast(to: elementType).layoutStretched(
      to: part, operation: "replacing")
    // As an axis of the whole has it: dropped axes have one element, new ones none of their own.
    var sizes = [Int](repeating: 1, count: shape.rank)
    var steps = InlineArray<8, Int>(repeating: 0)
    var (starts, strides) = (sizes, sizes)
    var offset = stretched.layout.offset
    var place = 0
    for selection in selections {
      defer { if !selection.isDropped { place += 1 } }
      guard let axis = selection.axis else { continue }
      sizes[axis] = selection.count
      starts[axis] = selection.start
      strides[axis] = selection.step
      steps[axis] = selection.isDropped ? 0 : stretched.layout.strides[place]
      if selection.step < 0 {
        // The same elements, met forwards.
        starts[axis] += (selection.count - 1) * selection.step
        strides[axis] = -selection.step
        offset += (selection.count - 1) * steps[axis]
        steps[axis] = -steps[axis]
      }
    }
    let own = Layout(shape: Shape(unchecked: sizes), strides: steps, offset: offset)
    if own.shape.elementCount == 0 { return self }
    return try Tensor.make(.replace, [self, stretched.tensor.viewed(own)], .box(starts, strides))
  }

  private func layoutStretched(
    to target: Shape, operation: String
  ) throws(TensorError) -> (tensor: Tensor, layout: Layout) {
    guard shape.broadcasts(to: target) else {
      throw .shapeMismatch(
        operation, [shape],
        accepted: "elements that broadcast to the part's shape \(target)")
    }
    return (self, layout.broadcast(to: target))
  }
}

extension Attributes {
  /// Where `replace` puts its second operand: its first element, and the steps along each axis.
  static func box(_ starts: [Int], _ steps: [Int]) -> Attributes {
    var attributes = Attributes()
    attributes.words = (starts + steps).map { UInt32(truncatingIfNeeded: $0) }
    return attributes
  }
}
