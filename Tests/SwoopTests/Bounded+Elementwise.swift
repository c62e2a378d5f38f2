import RealModule
import Swoop
import SwoopCheck

// Functions of the elements at one place. Most are monotone in every operand as long as the
// others stay, so over a box of operands they are largest and smallest at its corners, whichever
// way each goes; where they turn, their turning points count as corners too. What this does not
// hold for is bounded by a slope, or not at all.

extension Bounded {
  static func elementwise(
    _ operation: TensorOperation, _ operands: [Bounded], _ options: Reference.Options
  ) -> Bounded {
    switch operation {
    case .where: chosen(operands)
    case .equal, .notEqual: equality(operation, operands, options)
    case .sin, .cos: wave(operation, operands[0], options)
    default: cornered(operation, operands, options)
    }
  }

  /// Exact, or off only by what their operands are.
  static let exactFunctions: Set<TensorOperation> = [
    .negate, .relu, .abs, .sign, .minimum, .maximum, .clip, .floor, .ceil, .round, .trunc, .less,
    .lessOrEqual, .greater, .greaterOrEqual, .logicalAnd, .logicalOr, .logicalXor, .logicalNot,
    .isNaN, .isInfinite, .isFinite,
  ]

  /// Integer forms that jump all over, or wrap around where floats grow.
  private static let exactIntegersOnly: Set<TensorOperation> = [
    .pow, .fmod, .remainder, .floorDivide,
  ]

  /// Where functions turn, in each operand, or jump without being monotone.
  private static let turningPoints: [TensorOperation: Double] = [
    .abs: 0, .square: 0, .cosh: 0, .hypot: 0,
    .logicalAnd: 0, .logicalOr: 0, .logicalXor: 0, .logicalNot: 0,
    // The zeros of the derivatives.
    .silu: -1.278464542761074, .gelu: -0.7517915246935645, .geluTanh: -0.7524614220710163,
  ]

  private static func cornered(
    _ operation: TensorOperation, _ operands: [Bounded], _ options: Reference.Options
  ) -> Bounded {
    let middle = reference(operation, operands.map(\.centre), options)
    var result = Bounded(
      middle.shape, middle.type, middle.elements.map(\.value), middle.elements.map(\.bound))
    let isExactFunction = exactFunctions.contains(operation)
    if isExactFunction { result.bounds = result.bounds.map { _ in 0 } }
    let places = operands.map { $0.centre.sources(broadcastTo: middle.shape) }
    let isExact = operands.allSatisfy(\.isExact)
    if !isExact {
      // How far the function goes, and its own error there, which need not be at the same corner.
      var spreads = result.values.map { _ in 0.0 }
      for corner in corners(operation, operands, options) {
        for (index, end) in corner.elements.enumerated() {
          // The differences of doubles are off themselves.
          let rounded = isExactFunction ? 0 : 0x1p-48 * abs(end.value)
          spreads[index] = farther(spreads[index], abs(end.value - result.values[index]) + rounded)
          if !isExactFunction { result.bounds[index] = max(result.bounds[index], end.bound) }
        }
      }
      for index in spreads.indices { result.bounds[index] += spreads[index] }
    }
    let isWhole = operands.allSatisfy { $0.type == .int32 }
    var lost: [Reason: Int] = [:]
    for index in result.values.indices {
      let bounds = operands.indices.map { operands[$0].bounds[places[$0][index]] }
      if bounds.contains(where: \.isNaN) {
        result.bounds[index] = .nan
        continue
      }
      let values = operands.indices.map { operands[$0].values[places[$0][index]] }
      let isPoint = bounds.allSatisfy { $0 == 0 }
      if isWhole, isPoint {
        result.bounds[index] = 0
      } else if isWhole {
        // The ends are those of floats, which do not wrap around.
        let largest = abs(result.values[index]) + result.bounds[index]
        guard exactIntegersOnly.contains(operation) || !(largest < 0x1p31) else { continue }
        result.bounds[index] = .nan
        lost[.wraps, default: 0] += 1
      } else if !isMonotone(operation, values, bounds) || result.bounds[index].isNaN {
        result.bounds[index] = .nan
        lost[.pole, default: 0] += 1
      }
    }
    result.reasons = lost
    return result
  }

  /// The operation at the corners of its operands' intervals. Beside a corner may lie a pole.
  private static func corners(
    _ operation: TensorOperation, _ operands: [Bounded], _ options: Reference.Options
  ) -> [Expected] {
    var combinations: [[Exact]] = [[]]
    for operand in operands {
      var ends = operand.isExact ? [operand.lowest] : [operand.lowest, operand.highest]
      if let point = turningPoints[operation], !operand.isExact {
        let turned = zip(ends[0].values, ends[1].values).map { min(max(point, $0), $1) }
        ends.append(Exact(shape: operand.shape, values: turned, type: .float32))
      }
      combinations = combinations.flatMap { begun in ends.map { begun + [$0] } }
    }
    return combinations.map { reference(operation, $0, options) }
  }

