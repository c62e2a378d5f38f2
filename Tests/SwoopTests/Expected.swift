import RealModule
import Swoop

/// What an operation must give: for every element the exact value, and how far a result may be
/// from it.
struct Expected: Sendable {
  let shape: [Int]
  let type: ElementType
  var elements: [Element]

  struct Element: Sendable {
    let value: Double
    let bound: Double
    /// What is right as well, where the device has a choice.
    var others: [Element] = []

    init(_ value: Double, bound: Double) {
      self.value = value
      self.bound = bound
    }

    /// The error of a result in units of its bound: at most 1 is right.
    func ratio(of result: Double) -> Double {
      others.reduce(ownRatio(of: result)) { min($0, $1.ratio(of: result)) }
    }

    private func ownRatio(of result: Double) -> Double {
      if value.isNaN { return result.isNaN ? 0 : .infinity }
      if result == value { return 0 }
      if result.isNaN || value.isInfinite { return .infinity }
      if result.isInfinite {
        let reachesOverflow = abs(value) + bound >= Expected.overflow
        return reachesOverflow && result.sign == value.sign ? 0 : .infinity
      }
      return abs(result - value) / bound
    }
  }

  /// From here on float32 rounds to infinity.
  private static let overflow = 0x1p128 - 0x1p103
}

// MARK: Bounds from theory

/// The unit roundoff of float32.
let u = 0x1p-24

/// Below this lie the subnormal numbers. Vulkan may take them for zero, so an operand or a
/// result may be off by as much.
let subnormalSlack = 0x1p-126

/// γₙ = nu / (1 - nu): n roundings multiply an error by 1 + γₙ at most (Higham, *Accuracy and
/// Stability of Numerical Algorithms*, 2nd ed., lemma 3.1).
func gamma(_ n: Int) -> Double {
  let product = Double(n) * u
  return product / (1 - product)
}

/// The distance between neighbours of float32 at a number.
func ulp(_ value: Double) -> Double {
  guard value.isFinite, value != 0 else { return 0x1p-149 }
  return max(Double.exp2(Double(value.exponent) - 23), 0x1p-149)
}

extension TensorOperation.Precision {
  /// How far a function of one element `x` with the exact result `y` may be off.
  func bound(_ y: Double, of x: Double) -> Double {
    guard y.isFinite else { return 0 }
    switch self {
    case .rounded: return u * abs(y) + subnormalSlack
    case .ulps(let count): return count * ulp(y) + subnormalSlack
    case .exponential: return (3 + 2 * abs(x)) * ulp(y) + subnormalSlack
    case .logarithm:
      return (0.5...2).contains(x) ? 0x1p-21 : 3 * ulp(y) + subnormalSlack
    case .accumulated, .softmax, .unknown: return 0
    }
  }
}
