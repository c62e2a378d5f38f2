import Swoop
import SwoopCheck

extension RandomProgram {
  /// Views, and copies that are defined by where each element comes from.
  enum Rearrangement: Sendable {
    case transposed([Int])
    case reshaped
    /// One for each axis.
    case sliced([Slice])
    case flipped([Int])
    case broadcast
    case squeezed
    case expanded([Int])
    /// With zeros, so many before and behind each axis.
    case padded(before: [Int], after: [Int])
    case tiled([Int])
    case repeated(Int, axis: Int)
    case stacked(axis: Int)
  }

  struct Slice: Sendable {
    let start: Int
    let step: Int
    let count: Int

    /// As `selecting` takes it: negative ends would count from the back.
    var index: AxisIndex {
      if count == 0 { return .slice(from: 0, to: 0) }
      let end = start + (count - 1) * step + (step < 0 ? -1 : 1)
      return .slice(from: start, to: end < 0 ? nil : end, by: step)
    }
  }
}

extension RandomProgram.Rearrangement {
  /// Where each element of the result is found; nil is a zero.
  func sources(_ shapes: [[Int]], to target: [Int]) -> [(operand: Int, flat: Int)?] {
    let shape = shapes[0]
    let own = target.count - shape.count
    return (0..<target.reduce(1, *)).map { flat in
      var place = coordinates(flat, in: target)
      var operand = 0
      switch self {
      case .reshaped, .squeezed, .expanded: return (0, flat)
      case .transposed(let axes):
        let moved = place
        for (index, axis) in axes.enumerated() { place[axis] = moved[index] }
      case .sliced(let slices):
        place = zip(place, slices).map { $1.start + $0 * $1.step }
      case .flipped(let axes):
        for axis in axes { place[axis] = shape[axis] - 1 - place[axis] }
      case .broadcast: place = zip(place[own...], shape).map { $1 == 1 ? 0 : $0 }
      case .padded(let before, _):
        place = zip(place, before).map { $0 - $1 }
        if zip(place, shape).contains(where: { $0 < 0 || $0 >= $1 }) { return nil }
      case .tiled: place = zip(place[own...], shape).map { $0 % $1 }
      case .repeated(let count, let axis): place[axis] /= count
      case .stacked(let axis): operand = place.remove(at: axis)
      }
      return (operand, flatIndex(place, in: shape))
    }
  }

  /// Through the public interface.
  func tensor(_ operands: [Tensor], to shape: [Int]) throws -> Tensor {
    let x = operands[0]
    switch self {
    case .transposed(let axes): return try x.transposed(axes)
    case .reshaped: return try x.reshaped(shape)
    case .sliced(let slices): return try x.selecting(slices.map(\.index))
    // The functions are variadic: axes go one by one.
    case .flipped(let axes): return try axes.reduce(x) { try $0.flipped($1) }
    case .broadcast: return try x.broadcast(to: Shape(shape))
    case .squeezed: return try x.squeezed()
    case .expanded(let axes): return try x.expandingDimensions(axes)
    case .padded(let before, let after): return try x.padded(before: before, after: after)
    case .tiled(let counts): return try x.tiled(counts)
    case .repeated(let count, let axis): return try x.repeated(count, axis: axis)
    case .stacked(let axis): return try Tensor.stacked(operands, axis: axis)
    }
  }
}
