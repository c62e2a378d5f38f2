import RealModule
import Swoop
import SwoopCheck

extension Bounded {
  /// One operation of the table.
  static func apply(
    _ operation: TensorOperation, _ given: [Bounded], _ options: Reference.Options
  ) -> Bounded {
    let operands = given.map(\.flushable)
    var result =
      switch operation {
      case .add, .subtract, .multiply, .sum, .mean, .matmul, .linear:
        multilinear(operation, operands, options)
      case .divide: quotient(operands.map(\.asFloats))
      case .argmax: indexOfLargest(operands[0], options)
      case .softmax: softmax(operands[0].asFloats, options)
      default: isotone(operation, operands, options)
      }
    let isInherited = operands.contains { $0.bounds.contains(where: \.isNaN) }
    var lost = 0
    for (index, value) in result.values.enumerated()
    where result.type == .float32 && !(abs(value) + result.bounds[index] < 0x1p127) {
      if !result.bounds[index].isNaN || !isInherited { lost += 1 }
      result.bounds[index] = .nan
    }
    if lost > 0, result.reasons.isEmpty { result.reasons[.notFinite, default: 0] += lost }
    for reasons in operands.map(\.reasons) { result.reasons.merge(reasons) { max($0, $1) } }
    return result
  }

  private static func reference(
    _ operation: TensorOperation, _ operands: [Exact], _ options: Reference.Options
  ) -> Expected {
    guard let line = references[operation] else { preconditionFailure("no line for \(operation)") }
    return line(operands, options)
  }

  private static let references = [TensorOperation: Reference.Function](
    uniqueKeysWithValues: OperationTable.lines.map { ($0.operation, $0.reference) })

  /// Sums of products of the operands. With errors r of operands a, the result is off by at most
  /// f(|a| + r) - f(|a|) where f adds what the operation may subtract; and by its own roundings,
  /// which are largest there as well.
  private static func multilinear(
    _ operation: TensorOperation, _ given: [Bounded], _ options: Reference.Options
  ) -> Bounded {
    let isWhole = given[0].type == .int32 && operation != .mean
    let operands = isWhole ? given : given.map(\.asFloats)
    let middle = reference(operation, operands.map(\.centre), options)
    let adding = operation == .subtract ? .add : operation
    let most = reference(adding, operands.map(\.largestMagnitudes), options)
    let isExact = operands.allSatisfy(\.isExact)
    let least = isExact ? most : reference(adding, operands.map(\.magnitudes), options)
    var bounds = middle.elements.map(\.bound)
    var wrapped = 0
    for index in bounds.indices {
      let largest = most.elements[index].value
      let spread = isExact ? 0 : abs(largest) - abs(least.elements[index].value)
      if !isWhole {
        // The differences of doubles are off themselves.
        let rounded = isExact ? 0 : 0x1p-48 * abs(largest)
        bounds[index] = spread + rounded + most.elements[index].bound
      } else if largest < 0x1p31 {
        bounds[index] = spread
      } else if largest.isNaN || !isExact {
        if !largest.isNaN { wrapped += 1 }
        bounds[index] = .nan
      }
    }
    var result = Bounded(middle.shape, middle.type, middle.elements.map(\.value), bounds)
    if wrapped > 0 { result.reasons[.wraps] = wrapped }
    return result
  }

  /// Functions that grow, or fall, with each operand: the ends of the intervals go to the ends.
  private static func isotone(
    _ operation: TensorOperation, _ given: [Bounded], _ options: Reference.Options
  ) -> Bounded {
    let isExactFunction = [.negate, .relu, .max, .copy].contains(operation)
    let isKeeping = isExactFunction || operation == .cast
    let operands = isKeeping ? given : given.map(\.asFloats)
    let middle = reference(operation, operands.map(\.centre), options)
    let ends =
      operands.allSatisfy(\.isExact)
      ? []
      : [operands.map(\.lowest), operands.map(\.highest)].map { reference(operation, $0, options) }
    let bounds = middle.elements.indices.map { index in
      let y = middle.elements[index]
      var spread = 0.0
      var own = isExactFunction ? 0 : y.bound
      for end in ends.map({ $0.elements[index] }) {
        let distance = abs(end.value - y.value)
        spread = spread.isNaN || distance.isNaN ? .nan : max(spread, distance)
        if !isExactFunction { own = max(own, end.bound) }
      }
      // Near 1, which may lie between the ends.
      if operation == .log, !ends.isEmpty { own = max(own, 0x1p-21) }
      return spread + own
    }
    var result = Bounded(middle.shape, middle.type, middle.elements.map(\.value), bounds)
    // The cast of a NaN is 0, that of what is not known is not known.
    if operation == .cast {
      for index in bounds.indices where operands[0].bounds[index].isNaN {
        result.bounds[index] = .nan
      }
    }
    return result
  }

