// Views that add, drop, stretch, turn and reorder axes. Nothing is copied.

extension Tensor {
  /// Without these axes, which must have one element each; none given means all such.
  /// - Throws: `invalidAxis`; `shapeMismatch` for an axis of another size.
  public func squeezed(_ axes: Int...) throws(TensorError) -> Tensor {
    var dropped = (0..<shape.rank).filter { shape[$0] == 1 }
    if !axes.isEmpty { dropped = try shape.normalized(axes: axes, operation: "squeezed") }
    for axis in dropped where shape[axis] != 1 {
      throw TensorError(
        .shapeMismatch,
        "squeezed was given axis \(axis) of shape \(shape); it takes axes of one element")
    }
    let kept = (0..<shape.rank).filter { !dropped.contains($0) }
    return viewed(layout.picking(kept))
  }

  /// With new axes of one element, at these places of the result.
  /// - Parameter axes: places in the result; negative ones count from its back.
  /// - Throws: `invalidAxis` for a place that is not there or named twice; `invalidShape` for more
  ///   than eight dimensions.
  public func expandingDimensions(_ axes: Int...) throws(TensorError) -> Tensor {
    try expandingDimensions(axes)
  }

  /// The same with a list.
  public func expandingDimensions(_ axes: [Int]) throws(TensorError) -> Tensor {
    if axes.isEmpty { return self }
    let rank = shape.rank + axes.count
    guard rank <= Shape.maximumRank else {
      throw TensorError(
        .invalidShape,
        "expandingDimensions of a tensor of shape \(shape) was given \(axes.count) new axes; a "
          + "tensor has at most \(Shape.maximumRank) dimensions")
    }
    let result = Shape(unchecked: Array(repeating: 1, count: rank))
    for axis in axes where !(-rank..<rank).contains(axis) {
      throw TensorError(
        .invalidAxis,
        "expandingDimensions of a tensor of shape \(shape) was given axis \(axis); with "
          + "\(axes.count) more axes it takes \(-rank) ... \(rank - 1)")
    }
    let new = try result.normalized(axes: axes, operation: "expandingDimensions")
    var kept = Array(0..<shape.rank)
    for place in new { kept.insert(-1, at: place) }
    return viewed(layout.picking(kept))
  }

  /// Stretched to a shape, by NumPy's rule: sizes are aligned at the last axis, and a missing
  /// size or a size of 1 stretches.
  /// - Throws: `shapeMismatch`, `invalidShape`.
  public func broadcast(to target: Shape) throws(TensorError) -> Tensor {
    try target.check()
    guard shape.broadcasts(to: target) else {
      throw .shapeMismatch(
        "broadcast", [shape, target],
        accepted: "a shape whose sizes, aligned at the last axis, are those of the tensor where "
          + "they are not 1")
    }
    return viewed(layout.broadcast(to: target))
  }

  /// With these axes running backwards; none given means all.
  /// - Throws: `invalidAxis`.
  public func flipped(_ axes: Int...) throws(TensorError) -> Tensor {
    let axes = try shape.normalized(axes: axes, operation: "flipped")
    let selections = (0..<shape.rank).map { axis in
      let turns = axes.contains(axis) && shape[axis] > 1
      return AxisSelection(
        axis: axis, start: turns ? shape[axis] - 1 : 0, step: turns ? -1 : 1, count: shape[axis])
    }
    return viewed(layout.selecting(selections))
  }

  /// With two axes in each other's place.
  /// - Throws: `invalidAxis`.
  public func swappingAxes(_ first: Int, _ second: Int) throws(TensorError) -> Tensor {
    let first = try shape.normalized(axis: first, operation: "swappingAxes")
    let second = try shape.normalized(axis: second, operation: "swappingAxes")
    var order = Array(0..<shape.rank)
    order.swapAt(first, second)
    return viewed(layout.permuted(order))
  }

  /// With one axis at another place, the others in their order.
  /// - Throws: `invalidAxis`.
  public func movingAxis(_ axis: Int, to place: Int) throws(TensorError) -> Tensor {
    let axis = try shape.normalized(axis: axis, operation: "movingAxis")
    let place = try shape.normalized(axis: place, operation: "movingAxis")
    var order = Array(0..<shape.rank)
    order.insert(order.remove(at: axis), at: place)
    return viewed(layout.permuted(order))
  }

  /// All elements along one axis; copies as `reshaped` does.
  public func flattened() throws(TensorError) -> Tensor { try reshaped(shape.elementCount) }
}

extension Layout {
  /// These axes in this order; -1 is a new one of one element.
  fileprivate func picking(_ axes: [Int]) -> Layout {
    var steps = InlineArray<8, Int>(repeating: 0)
    for (place, axis) in axes.enumerated() where axis >= 0 { steps[place] = strides[axis] }
    return Layout(
      shape: Shape(unchecked: axes.map { $0 < 0 ? 1 : shape[$0] }), strides: steps, offset: offset)
  }
}

extension Shape {
  /// Whether sizes aligned at the last axis are the target's, or 1.
  func broadcasts(to target: Shape) -> Bool {
    guard rank <= target.rank else { return false }
    for back in 1...Swift.max(rank, 1) where back <= rank {
      let size = self[rank - back]
      if size != 1, size != target[target.rank - back] { return false }
    }
    return true
  }
}
