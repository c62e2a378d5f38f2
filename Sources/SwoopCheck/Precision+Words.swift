import Swoop

extension TensorOperation.Precision {
  /// The bound for people.
  package var words: String {
    switch self {
    case .rounded: "the exact result, rounded once"
    case .ulps(let count):
      count == 1 ? "1 unit in the last place" : "\(Self.text(count)) units in the last place"
    case .exponential: "what Vulkan asks of exp"
    case .logarithm: "what Vulkan asks of log"
    case .accumulated: "one rounding for each of n terms, in any order"
    case .multiplied: "one rounding for each of n factors, in any order"
    case .softmax: "exponentials over their accumulated sum"
    case .logSoftmax: "a difference, less the logarithm of an accumulated sum"
    case .normalized: "a difference from the accumulated mean over the root of the variance"
    case .unknown: "whatever the kernel makes of it"
    }
  }

  /// The bound on |result - exact| for the exact result y of operands x, in float32, where u is
  /// 2⁻²⁴ and γₙ is nu / (1 - nu). Results below the smallest normal number may be flushed to 0.
  package var formula: String {
    switch self {
    case .rounded: "u·\\|y\\|"
    case .ulps(let count): "\(Self.text(count))·ulp(y)"
    case .exponential: "(3 + 2\\|x\\|)·ulp(y)"
    case .logarithm: "3·ulp(y), 2⁻²¹ for ½ ≤ x ≤ 2"
    case .accumulated: "γₙ·Σ\\|xᵢ\\|"
    case .multiplied: "γₙ·\\|y\\|"
    case .softmax: "y·(1 + 2u(3 + 2\\|t\\|) + u\\|t\\|)·(1 + 6u) / (1 - s) - y, t = x - max x"
    case .logSoftmax: "u\\|t\\| - log(1 - s) + log's bound + 2u\\|y\\|, t = x - max x"
    case .normalized:
      "(e/σ + r\\|y\\|)(1 + r), e = γₙ₊₄·mean \\|x\\| + u\\|x - μ\\|, r = δ(σ²)/2σ² + 15u"
    case .unknown: ""
    }
  }

  private static func text(_ count: Double) -> String {
    count == count.rounded() ? "\(Int(count))" : "\(count)"
  }
}
