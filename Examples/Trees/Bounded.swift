import RealModule

/// A number in double precision, and how far what float32 makes of it may be off.
///
/// The rules are those of a running error analysis (Higham, *Accuracy and Stability of Numerical
/// Algorithms*, 2nd ed., section 3.3) with the precision that `TensorOperation` promises of every
/// operation; any back end that keeps the promise is within `error`. The roundings of double
/// precision itself are 2²⁹ times smaller and left out.
struct Bounded: Sendable {
  let value: Double
  let error: Double

  /// The unit roundoff of float32.
  private static let u = 0x1p-24
  /// Vulkan may take a subnormal number for 0.
  private static let flushed = 0x1p-126

  /// A float32 number as it is.
  init(_ exact: Float) {
    value = Double(exact)
    error = 0
  }

  /// - Parameters:
  ///   - propagated: what the errors of the operands do to the value.
  ///   - ulps: what the operation itself adds, in units in the last place of its result; one unit
  ///     is at most 2u times the result, and correct rounding half a unit.
  private init(_ value: Double, propagated: Double, ulps: Double) {
    self.value = value
    error =
      propagated + ulps * 2 * Bounded.u * (abs(value) + propagated) + Bounded.flushed
  }

  /// A sum of terms in any order; `magnitude` is that of their absolute values, `count` the number
  /// of roundings on the way of a term: γ = nu / (1 - nu) times the magnitude.
  init(sum: Double, magnitude: Double, count: Int, propagated: Double = 0) {
    let roundings = Double(count) * Bounded.u
    value = sum
    error =
      propagated + roundings / (1 - roundings) * (magnitude + propagated)
      + Double(count) * Bounded.flushed
  }

  static func + (a: Bounded, b: Bounded) -> Bounded {
    Bounded(a.value + b.value, propagated: a.error + b.error, ulps: 0.5)
  }

  static func - (a: Bounded, b: Bounded) -> Bounded {
    Bounded(a.value - b.value, propagated: a.error + b.error, ulps: 0.5)
  }

  static func * (a: Bounded, b: Bounded) -> Bounded {
    Bounded(
      a.value * b.value,
      propagated: abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error, ulps: 0.5)
  }

  /// Of a divisor whose error is smaller than itself.
  static func / (a: Bounded, b: Bounded) -> Bounded {
    let quotient = a.value / b.value
    let propagated = (a.error + abs(quotient) * b.error) / Swift.max(0, abs(b.value) - b.error)
    return Bounded(quotient, propagated: propagated, ulps: 2.5)
  }

  func exp() -> Bounded {
    let y = Double.exp(value)
    return Bounded(
      y, propagated: y * Double.expMinusOne(error), ulps: 3 + 2 * (abs(value) + error))
  }

  /// tanh is nowhere steeper than 1.
  func tanh() -> Bounded { Bounded(Double.tanh(value), propagated: error, ulps: 8) }

  /// 1 / (1 + e⁻ˣ), by the operations that the network takes. Negation is exact.
  func sigmoid() -> Bounded {
    let one = Bounded(1)
    return one / (one + Bounded(negating: self).exp())
  }

  private init(negating x: Bounded) {
    value = -x.value
    error = x.error
  }
}
