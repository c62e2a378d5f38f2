extension Shape {
  /// The shape both operands are stretched to, by NumPy's rule: sizes are aligned at the last
  /// axis, and a missing size or a size of 1 stretches.
  /// - Throws: `shapeMismatch` if two sizes differ and neither is 1.
  package static func broadcast(
    _ a: Shape, _ b: Shape, operation: String
  ) throws(TensorError) -> Shape {
    if a == b { return a }
    let rank = Swift.max(a.rank, b.rank)
    var sizes = [Int](repeating: 1, count: rank)
    for back in 1...Swift.max(rank, 1) where back <= rank {
      let left = back <= a.rank ? a[a.rank - back] : 1
      let right = back <= b.rank ? b[b.rank - back] : 1
      guard left == right || left == 1 || right == 1 else {
        throw .shapeMismatch(
          operation, [a, b],
          accepted: "shapes whose sizes, aligned at the last axis, are equal or 1")
      }
      sizes[rank - back] = left == 1 ? right : left
    }
    return try Shape(sizes)
  }

  /// Axes counted from the front, sorted; negative ones count from the back; none means all.
  /// - Throws: `invalidAxis` for an axis out of range or named twice.
  package func normalized(axes: [Int], operation: String) throws(TensorError) -> [Int] {
    if axes.isEmpty { return Array(0..<rank) }
    var seen = [Bool](repeating: false, count: rank)
    for axis in axes {
      let index = try normalized(axis: axis, operation: operation)
      guard !seen[index] else {
        throw TensorError(.invalidAxis, "\(operation) was given axis \(axis) twice")
      }
      seen[index] = true
    }
    return (0..<rank).filter { seen[$0] }
  }

  package func normalized(axis: Int, operation: String) throws(TensorError) -> Int {
    let index = axis < 0 ? axis + rank : axis
    guard index >= 0, index < rank else {
      let accepted = rank == 0 ? "a scalar has no axes" : "it takes \(-rank) ..< \(rank)"
      throw TensorError(
        .invalidAxis,
        "\(operation) of a tensor of shape \(self) was given axis \(axis); \(accepted)"
      )
    }
    return index
  }

  /// The shape with these axes removed, or kept as size 1. `axes` are normalized.
  package func reduced(_ axes: [Int], keepingDimensions: Bool) -> Shape {
    var sizes: [Int] = []
    for axis in 0..<rank {
      if !axes.contains(axis) {
        sizes.append(self[axis])
      } else if keepingDimensions {
        sizes.append(1)
      }
    }
    return Shape(unchecked: sizes)
  }
}
