import RealModule
import Swoop

/// What an operation must give: for every element the exact value, and how far a result may be
/// from it.
package struct Expected: Sendable {
  package let shape: [Int]
  package let type: ElementType
  package var elements: [Element]

  package init(shape: [Int], type: ElementType, elements: [Element]) {
    (self.shape, self.type, self.elements) = (shape, type, elements)
  }

  package struct Element: Sendable {
    package let value: Double
    package let bound: Double
    /// What is right as well, where the device has a choice.
    package var others: [Element] = []

    package init(_ value: Double, bound: Double) {
      self.value = value
      self.bound = bound
    }

    /// The error of a result in units of its bound: at most 1 is right.
    package func ratio(of result: Double, as type: ElementType) -> Double {
      var ratio = ownRatio(of: result, as: type)
      for other in others where ratio > 0 { ratio = min(ratio, other.ratio(of: result, as: type)) }
      return ratio
    }

    private func ownRatio(of result: Double, as type: ElementType) -> Double {
      if value.isNaN { return result.isNaN ? 0 : .infinity }
      if result == value { return 0 }
      if result.isNaN || value.isInfinite { return .infinity }
      if result.isInfinite {
        let reachesOverflow = abs(value) + bound >= type.overflow
        return reachesOverflow && result.sign == value.sign ? 0 : .infinity
      }
      return abs(result - value) / bound
    }

    /// After rounding to a narrow type what float32 has computed.
    package func stored(as type: ElementType) -> Element {
      if type.isWhole || type == .float32 || !value.isFinite { return self }
      var bound = bound + type.unitRoundoff * (abs(value) + bound)
      if abs(value) - bound < type.smallestNormal { bound += type.smallestNormal }
      var result = Element(value, bound: bound)
      result.others = others.map { $0.stored(as: type) }
      return result
    }
  }

  /// The error of a result's element in units of its bound: at most 1 is right.
  package func ratio(of result: Double, at index: Int) -> Double {
    elements[index].ratio(of: result, as: type)
  }
}

// MARK: Bounds from theory

/// The unit roundoff of float32, in which every device computes.
package let u = ElementType.float32.unitRoundoff

/// Below this lie the subnormal numbers of float32. Vulkan may take them for zero, so an operand
/// or a result may be off by as much.
package let subnormalSlack = ElementType.float32.smallestNormal

/// γₙ = nu / (1 - nu): n roundings multiply an error by 1 + γₙ at most (Higham, *Accuracy and
/// Stability of Numerical Algorithms*, 2nd ed., lemma 3.1).
package func gamma(_ n: Int) -> Double {
  let product = Double(n) * u
  return product / (1 - product)
}

extension TensorOperation.Precision {
  /// How far a function of one element `x` with the exact result `y` may be off.
  package func bound(_ y: Double, of x: Double) -> Double {
    guard y.isFinite else { return 0 }
    switch self {
    case .rounded: return u * abs(y) + subnormalSlack
    case .ulps(let count): return count * ElementType.float32.ulp(y) + subnormalSlack
    case .exponential: return (3 + 2 * abs(x)) * ElementType.float32.ulp(y) + subnormalSlack
    case .logarithm:
      return (0.5...2).contains(x)
        ? 0x1p-21 : 3 * ElementType.float32.ulp(y) + subnormalSlack
    case .accumulated, .multiplied, .softmax, .logSoftmax, .normalized, .unknown: return 0
    }
  }
}
