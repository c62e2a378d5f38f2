import Swoop
import SwoopCheck

/// Numbers in row-major order, and views of them by plain index arithmetic: what the views of
/// tensors are held against.
struct PlainArray: Equatable {
  var shape: [Int]
  var values: [Int32]

  init(shape: [Int], values: [Int32]) {
    self.shape = shape
    self.values = values
  }

  /// Of a function of the indices.
  init(_ shape: [Int], _ value: ([Int]) -> Int32) {
    self.shape = shape
    values = (0..<shape.reduce(1, *)).map { value(coordinates($0, in: shape)) }
  }

  /// The numbers 0 ..< 100 over and over, which every numeric type holds.
  init(counting shape: [Int]) {
    self.init(shape: shape, values: (0..<shape.reduce(1, *)).map { Int32($0 % 100) })
  }

  subscript(_ place: [Int]) -> Int32 { values[flatIndex(place, in: shape)] }

  func transposed(_ axes: [Int]) -> PlainArray {
    PlainArray(axes.map { shape[$0] }) { place in
      var own = place
      for (index, axis) in axes.enumerated() { own[axis] = place[index] }
      return self[own]
    }
  }

  func flipped(_ axes: [Int]) -> PlainArray {
    PlainArray(shape) { place in
      self[place.indices.map { axes.contains($0) ? shape[$0] - 1 - place[$0] : place[$0] }]
    }
  }

  func broadcast(_ target: [Int]) -> PlainArray {
    PlainArray(target) { place in
      let own = place.suffix(shape.count)
      return self[zip(own, shape).map { $1 == 1 ? 0 : $0 }]
    }
  }

  func reshaped(_ target: [Int]) -> PlainArray { PlainArray(shape: target, values: values) }

  func selecting(_ picks: [PlainIndex]) -> PlainArray {
    PlainArray(PlainIndex.shape(picks)) { self[PlainIndex.source(picks, of: $0)] }
  }

  func replacing(_ picks: [PlainIndex], with part: PlainArray) -> PlainArray {
    var result = self
    let target = PlainIndex.shape(picks)
    let stretched = part.broadcast(target)
    for flat in 0..<target.reduce(1, *) {
      let place = coordinates(flat, in: target)
      result.values[flatIndex(PlainIndex.source(picks, of: place), in: shape)] = stretched[place]
    }
    return result
  }

  func sum(_ axes: [Int]) -> PlainArray {
    let kept = shape.indices.filter { !axes.contains($0) }
    var result = PlainArray(kept.map { shape[$0] }) { _ in 0 }
    for (flat, value) in values.enumerated() {
      let place = coordinates(flat, in: shape)
      result.values[flatIndex(kept.map { place[$0] }, in: result.shape)] += value
    }
    return result
  }

  /// Of matrices, and on the left of stacks of them.
  func matmul(_ right: PlainArray) -> PlainArray {
    let (inner, width) = (right.shape[0], right.shape[1])
    return PlainArray(shape.dropLast() + [width]) { place in
      (0..<inner).reduce(0) {
        $0 + self[place.dropLast() + [$1]] * right[[$1, place[place.count - 1]]]
      }
    }
  }

  static func concatenated(_ parts: [PlainArray], axis: Int) -> PlainArray {
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    return PlainArray(shape) { place in
      var place = place
      for part in parts {
        if place[axis] < part.shape[axis] { return part[place] }
        place[axis] -= part.shape[axis]
      }
      return -1
    }
  }
}

/// An index, and what it means by plain arithmetic.
enum PlainIndex {
  case newAxis
  case dropped(any TensorIndex, Int)
  case kept(any TensorIndex, [Int])

  var index: any TensorIndex {
    switch self {
    case .newAxis: AxisIndex.newAxis
    case .dropped(let index, _), .kept(let index, _): index
    }
  }

  static func shape(_ picks: [PlainIndex]) -> [Int] {
    picks.compactMap {
      switch $0 {
      case .newAxis: 1
      case .dropped: nil
      case .kept(_, let places): places.count
      }
    }
  }

  static func source(_ picks: [PlainIndex], of place: [Int]) -> [Int] {
    var rest = place[...]
    return picks.compactMap {
      switch $0 {
      case .newAxis:
        rest = rest.dropFirst()
        return nil
      case .dropped(_, let index): return index
      case .kept(_, let places): return places[rest.removeFirst()]
      }
    }
  }

  /// One for an axis of so many elements, in any of the forms there are.
  static func random(_ size: Int, using generator: inout TestGenerator) -> PlainIndex {
    func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
    func signed(_ place: Int) -> Int {
      place > 0 && place < size && number(0...1) == 0 ? place - size : place
    }
    let low = number(0...size)
    let high = number(low...size)
    switch number(0...8) {
    case 0: return .kept(AxisIndex.all, Array(0..<size))
    case 1 where size > 0:
      let place = number(0...size - 1)
      return .dropped(number(0...1) == 0 ? place : place - size, place)
    case 2: return .kept(low..<high, Array(low..<high))
    case 3: return .kept(signed(low)..., Array(low..<size))
    case 4: return .kept(..<signed(high), Array(0..<high))
    case 5 where high > low: return .kept(low...(high - 1), Array(low..<high))
    case 6 where size > 0:
      let last = number(0...size - 1)
      return .kept(...(number(0...1) == 0 ? last : last - size), Array(0...last))
    default:
      let step = [1, 2, 3, 7, -1, -2, -3, -7][number(0...7)]
      // As NumPy counts: from, to and step with what is missing filled in.
      let from = number(0...2) == 0 || size == 0 ? nil : number(0...size - 1)
      let to = number(0...2) == 0 ? nil : number(0...size)
      var places: [Int] = []
      var place = from ?? (step > 0 ? 0 : size - 1)
      let end = to ?? (step > 0 ? size : -1)
      while step > 0 ? place < end : place > end {
        places.append(place)
        place += step
      }
      return .kept(
        AxisIndex.slice(from: from.map(signed), to: to.map(signed), by: step), places)
    }
  }
}
