/// Where a tensor's elements lie in its storage: shape, and the elements to step along each axis.
package struct Layout: Sendable {
  package let shape: Shape
  package private(set) var strides: InlineArray<8, Int>
  /// Elements from the start of the storage slice to the first element.
  package var offset: Int
  /// Row-major without gaps; the offset may be anything.
  package let isContiguous: Bool

  /// Row-major, from the start of the slice.
  package init(_ shape: Shape) {
    self.shape = shape
    strides = Layout.rowMajor(shape)
    offset = 0
    isContiguous = true
  }

  package init(shape: Shape, strides: InlineArray<8, Int>, offset: Int) {
    self.shape = shape
    self.strides = strides
    self.offset = offset
    let dense = Layout.rowMajor(shape)
    var same = true
    // The step along an axis of one element is never taken.
    for axis in 0..<shape.rank where shape[axis] > 1 && strides[axis] != dense[axis] {
      same = false
    }
    isContiguous = same || shape.elementCount <= 1
    // Layouts that are equal share a plan, which looks at all strides.
    if isContiguous { self.strides = dense }
  }

  static func rowMajor(_ shape: Shape) -> InlineArray<8, Int> {
    var strides = InlineArray<8, Int>(repeating: 0)
    var step = 1
    for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
      strides[axis] = step
      step *= Swift.max(shape[axis], 1)
    }
    return strides
  }

  /// The axes in another order; `axes` is a permutation of `0..<rank`.
  package func permuted(_ axes: [Int]) -> Layout {
    var moved = InlineArray<8, Int>(repeating: 0)
    for (index, axis) in axes.enumerated() { moved[index] = strides[axis] }
    return Layout(
      shape: Shape(unchecked: axes.map { shape[$0] }), strides: moved, offset: offset)
  }

  /// Stretched to a shape it broadcasts to: steps of 0 along the stretched axes.
  package func broadcast(to target: Shape) -> Layout {
    if target == shape { return self }
    var stretched = InlineArray<8, Int>(repeating: 0)
    for back in 1...Swift.max(shape.rank, 1) where back <= shape.rank {
      let axis = shape.rank - back
      stretched[target.rank - back] = shape[axis] == 1 ? 0 : strides[axis]
    }
    return Layout(shape: target, strides: stretched, offset: offset)
  }

  /// Elements from the one that lies lowest in memory to one past the highest that the layout
  /// touches.
  package var extent: Int {
    if shape.elementCount == 0 { return 0 }
    var last = 0
    for axis in 0..<shape.rank { last += (shape[axis] - 1) * abs(strides[axis]) }
    return last + 1
  }

  /// Elements from the one that lies lowest in memory to the first; 0 unless axes run backwards.
  package var origin: Int {
    if isContiguous || shape.elementCount == 0 { return 0 }
    var origin = 0
    for axis in 0..<shape.rank where strides[axis] < 0 {
      origin -= (shape[axis] - 1) * strides[axis]
    }
    return origin
  }
}

extension Layout: Hashable {
  // The offset is part of an operand's address, not of its form.
  package static func == (a: Layout, b: Layout) -> Bool {
    guard a.shape == b.shape, a.isContiguous == b.isContiguous else { return false }
    if a.isContiguous { return true }
    for axis in 0..<a.shape.rank where a.strides[axis] != b.strides[axis] { return false }
    return true
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(shape)
    if !isContiguous { for axis in 0..<shape.rank { hasher.combine(strides[axis]) } }
  }
}
