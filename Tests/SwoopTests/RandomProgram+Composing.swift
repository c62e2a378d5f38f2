import Swoop
import SwoopCheck

extension RandomProgram {
  /// Functions that `Tensor` makes of several operations.
  enum Composite: String, Sendable, CaseIterable {
    // Over the options' axes.
    case variance, standardDeviation, norm1, norm2, normInfinity, logSumExp
    // Along the options' axis; the first word is 1 for descending order, the second a count.
    case sorted, argsort, topK
    /// The first operand in the second, sorted.
    case searchSorted

    static let overAxes: [Composite] = [
      .variance, .standardDeviation, .norm1, .norm2, .normInfinity, .logSumExp,
    ]

    func tensor(_ operands: [Tensor], _ options: Reference.Options) throws -> Tensor {
      let x = operands[0]
      let isDescending = options.words.first == 1
      let axis = options.axis ?? 0
      // The functions are variadic: no axes, one, or two.
      let axes = options.axes
      let isKeeping = options.isKeeping
      func norm(_ order: Tensor.Norm) throws -> Tensor {
        switch axes.count {
        case 0: try x.norm(order, keepingDimensions: isKeeping)
        case 1: try x.norm(order, axes[0], keepingDimensions: isKeeping)
        default: try x.norm(order, axes[0], axes[1], keepingDimensions: isKeeping)
        }
      }
      switch self {
      case .variance:
        return switch axes.count {
        case 0: try x.variance(keepingDimensions: isKeeping)
        case 1: try x.variance(axes[0], keepingDimensions: isKeeping)
        default: try x.variance(axes[0], axes[1], keepingDimensions: isKeeping)
        }
      case .standardDeviation:
        return switch axes.count {
        case 0: try x.standardDeviation(keepingDimensions: isKeeping)
        case 1: try x.standardDeviation(axes[0], keepingDimensions: isKeeping)
        default: try x.standardDeviation(axes[0], axes[1], keepingDimensions: isKeeping)
        }
      case .logSumExp:
        return switch axes.count {
        case 0: try x.logSumExp(keepingDimensions: isKeeping)
        case 1: try x.logSumExp(axes[0], keepingDimensions: isKeeping)
        default: try x.logSumExp(axes[0], axes[1], keepingDimensions: isKeeping)
        }
      case .norm1: return try norm(.l1)
      case .norm2: return try norm(.l2)
      case .normInfinity: return try norm(.infinity)
      case .sorted: return try x.sorted(axis, descending: isDescending)
      case .argsort: return try x.argsort(axis, descending: isDescending)
      case .topK: return try x.topK(options.words[1], axis: axis, largest: isDescending).values
      case .searchSorted:
        return try operands[1].sorted(0).searchSorted(x, side: isDescending ? .right : .left)
      }
    }
  }

  func contains(_ composite: Composite) -> Bool {
    reachable.contains {
      guard case .composite(composite, _) = steps[$0].kind else { return false }
      return true
    }
  }
}
