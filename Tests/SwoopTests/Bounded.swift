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
    case pole = "a pole or a jump that is not bounded, or may be one"
    case wraps = "an inexact integer wraps around, or its bits matter"
    case ties = "an order that errors decide"
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
    let unknown = type.isWhole ? 0 : Double.nan
    return Exact(
      shape: shape, values: zip(values, bounds).map { $1.isNaN ? unknown : $0 }, type: type)
  }

  func mapped(_ function: (Double, Double) -> Double) -> Exact {
    Exact(
      shape: shape, values: zip(values, bounds).map { $1.isNaN ? .nan : function($0, $1) },
      type: .float32)
  }

  // The ends lie a little further out, so that what doubles round off never hides a jump.

  var lowest: Exact { mapped { $1 == 0 ? $0 : $0 - Self.reach($0, $1) } }
  var highest: Exact { mapped { $1 == 0 ? $0 : $0 + Self.reach($0, $1) } }

  private static func reach(_ value: Double, _ bound: Double) -> Double {
    bound * (1 + 0x1p-40) + abs(value) * 0x1p-50
  }

  /// The absolute values, and what they are at most.
  var magnitudes: Exact { mapped { value, _ in abs(value) } }
  var largestMagnitudes: Exact { mapped { abs($0) + $1 } }

  /// Whether a result is right: nil where nothing is known.
  func accepts(_ result: Double, at index: Int) -> Bool? {
    if bounds[index].isNaN { return nil }
    if let choices = choices[index] { return choices.contains(result) }
    let distance = abs(result - values[index])
    // What doubles round off is far below what floats tell apart.
    return distance == 0
      || distance <= bounds[index] * (1 + 0x1p-40) + abs(values[index]) * 0x1p-50
        && bounds[index] > 0
  }
}

// MARK: Types

extension Bounded {
  /// What a device may see: subnormal elements as they are or as zero.
  var flushable: Bounded {
    if type.isWhole { return self }
    let slack = type.smallestNormal
    var result = self
    for (index, value) in values.enumerated() where value != 0 || bounds[index] != 0 {
      if abs(value) - bounds[index] < slack { result.bounds[index] += slack }
    }
    return result
  }

  /// As the float32 that a function takes instead of a whole number, or of a narrower one.
  var asFloats: Bounded {
    if type == .float32 { return self }
    var result = self
    result.type = .float32
    guard type.isWhole else { return result }
    for (index, value) in values.enumerated() where abs(value) + bounds[index] > 0x1p24 {
      result.bounds[index] += u * (abs(value) + bounds[index])
    }
    return result
  }

  /// As kernels read their operands: float32, or int32 if the type is whole.
  func read(as wide: ElementType) -> Bounded {
    if wide == .float32 { return asFloats }
    var result = self
    result.type = wide
    return result
  }

  /// As kernels store what they have computed in float32 or int32. A number that is known exactly
  /// has one nearest neighbour.
  func stored(as target: ElementType) -> Bounded {
    if target == type { return self }
    var result = self
    result.type = target
    guard !target.isWhole else {
      result.storeWhole()
      return result
    }
    let roundoff = target.unitRoundoff
    for (index, value) in values.enumerated() where !bounds[index].isNaN {
      let bound = bounds[index]
      if bound == 0 {
        result.values[index] = target.rounded(value)
      } else {
        result.bounds[index] += roundoff * (abs(value) + bound)
      }
      let isNormal = abs(result.values[index]) - result.bounds[index] >= target.smallestNormal
      if !isNormal, value != 0 || bound != 0 { result.bounds[index] += target.smallestNormal }
    }
    return result
  }

  /// The lower bits; of bool, whether there are any.
  private mutating func storeWhole() {
    choices = [:]
    for (index, value) in values.enumerated() where !bounds[index].isNaN {
      let bound = bounds[index]
      if type == .bool {
        values[index] = value == 0 ? 0 : 1
        bounds[index] = bound < abs(value) || bound == 0 ? 0 : 1
      } else if bound == 0 {
        values[index] = type.wrapped(Int64(value))
      } else {
        let ends = [value - bound, value + bound].map { type.wrapped(Int64($0.rounded())) }
        values[index] = type.wrapped(Int64(value))
        if ends[1] - ends[0] != (value + bound).rounded() - (value - bound).rounded() {
          bounds[index] = .nan
          reasons[.wraps, default: 0] += 1
        }
      }
    }
  }
}
