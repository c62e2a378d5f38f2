import RealModule
import Swoop

/// The numbers that an element type has. All of them are doubles too, so the host keeps elements
/// of every type as doubles; a new element type is one more case of `ElementType.numbers`.
package enum Numbers: Sendable, Hashable {
  /// Binary floating point: bits of the significand with the leading one, exponents of the
  /// normal numbers.
  case binary(precision: Int, exponents: ClosedRange<Int>)
  /// Whole numbers, which wrap around.
  case integers(ClosedRange<Int64>)
}

extension ElementType {
  package var numbers: Numbers {
    switch self {
    case .float32: .binary(precision: 24, exponents: -126...127)
    case .float16: .binary(precision: 11, exponents: -14...15)
    case .bfloat16: .binary(precision: 8, exponents: -126...127)
    case .int32: .integers(-1 << 31...1 << 31 - 1)
    case .uint8: .integers(0...255)
    case .bool: .integers(0...1)
    }
  }

  package var isWhole: Bool { if case .integers = numbers { true } else { false } }

  /// What elements are added up and multiplied in, and the result's type: whole numbers as int32.
  package var accumulated: ElementType { isWhole ? .int32 : self }

  /// The types that are computed in float32 and stored rounded.
  package static let narrowFloats = allCases.filter { $0.isFloatingPoint && $0 != .float32 }

  /// Half of the distance from 1 to the next number; 0 for whole numbers.
  package var unitRoundoff: Double {
    guard case .binary(let precision, _) = numbers else { return 0 }
    return Double.exp2(Double(-precision))
  }

  /// Below it lie the subnormal numbers; 0 for whole numbers.
  package var smallestNormal: Double {
    guard case .binary(_, let exponents) = numbers else { return 0 }
    return Double.exp2(Double(exponents.lowerBound))
  }

  /// From here on a number rounds to infinity.
  package var overflow: Double {
    guard case .binary(let precision, let exponents) = numbers else { return .infinity }
    return Double.exp2(Double(exponents.upperBound)) * (2 - Double.exp2(Double(-precision)))
  }

  /// The distance between neighbours at a number; 1 for whole numbers.
  package func ulp(_ value: Double) -> Double {
    guard case .binary(let precision, let exponents) = numbers else { return 1 }
    let exponent =
      value.isFinite && value != 0
      ? max(Int(value.exponent), exponents.lowerBound) : exponents.lowerBound
    return Double.exp2(Double(exponent - precision + 1))
  }

  /// The number that a value becomes when it is stored: the nearest, ties to even; whole numbers
  /// are rounded towards zero and saturate, NaN gives 0; bool is whether it is not 0.
  package func rounded(_ value: Double) -> Double {
    self == .float32 ? Double(Float(value)) : roundedByDefinition(value)
  }

  /// The same without Swift's own conversions.
  package func roundedByDefinition(_ value: Double) -> Double {
    switch numbers {
    case .binary:
      guard value.isFinite, value != 0 else { return value }
      if abs(value) >= overflow { return value < 0 ? -.infinity : .infinity }
      // Both are powers of two times small numbers: the quotient is exact.
      let step = ulp(value)
      return (value / step).rounded(.toNearestOrEven) * step
    case .integers(let range):
      if self == .bool { return value == 0 ? 0 : 1 }
      if value.isNaN { return 0 }
      let limited = min(max(value, Double(range.lowerBound)), Double(range.upperBound))
      return limited.rounded(.towardZero)
    }
  }

  /// The element that has the lower bits of a whole number.
  package func wrapped(_ value: Int64) -> Double {
    guard case .integers(let range) = numbers else { return Double(value) }
    if self == .bool { return value == 0 ? 0 : 1 }
    let size = range.upperBound - range.lowerBound + 1
    let rest = (value &- range.lowerBound) % size
    return Double(range.lowerBound + (rest < 0 ? rest + size : rest))
  }
}
