import SwoopCore

/// The lines of an operand along one axis: axes before it are the outer, axes after it the inner
/// ones.
struct Lines {
  let length: Int
  /// From one element of a line to the next.
  let step: Int
  /// Where the lines begin, counted from the first element: outer and inner add up.
  let outer: [Int]
  let inner: [Int]

  init(_ layout: Layout, axis: Int) {
    length = layout.shape[axis]
    step = layout.strides[axis]
    outer = Lines.offsets(layout, Array(0..<axis))
    inner = Lines.offsets(layout, Array(axis + 1..<layout.shape.rank))
  }

  /// Where each element lies that axes count, row-major.
  static func offsets(_ layout: Layout, _ axes: [Int]) -> [Int] {
    var offsets: [Int] = []
    Walk(layout, axes: axes).visit { offset, _ in offsets.append(offset) }
    return offsets
  }

  static func offsets(_ layout: Layout) -> [Int] {
    offsets(layout, Array(0..<layout.shape.rank))
  }
}
