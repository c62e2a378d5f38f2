import SwoopCore

/// How the lines of an operand along an axis lie, in the 36 words that Lines.glsl reads.
func lineWords(_ layout: Layout, axis: Int) -> [UInt32] {
  lineWords(
    layout, step: layout.strides[axis], outer: Array(0..<axis),
    inner: Array(axis + 1..<layout.shape.rank))
}

/// The same for an operand of which every element is an inner line of its own.
func elementWords(_ layout: Layout) -> [UInt32] {
  lineWords(layout, step: 0, outer: [], inner: Array(0..<layout.shape.rank))
}

private func lineWords(_ layout: Layout, step: Int, outer: [Int], inner: [Int]) -> [UInt32] {
  func axes(_ list: [Int]) -> [UInt32] {
    let (sizes, strides) = ReductionPlan.collapse(layout, list)
    return [UInt32(sizes.count)] + padded(sizes) + padded(strides)
  }
  return [layout.origin, step].map { UInt32(truncatingIfNeeded: $0) } + axes(outer) + axes(inner)
}

/// The size of a shape's axis, and the lines before and behind it.
struct LineSizes {
  let length: Int
  let inner: Int
  let lines: Int

  init(_ shape: Shape, axis: Int) {
    length = shape[axis]
    inner = shape.dropFirst(axis + 1).reduce(1, *)
    lines = shape.prefix(axis).reduce(inner, *)
  }
}

/// Invocations in workgroups.
struct Work {
  let invocations: Int
  var local: Int { invocations >= 64 ? 64 : invocations > 8 ? 32 : 8 }
  var workgroups: Int { (invocations + local - 1) / local }

  func constants(_ modes: [OperandMode], _ others: [Int] = []) -> [UInt32] {
    [UInt32(local), 1, 1] + modes.map(\.rawValue) + others.map { UInt32($0) }
  }
}

/// Numbers as the block has them; negative ones wrap around.
func words(_ values: [Int]) -> [UInt32] { values.map { UInt32(truncatingIfNeeded: $0) } }
