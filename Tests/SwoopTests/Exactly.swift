import RealModule
import SwoopCheck

/// A small tensor in double precision for checking derivatives: what a program is by definition,
/// by loops alone.
struct Exactly: Sendable {
  var shape: [Int]
  var values: [Double]
  /// For each element, how much it can change with the one number that `derivative` varies, were
  /// nothing ever to cancel: the magnitudes of all local slopes along every way to it, multiplied
  /// and added up.
  var reach: [Double]

  init(_ shape: [Int], _ values: [Double], reach: [Double]? = nil) {
    self.shape = shape
    self.values = values
    self.reach = reach ?? values.map { _ in 0 }
  }

  private static func sources(_ shape: [Int], _ target: [Int]) -> [Int] {
    (0..<target.reduce(1, *)).map { flat in
      let place = coordinates(flat, in: target).suffix(shape.count)
      return flatIndex(zip(place, shape).map { $1 == 1 ? 0 : $0 }, in: shape)
    }
  }

  /// A function of the elements at one place, and the magnitudes of its slopes.
  static func map(
    _ x: [Exactly], slopes: (([Double]) -> [Double])? = nil, _ function: ([Double]) -> Double
  ) -> Exactly {
    let shape = x.dropFirst().reduce(x[0].shape) { broadcastShape($0, $1.shape) }
    let places = x.map { sources($0.shape, shape) }
    var result = Exactly(shape, [])
    for flat in places[0].indices {
      let arguments = x.indices.map { x[$0].values[places[$0][flat]] }
      result.values.append(function(arguments))
      let reaches = x.indices.map { x[$0].reach[places[$0][flat]] }
      let slopes = slopes?(arguments) ?? []
      result.reach.append(zip(slopes, reaches).reduce(0) { $0 + abs($1.0) * $1.1 })
    }
    return result
  }

  /// The elements in another order, or some of them.
  func picking(_ shape: [Int], _ source: (_ place: [Int]) -> [Int]) -> Exactly {
    let sources = (0..<shape.reduce(1, *)).map { flat in
      flatIndex(source(coordinates(flat, in: shape)), in: self.shape)
    }
    return Exactly(shape, sources.map { values[$0] }, reach: sources.map { reach[$0] })
  }

  func transposed(_ axes: [Int]) -> Exactly {
    picking(axes.map { shape[$0] }) { place in
      var source = place
      for (index, axis) in axes.enumerated() { source[axis] = place[index] }
      return source
    }
  }

  func reshaped(_ shape: [Int]) -> Exactly { Exactly(shape, values, reach: reach) }

  /// A function of all elements along axes; `fold` gets them in order.
  func reduced(
    _ axes: [Int], keeping: Bool = false, slope: Double = 1, _ fold: ([Double]) -> Double
  ) -> Exactly {
    let axes = axes.isEmpty ? Array(shape.indices) : axes
    let kept = shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
    var terms = [[Int]](repeating: [], count: kept.reduce(1, *))
    for flat in values.indices {
      var place = coordinates(flat, in: shape)
      for axis in axes { place[axis] = 0 }
      terms[flatIndex(place, in: kept)].append(flat)
    }
    return Exactly(
      keeping ? kept : shape.indices.filter { !axes.contains($0) }.map { shape[$0] },
      terms.map { fold($0.map { values[$0] }) },
      reach: terms.map { $0.reduce(0) { $0 + slope * reach[$1] } })
  }

  func sum(_ axes: [Int] = [], keeping: Bool = false) -> Exactly {
    reduced(axes, keeping: keeping) { $0.reduce(0, +) }
  }

  /// Over the last axis. A slope of it is at most 1, and y (1 + y) with nothing cancelled.
  func softmax() -> Exactly {
    let axis = [shape.count - 1]
    let largest = reduced(axis, keeping: true, slope: 0) { $0.max() ?? 0 }
    let powers = Exactly.map(
      [self, largest], slopes: { [.exp($0[0] - $0[1]), 0] },
      {
        .exp($0[0] - $0[1])
      })
    return Exactly.map(
      [powers, powers.sum(axis, keeping: true)], slopes: { [1 / $0[1], $0[0] / ($0[1] * $0[1])] },
      { $0[0] / $0[1] })
  }

  /// Over the last axis.
  func logSoftmax() -> Exactly {
    let sum = Exactly.map([self], slopes: { [.exp($0[0])] }, { .exp($0[0]) })
      .sum([shape.count - 1], keeping: true)
    return Exactly.map([self, sum], slopes: { [1, 1 / $0[1]] }, { $0[0] - .log($0[1]) })
  }

  /// Of matrices, or of vectors as one row or column, with leading axes broadcast.
  func matmul(_ other: Exactly) -> Exactly {
    let a = shape.count == 1 ? reshaped([1] + shape) : self
    let b = other.shape.count == 1 ? other.reshaped(other.shape + [1]) : other
    // [..., m, k, 1] · [..., 1, k, n], added up over k.
    let products = Exactly.map(
      [
        a.reshaped(a.shape + [1]),
        b.reshaped(b.shape.dropLast(2) + [1] + b.shape.suffix(2)),
      ], slopes: { [$0[1], $0[0]] }, { $0[0] * $0[1] })
    let rank = products.shape.count
    let product = products.sum([rank - 2])
    var result = product.shape
    if other.shape.count == 1 { result.removeLast() }
    if shape.count == 1 { result.remove(at: product.shape.count - 2) }
    return product.reshaped(result)
  }
}

extension Exactly {
  /// The slopes of a program's value with regard to each element of each operand, by central
  /// differences, and how far from them a float32 gradient may be.
  struct Slope {
    let value: Double
    let bound: Double
  }

  /// - Parameters:
  ///   - roundings: how many a gradient's element goes through on any way from the value to it;
  ///     each way's product of slopes may be off by as many units.
  static func slopes(
    of program: ([Exactly]) -> Exactly, at operands: [Exactly], roundings: Int
  ) -> [[Slope]] {
    // The third derivatives are of the size of the values, so this is where the errors of the
    // difference (h²/6 of them) and of the values' rounding (2⁻⁵³ / h) are both about 10⁻⁹.
    let step = 1e-4
    func value(_ operand: Int, _ index: Int, _ distance: Double) -> Exactly {
      var moved = operands
      moved[operand].values[index] += distance
      moved[operand].reach[index] = 1
      return program(moved)
    }
    return operands.indices.map { operand in
      operands[operand].values.indices.map { index in
        let (above, below) = (value(operand, index, step), value(operand, index, -step))
        let slope = (above.values[0] - below.values[0]) / (2 * step)
        let wide =
          (value(operand, index, 2 * step).values[0] - value(operand, index, -2 * step).values[0])
          / (4 * step)
        // The error grows with the square of the step: four times as large for twice the step.
        let truncation = abs(wide - slope) / 3
        let rounding = 64 * 0x1p-53 * Swift.max(abs(above.values[0]), 1) / step
        let reach = Swift.max(above.reach[0], below.reach[0])
        return Slope(
          value: slope, bound: gamma(roundings) * reach + 2 * truncation + rounding + 0x1p-120)
      }
    }
  }
}
