import Swoop
import SwoopCheck

extension ProgramBuilder {
  // MARK: By index. Indices are leaves, or an argmax, so that none is out of range.

  mutating func gather(_ operation: TensorOperation, _ x: Int) -> Bool {
    guard !steps[x].shape.isEmpty else { return false }
    let axis = axis(x)
    let size = steps[x].shape[axis]
    guard size > 0 else { return false }
    if operation == .oneHot {
      let index = apply(
        .argmax, [x], removing(axis, steps[x].shape), .int32, Double(size),
        .init(axes: [axis]))
      let shape = steps[index].shape + [size]
      guard shape.reduce(1, *) <= Self.mostElements else { return false }
      let type = pick([.float32, .float32, .int32, .bool] as [ElementType])
      apply(.oneHot, [index], shape, type, 1, .init(type: type, words: [size]))
      return true
    }
    let count = pick([1, 4, 5])
    var result = steps[x].shape
    result[axis] = count
    guard result.reduce(1, *) <= Self.mostElements else { return false }
    let index = indices(operation == .take ? [count] : result, of: size)
    apply(operation, [x, index], result, steps[x].type, limits[x], .init(axis: axis))
    return true
  }

  private func removing(_ axis: Int, _ shape: [Int]) -> [Int] {
    var shape = shape
    shape.remove(at: axis)
    return shape
  }

  mutating func scatter(_ operation: TensorOperation, _ x: Int) -> Bool {
    guard !steps[x].shape.isEmpty else { return false }
    let axis = axis(x)
    let size = steps[x].shape[axis]
    guard size > 0 else { return false }
    let x = cast(x, to: steps[x].type.isFloatingPoint ? steps[x].type : .int32)
    var shape = steps[x].shape
    let count = pick([1, 4, 5])
    shape[axis] = count
    let updates = leaf(shape, steps[x].type)
    let index = indices([count], of: size)
    apply(
      operation, [x, updates, index], steps[x].shape, steps[x].type,
      limits[x] + limits[updates] * Double(count), .init(axis: axis))
    return true
  }

  /// Every other row of an axis, or some, from another tensor.
  mutating func replace(_ x: Int) -> Bool {
    let shape = steps[x].shape
    guard !shape.isEmpty, !shape.contains(0) else { return false }
    let axis = axis(x)
    let step = pick([1, 2])
    let start = shape[axis] > 1 ? Int.random(in: 0...1, using: &generator) : 0
    let count = Int.random(in: 1...((shape[axis] - 1 - start) / step + 1), using: &generator)
    var part = shape
    part[axis] = count
    let words = shape.indices.flatMap {
      $0 == axis ? [start, start + (count - 1) * step + 1, step] : [0, shape[$0], 1]
    }
    let new = leaf(part, steps[x].type)
    apply(
      .replace, [x, new], shape, steps[x].type, max(limits[x], limits[new]), .init(words: words))
    return true
  }

  mutating func concatenate(_ x: Int) -> Bool {
    guard !steps[x].shape.isEmpty else { return false }
    let axis = axis(x)
    var operands = [x]
    for _ in 0..<Int.random(in: 1...2, using: &generator) {
      var shape = steps[x].shape
      shape[axis] = pick([1, shape[axis]])
      operands.append(sibling(of: x, shape))
    }
    if chance(2) { operands.reverse() }
    var result = steps[x].shape
    result[axis] = operands.reduce(0) { $0 + steps[$1].shape[axis] }
    guard result.reduce(1, *) <= Self.mostElements else { return false }
    let limit = operands.reduce(0) { max($0, limits[$1]) }
    apply(.concatenate, operands, result, steps[x].type, limit, .init(axis: axis))
    return true
  }

  /// A step of this shape and the same type, or a leaf.
  private mutating func sibling(of x: Int, _ shape: [Int]) -> Int {
    let same = steps.indices.filter {
      steps[$0].shape == shape && steps[$0].type == steps[x].type
    }
    return same.isEmpty || chance(2) ? leaf(shape, steps[x].type) : pick(same)
  }

