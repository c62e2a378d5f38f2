import RealModule
import Swoop
import SwoopCore

extension DerivativeTable {
  static let mathematics: [DerivativeLine] =
    exponentials + trigonometry + powers + remainders + networkFunctions

  private static func line(
    _ operation: TensorOperation, in range: ClosedRange<Double> = -2...2, roundings: Int = 64,
    _ function: @escaping @Sendable (Double) -> Double,
    slope: @escaping @Sendable (Double) -> Double
  ) -> DerivativeLine {
    .function(
      operation, in: range, roundings: roundings, function, slope: slope,
      apply: { try Tensor.make(operation, [$0]) })
  }

  private static func pair(
    _ operation: TensorOperation, in range: ClosedRange<Double>,
    _ function: @escaping @Sendable (Double, Double) -> Double,
    slopes: @escaping @Sendable (Double, Double) -> [Double]
  ) -> DerivativeLine {
    .pairs(
      operation, in: range, roundings: 64, function, slopes: slopes,
      apply: { try Tensor.make(operation, [$0, $1]) })
  }

  private static let exponentials: [DerivativeLine] = [
    line(.exp2, { .exp2($0) }, slope: { .exp2($0) }),
    line(.expm1, { .expMinusOne($0) }, slope: { .exp($0) }),
    line(.sinh, { .sinh($0) }, slope: { .cosh($0) }),
    line(.cosh, { .cosh($0) }, slope: { .cosh($0) }),
    line(.log2, in: 0.25...4, { .log2($0) }, slope: { 2 / $0 }),
    line(.log10, in: 0.25...4, { .log10($0) }, slope: { 1 / $0 }),
    line(.log1p, in: -0.5...4, { .log(onePlus: $0) }, slope: { 1 / (1 + $0) }),
    line(.asinh, { .asinh($0) }, slope: { _ in 1 }),
    line(.acosh, in: 1.25...4, { .acosh($0) }, slope: { 1 / ($0 * $0 - 1).squareRoot() }),
    line(.atanh, in: -0.75...0.75, { .atanh($0) }, slope: { 1 / (1 - $0 * $0) }),
  ]

  private static let trigonometry: [DerivativeLine] = [
    line(.sin, { .sin($0) }, slope: { _ in 1 }),
    line(.cos, { .cos($0) }, slope: { _ in 1 }),
    line(.tan, in: -1...1, { .tan($0) }, slope: { 1 + .pow(.tan($0), 2) }),
    line(.asin, in: -0.75...0.75, { .asin($0) }, slope: { 1 / (1 - $0 * $0).squareRoot() }),
    line(.acos, in: -0.75...0.75, { .acos($0) }, slope: { 1 / (1 - $0 * $0).squareRoot() }),
    line(.atan, { .atan($0) }, slope: { _ in 1 }),
    pair(
      .atan2, in: 0.5...2, { .atan2(y: $0, x: $1) },
      slopes: { a, b in [b / (a * a + b * b), a / (a * a + b * b)] }),
  ]

  private static let powers: [DerivativeLine] = [
    line(.reciprocal, in: 0.5...2, { 1 / $0 }, slope: { 1 / ($0 * $0) }),
    line(.rsqrt, in: 0.5...2, { 1 / $0.squareRoot() }, slope: { .pow($0, -1.5) }),
    line(.cbrt, in: 0.5...2, { .root($0, 3) }, slope: { _ in 1 }),
    pair(.hypot, in: 0.5...2, { .hypot($0, $1) }, slopes: { _, _ in [1, 1] }),
    // The logarithm may be as small as it likes: off by an absolute error.
    pair(
      .pow, in: 0.5...2, { .pow($0, $1) },
      slopes: { a, b in [b * .pow(a, b - 1), .pow(a, b) * (1 + abs(.log(a)))] }),
  ]

  private static let remainders: [DerivativeLine] = [
    pair(
      .fmod, in: 0.51...2.03, { $0.truncatingRemainder(dividingBy: $1) },
      slopes: { _, _ in [1, 4] }),
    pair(
      .remainder, in: 0.51...2.03, { $0 - $1 * ($0 / $1).rounded(.down) },
      slopes: { _, _ in [1, 4] }),
    pair(.floorDivide, in: 0.51...2.03, { ($0 / $1).rounded(.down) }, slopes: { _, _ in [0, 0] }),
  ]

  private static let networkFunctions: [DerivativeLine] = [
    line(.erf, { .erf($0) }, slope: { _ in 2 }),
    line(.erfc, { .erfc($0) }, slope: { _ in 2 }),
    line(.sigmoid, { 1 / (1 + .exp(-$0)) }, slope: { _ in 1 }),
    line(.silu, { $0 / (1 + .exp(-$0)) }, slope: { _ in 2 }),
    line(.gelu, { 0.5 * $0 * .erfc(-$0 / 2.0.squareRoot()) }, slope: { _ in 2 }),
    line(
      .geluTanh,
      { x in 0.5 * x * (1 + .tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) },
      slope: { _ in 4 }),
    line(.softplus, { .log(onePlus: .exp($0)) }, slope: { _ in 1 }),
  ]
}