  /// |â/b̂ - a/b| ≤ (r + |a/b| s) / (|b| - s).
  private static func quotient(_ operands: [Bounded]) -> Bounded {
    let shape = broadcastShape(operands[0].shape, operands[1].shape)
    let places = operands.map { $0.centre.sources(broadcastTo: shape) }
    var result = Bounded(shape, .float32, [], [])
    var poles = 0
    for (left, right) in zip(places[0], places[1]) {
      let (a, r) = (operands[0].values[left], operands[0].bounds[left])
      let (b, s) = (operands[1].values[right], operands[1].bounds[right])
      let y = a / b
      result.values.append(y)
      if abs(b) - s <= 0 || abs(b) + s > 0x1p126 {
        poles += 1
        result.bounds.append(.nan)
      } else {
        let spread = (r + abs(y) * s) / (abs(b) - s)
        result.bounds.append(
          spread + TensorOperation.divide.precision.bound(abs(y) + spread, of: a))
      }
    }
    if poles > 0 { result.reasons[.pole] = poles }
    return result
  }

  /// Exact if the largest is by more than the errors; otherwise any that may be.
  private static func indexOfLargest(
    _ x: Bounded, _ options: Reference.Options
  ) -> Bounded {
    let middle = reference(.argmax, [x.centre], options)
    var result = Bounded(
      middle.shape, .int32, middle.elements.map(\.value), middle.elements.map { _ in 0 })
    for (index, line) in lines(x.shape, options.normalizedAxes(x.shape.count)).enumerated() {
      if line.contains(where: { x.bounds[$0].isNaN }) {
        result.bounds[index] = .nan
        continue
      }
      let floor = line.reduce(-Double.infinity) { max($0, x.values[$1] - x.bounds[$1]) }
      let candidates = line.indices.filter { x.values[line[$0]] + x.bounds[line[$0]] >= floor }
      if candidates.count == 1 || candidates.allSatisfy({ x.bounds[line[$0]] == 0 }) { continue }
      let choices = Set(candidates.map { Double($0) })
      result.choices[index] = choices
      result.bounds[index] = choices.reduce(0) { max($0, abs($1 - result.values[index])) }
    }
    return result
  }

  /// An error of d in all elements of a row changes each result by a factor of exp(±2d) at most,
  /// and the arguments of the exponentials by 2d, 5u of which is their error's growth; see
  /// `Reference.softmax`.
  private static func softmax(_ x: Bounded, _ options: Reference.Options) -> Bounded {
    let middle = reference(.softmax, [x.centre], options)
    var result = Bounded(
      x.shape, .float32, middle.elements.map(\.value), middle.elements.map(\.bound))
    for line in lines(x.shape, options.normalizedAxes(x.shape.count)) {
      if line.contains(where: { x.bounds[$0].isNaN }) {
        for flat in line { result.bounds[flat] = .nan }
        continue
      }
      let d = line.reduce(0) { max($0, x.bounds[$1]) }
      if d == 0 { continue }
      for flat in line {
        let y = result.values[flat]
        let own = (result.bounds[flat] + 24 * u * d * y) * Double.exp(2 * d)
        // No result is outside of 0 ... 1, but for roundings.
        result.bounds[flat] = min(y * Double.expMinusOne(2 * d) + own, 1 + 100 * u)
      }
    }
    return result
  }

  /// Where the elements lie that each result of a reduction is made of.
  private static func lines(_ shape: [Int], _ axes: [Int]) -> [[Int]] {
    let kept = shape.indices.filter { !axes.contains($0) }
    let inner = kept.map { shape[$0] }
    var lines = [[Int]](repeating: [], count: inner.reduce(1, *))
    for flat in 0..<shape.reduce(1, *) {
      let place = coordinates(flat, in: shape)
      lines[flatIndex(kept.map { place[$0] }, in: inner)].append(flat)
    }
    return lines
  }
}