  // MARK: Views, and copies

  mutating func rearrange(_ move: RandomProgram.Move, _ x: Int) -> Bool {
    let shape = steps[x].shape
    switch move {
    case .reshape: return append(.reshaped, [x], pick(reshapes(shape.reduce(1, *))))
    case .transpose:
      guard shape.count > 1 else { return false }
      let axes = Array(shape.indices).shuffled(using: &generator)
      return append(.transposed(axes), [x], axes.map { shape[$0] })
    case .slice:
      guard !shape.isEmpty else { return false }
      let slices = shape.map { slice($0) }
      return append(.sliced(slices), [x], slices.map(\.count))
    case .flip:
      guard !shape.isEmpty else { return false }
      let axes = Array(Set([axis(x), axis(x)])).sorted()
      return append(.flipped(axes), [x], shape)
    case .broadcast:
      var target = shape.map { $0 == 1 && chance(2) ? 4 : $0 }
      if chance(2), target.count < 3 { target.insert(2, at: 0) }
      return target != shape && append(.broadcast, [x], target)
    case .squeeze:
      let target = shape.filter { $0 != 1 }
      return target != shape && append(.squeezed, [x], target)
    case .expand:
      guard shape.count < 3 else { return false }
      let place = Int.random(in: 0...shape.count, using: &generator)
      var target = shape
      target.insert(1, at: place)
      return append(.expanded([place]), [x], target)
    case .pad:
      // A zero beside bool makes it int32.
      guard steps[x].type != .bool else { return false }
      let before = shape.map { _ in Int.random(in: 0...1, using: &generator) }
      let after = shape.map { _ in Int.random(in: 0...1, using: &generator) }
      let target = shape.indices.map { before[$0] + shape[$0] + after[$0] }
      return target != shape && append(.padded(before: before, after: after), [x], target)
    case .tile:
      let counts = shape.map { _ in Int.random(in: 1...2, using: &generator) }
      let target = zip(shape, counts).map { $0 * $1 }
      return target != shape && append(.tiled(counts), [x], target)
    case .repeat:
      guard !shape.isEmpty else { return false }
      let axis = axis(x)
      var target = shape
      target[axis] *= 2
      return append(.repeated(2, axis: axis), [x], target)
    default: return stack(x)
    }
  }

  private mutating func stack(_ x: Int) -> Bool {
    guard steps[x].shape.count < 4 else { return false }
    var operands = [x, sibling(of: x, steps[x].shape)]
    if chance(2) { operands.reverse() }
    let axis = Int.random(in: 0...steps[x].shape.count, using: &generator)
    var target = steps[x].shape
    target.insert(2, at: axis)
    return append(.stacked(axis: axis), operands, target)
  }

  private mutating func append(
    _ rearrangement: RandomProgram.Rearrangement, _ operands: [Int], _ shape: [Int]
  ) -> Bool {
    guard shape.reduce(1, *) <= Self.mostElements else { return false }
    let limit = operands.reduce(0) { max($0, limits[$1]) }
    append(.rearranged(rearrangement), operands, shape, steps[operands[0]].type, limit)
    return true
  }

  private func reshapes(_ count: Int) -> [[Int]] {
    var shapes = [[count], [1, count], [count, 1]]
    for factor in [4, 5] where count % factor == 0 {
      shapes += [[factor, count / factor], [count / factor, factor]]
    }
    return shapes
  }

  /// All of an axis, or a part of it, forwards or backwards.
  private mutating func slice(_ size: Int) -> RandomProgram.Slice {
    if size < 2 || chance(3) { return .init(start: 0, step: 1, count: size) }
    let step = pick([1, 1, 2, 3, -1, -2])
    let start = step > 0 ? pick([0, 1]) : size - 1
    let most = (step > 0 ? size - 1 - start : start) / abs(step) + 1
    return .init(start: start, step: step, count: min(most, pick([1, 4, 5, most])))
  }
}
