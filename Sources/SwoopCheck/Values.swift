import RealModule
import Swoop

/// What the elements of an operand are like. Of every kind there are elements of every type.
package enum Values: Sendable {
  /// Of both signs, mostly near 1, some tiny and some huge, none subnormal.
  case wide
  /// Of both signs, so that sums and products of a few thousand stay far from the limits.
  case moderate
  /// For logarithms and roots.
  case positive
  /// For exp, from underflow to overflow.
  case exponents
  /// For tanh, from where it is linear to where it is 1.
  case angles
  /// Few different ones, so that there are ties.
  case repeated
  /// Whole numbers, anywhere in the range of their type.
  case integers
  /// Whole numbers in this range: indices, counts.
  case within(ClosedRange<Int>)
  /// These, over and over.
  case these([Float])
  /// These integers, over and over.
  case theseIntegers([Int32])
  /// So many, made by this.
  case made(@Sendable (_ count: Int, _ generator: inout SplitMix) -> [Double])

  /// The type they have if nobody says.
  package var type: ElementType {
    switch self {
    case .integers, .within, .theseIntegers: .int32
    default: .float32
    }
  }

  package func elements(
    _ count: Int, _ type: ElementType? = nil, _ generator: inout SplitMix
  ) -> Elements {
    let type = type ?? self.type
    switch self {
    case .theseIntegers(let list):
      return Elements((0..<count).map { Double(list[$0 % list.count]) }, type)
    case .these(let list):
      return Elements((0..<count).map { Double(list[$0 % list.count]) }, type)
    case .made(let make):
      return Elements(make(count, &generator), type)
    default:
      return Elements((0..<count).map { _ in element(type, &generator) }, type)
    }
  }

  private func element(_ type: ElementType, _ generator: inout SplitMix) -> Double {
    let choice = Int.random(in: 0..<10, using: &generator)
    // Ranges of exponents are those of float32, narrower for types that have fewer.
    var (least, span) = (-126.0, 1.0)
    if case .binary(_, let exponents) = type.numbers {
      (least, span) = (Double(exponents.lowerBound), Double(exponents.upperBound + 1) / 128)
    }
    func power(_ range: ClosedRange<Double>) -> Double {
      let exponent = Double.random(in: range, using: &generator) * span
      return Double.exp2(max(exponent, least))
    }
    func signed(_ value: Double) -> Double { Bool.random(using: &generator) ? value : -value }
    func uniform(_ limit: Double) -> Double { .random(in: -limit...limit, using: &generator) }

    switch self {
    case .wide:
      if choice < 6 { return uniform(2) }
      if choice < 8 { return signed(power(-20...20)) }
      return signed(choice == 8 ? power(-60 ... -40) : power(40...60))
    case .moderate:
      if choice < 8 { return uniform(2) }
      return signed(choice == 8 ? power(-20...0) : power(0...10))
    case .positive:
      if choice < 4 { return .random(in: 0.25...4, using: &generator) }
      if choice < 6 { return 1 + uniform(0.001) }
      return power(-125...126)
    case .exponents:
      if choice < 5 { return uniform(90 * span) }
      if choice < 8 { return uniform(2) }
      return choice == 8 ? signed(power(-60 ... -20)) : uniform(120 * span)
    case .angles:
      if choice < 6 { return uniform(3) }
      if choice < 8 { return uniform(20) }
      return signed(choice == 8 ? power(-60 ... -5) : power(4...100))
    case .repeated:
      return Double(Int.random(in: -2...2, using: &generator))
    case .within(let range):
      return Double(Int.random(in: range, using: &generator))
    case .integers:
      guard case .integers(let range) = type.numbers else { return uniform(1000).rounded() }
      return Double(Int64.random(in: range, using: &generator))
    case .these, .theseIntegers, .made:
      return 0
    }
  }
}