  /// Whether the function is monotone in each operand, and without a pole or a jump of unbounded
  /// width, where the operands may be. Where it is not defined, its corners are no numbers.
  private static func isMonotone(
    _ operation: TensorOperation, _ values: [Double], _ bounds: [Double]
  ) -> Bool {
    func low(_ operand: Int) -> Double { values[operand] - bounds[operand] }
    func high(_ operand: Int) -> Double { values[operand] + bounds[operand] }
    func excludesZero(_ operand: Int) -> Bool { abs(values[operand]) > bounds[operand] }
    let isPoint = bounds.allSatisfy { $0 == 0 }
    switch operation {
    // A divisor with a subnormal reciprocal may give 0.
    case .divide: return excludesZero(1) && max(abs(low(1)), abs(high(1))) <= 0x1p126
    case .reciprocal: return excludesZero(0)
    case .tan:
      // The branch between two poles.
      func branch(_ x: Double) -> Double { (x / .pi + 0.5).rounded(.down) }
      return abs(values[0]) < 1e6 && branch(low(0) - 1e-9) == branch(high(0) + 1e-9)
    case .atan2:
      // The cut lies along the negative half of the second operand's axis.
      return low(1) > 0 || low(0) > 0 || high(0) < 0
    case .pow: return isPoint || low(0) > 0
    // The quotient's whole part stays: then they are a - n b.
    case .fmod: return isPoint || excludesZero(1) && wholePart(values, bounds, .towardZero) != nil
    case .remainder: return isPoint || excludesZero(1) && wholePart(values, bounds, .down) != nil
    case .floorDivide: return isPoint || excludesZero(1)
    default: return true
    }
  }

  /// The whole part of a quotient whose divisor is not 0, if all operands give the same.
  private static func wholePart(
    _ values: [Double], _ bounds: [Double], _ rule: FloatingPointRoundingRule
  ) -> Double? {
    var found: Double?
    for a in [values[0] - bounds[0], values[0] + bounds[0]] {
      for b in [values[1] - bounds[1], values[1] + bounds[1]] {
        for slack in [1 - 0x1p-40, 1 + 0x1p-40] {
          let part = (a / b * slack).rounded(rule)
          if let found, found != part { return nil }
          found = part
        }
      }
    }
    return found
  }

  /// Slopes of at most 1.
  private static func wave(
    _ operation: TensorOperation, _ x: Bounded, _ options: Reference.Options
  ) -> Bounded {
    let middle = reference(operation, [x.centre], options)
    let bounds = zip(middle.elements, x.bounds).map { element, bound in
      let spread = min(bound, 2)
      if bound == 0 { return element.bound }
      let largest = min(abs(element.value) + spread, 1)
      return bound.isNaN ? .nan : spread + operation.precision.bound(largest, of: 0)
    }
    return Bounded(x.shape, middle.type, middle.elements.map(\.value), bounds)
  }

  /// Certain where the operands are known exactly, or cannot meet.
  private static func equality(
    _ operation: TensorOperation, _ operands: [Bounded], _ options: Reference.Options
  ) -> Bounded {
    let middle = reference(operation, operands.map(\.centre), options)
    let places = operands.map { $0.centre.sources(broadcastTo: middle.shape) }
    let bounds = zip(places[0], places[1]).map { left, right in
      let width = operands[0].bounds[left] + operands[1].bounds[right]
      let distance = abs(operands[0].values[left] - operands[1].values[right])
      return width.isNaN ? .nan : width == 0 || distance > width * (1 + 0x1p-40) ? 0 : 1.0
    }
    return Bounded(middle.shape, middle.type, middle.elements.map(\.value), bounds)
  }

  /// One of the two, or, where errors decide, whatever lies in either's interval.
  private static func chosen(_ operands: [Bounded]) -> Bounded {
    let shape = operands.dropFirst().reduce(operands[0].shape) { broadcastShape($0, $1.shape) }
    let places = operands.map { $0.centre.sources(broadcastTo: shape) }
    var result = Bounded(shape, operands[1].type, [], [])
    for index in places[0].indices {
      let (condition, width) = (
        operands[0].values[places[0][index]], operands[0].bounds[places[0][index]]
      )
      let values = [1, 2].map { operands[$0].values[places[$0][index]] }
      let bounds = [1, 2].map { operands[$0].bounds[places[$0][index]] }
      let own = condition != 0 ? 0 : 1
      result.values.append(values[own])
      if width.isNaN {
        result.bounds.append(.nan)
      } else if width == 0 || abs(condition) > width {
        result.bounds.append(bounds[own])
      } else {
        let other = abs(values[1 - own] - values[own]) + bounds[1 - own]
        result.bounds.append(farther(bounds[own], other))
      }
    }
    return result
  }
}
