import Swoop
import SwoopCheck

/// What a program must give: for every element a value, and how far a right result may be from
/// it. The bounds are a running error analysis (Higham, *Accuracy and Stability of Numerical
/// Algorithms*, 2nd ed., section 3.3): each operation passes its operands' errors on and adds
/// its own.
struct Bounded: Sendable {
  var shape: [Int]
  var type: ElementType
  var values: [Double]
  /// NaN where nothing is known.
  var bounds: [Double]
  /// What an argmax may give, where its operand's errors leave more than one choice.
  var choices: [Int: Set<Double>] = [:]
  /// Why elements are not known, and of how many: counted where it began.
  var reasons: [Reason: Int] = [:]

  enum Reason: String, Sendable {
    case notFinite = "not finite, or may not be"
    case pole = "a divisor may be 0, or has a subnormal reciprocal"
    case wraps = "an inexact integer wraps around"
  }

  init(exact: Exact) {
    shape = exact.shape
    type = exact.type
    values = exact.values
    bounds = exact.values.map { $0.isFinite ? 0 : .nan }
    let lost = bounds.count(where: \.isNaN)
    if lost > 0 { reasons[.notFinite] = lost }
  }

  init(_ shape: [Int], _ type: ElementType, _ values: [Double], _ bounds: [Double]) {
    (self.shape, self.type, self.values, self.bounds) = (shape, type, values, bounds)
  }

  var isExact: Bool { bounds.allSatisfy { $0 == 0 } }

  /// The values; where nothing is known NaN, or 0 where the type has none.
  var centre: Exact {
    let unknown = type == .int32 ? 0 : Double.nan
    return Exact(
      shape: shape, values: zip(values, bounds).map { $1.isNaN ? unknown : $0 }, type: type)
  }

  func mapped(_ function: (Double, Double) -> Double) -> Exact {
    Exact(
      shape: shape, values: zip(values, bounds).map { $1.isNaN ? .nan : function($0, $1) },
      type: .float32)
  }

  var lowest: Exact { mapped { $0 - $1 } }
  var highest: Exact { mapped { $0 + $1 } }
  /// The absolute values, and what they are at most.
  var magnitudes: Exact { mapped { value, _ in abs(value) } }
  var largestMagnitudes: Exact { mapped { abs($0) + $1 } }

  /// What a device may see: subnormal elements as they are or as zero.
  var flushable: Bounded {
    if type == .int32 { return self }
    var result = self
    for (index, value) in values.enumerated() where value != 0 || bounds[index] != 0 {
      if abs(value) - bounds[index] < subnormalSlack { result.bounds[index] += subnormalSlack }
    }
    return result
  }

  /// As the float32 that a function takes instead of an int32.
  var asFloats: Bounded {
    if type == .float32 { return self }
    var result = self
    result.type = .float32
    for (index, value) in values.enumerated() where abs(value) + bounds[index] > 0x1p24 {
      result.bounds[index] += u * (abs(value) + bounds[index])
    }
    return result
  }

  /// Whether a result is right: nil where nothing is known.
  func accepts(_ result: Double, at index: Int) -> Bool? {
    if bounds[index].isNaN { return nil }
    if let choices = choices[index] { return choices.contains(result) }
    return abs(result - values[index]) <= bounds[index]
  }
}

extension Bounded {
  func transposed(_ axes: [Int]) -> Bounded {
    let target = axes.map { shape[$0] }
    var order = [Int](repeating: 0, count: values.count)
    for flat in values.indices {
      let place = coordinates(flat, in: shape)
      order[flatIndex(axes.map { place[$0] }, in: target)] = flat
    }
    var result = Bounded(target, type, order.map { values[$0] }, order.map { bounds[$0] })
    result.reasons = reasons
    return result
  }

  func reshaped(_ shape: [Int]) -> Bounded {
    var result = Bounded(shape, type, values, bounds)
    result.reasons = reasons
    return result
  }
}

extension RandomProgram {
  /// What the program must give for these data.
  func expected(_ data: ProgramData) -> Bounded {
    var results: [Int: Bounded] = [:]
    for index in reachable.sorted() {
      let step = steps[index]
      let operands = step.operands.compactMap { results[$0] }
      let result: Bounded
      switch step.kind {
      case .leaf(let leaf):
        let values = data.elements(of: leaf, step.shape, step.type).values
        result = Bounded(exact: Exact(shape: step.shape, values: values, type: step.type))
      case .operation(let operation, let options):
        result = .apply(operation, operands, options)
      case .transposed(let axes): result = operands[0].transposed(axes)
      case .reshaped: result = operands[0].reshaped(step.shape)
      }
      results[index] = result
    }
    return results[steps.count - 1] ?? Bounded(exact: Exact(shape: [], values: [], type: .float32))
  }
}
