import SwoopCore

/// A row-major walk over axes, with the steps that one or two operands take along them.
///
/// Adjacent axes are merged where both operands allow it, so that a dense operand is one row.
struct Walk {
  /// The innermost axis, which callers loop over themselves.
  private(set) var length = 1
  private(set) var step = 0
  private(set) var secondStep = 0

  private var sizes: [Int] = []
  private var steps: [(Int, Int)] = []
  private let isEmpty: Bool

  /// Over all axes of a shape that both operands broadcast to.
  init(_ shape: Shape, _ first: Layout, _ second: Layout? = nil) {
    isEmpty = shape.elementCount == 0
    let a = first.broadcast(to: shape)
    if a.isContiguous, second == nil {
      (length, step) = (shape.elementCount, 1)
      return
    }
    let b = (second ?? first).broadcast(to: shape)
    for axis in 0..<shape.rank { append(shape[axis], a.strides[axis], b.strides[axis]) }
    finish()
  }

  /// Over some axes of a layout.
  init(_ layout: Layout, axes: [Int]) {
    isEmpty = axes.contains { layout.shape[$0] == 0 }
    for axis in axes { append(layout.shape[axis], layout.strides[axis], 0) }
    finish()
  }

  private mutating func append(_ size: Int, _ a: Int, _ b: Int) {
    if size == 1 { return }
    if let last = steps.last, last.0 == a * size, last.1 == b * size {
      sizes[sizes.count - 1] *= size
      steps[steps.count - 1] = (a, b)
    } else {
      sizes.append(size)
      steps.append((a, b))
    }
  }

  private mutating func finish() {
    guard let size = sizes.popLast(), let (a, b) = steps.popLast() else { return }
    (length, step, secondStep) = (size, a, b)
  }

  /// Calls `body` with the two operands' offsets of each row's first element.
  @inline(__always)
  func forEachRow(_ body: (_ first: Int, _ second: Int) -> Void) {
    if isEmpty { return }
    if sizes.isEmpty { return body(0, 0) }
    var index = [Int](repeating: 0, count: sizes.count)
    var (a, b) = (0, 0)
    while true {
      body(a, b)
      var axis = sizes.count - 1
      while true {
        index[axis] += 1
        a += steps[axis].0
        b += steps[axis].1
        if index[axis] < sizes[axis] { break }
        a -= steps[axis].0 * sizes[axis]
        b -= steps[axis].1 * sizes[axis]
        index[axis] = 0
        axis -= 1
        if axis < 0 { return }
      }
    }
  }

  /// Calls `body` with the two operands' offsets of each element.
  @inline(__always)
  func visit(_ body: (_ first: Int, _ second: Int) -> Void) {
    forEachRow { a, b in
      for index in 0..<length { body(a + index * step, b + index * secondStep) }
    }
  }
}
