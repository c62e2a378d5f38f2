import Glibc
import RealModule
import Swoop

// Mathematical functions, against glibc's in double precision.

extension OperationTable {
  static let mathematics: [OperationLine] = [
    function(.exp2, [.exponents], { .exp2($0) }, { try $0.exp2() }),
    function(.expm1, [.exponents, .unit], { .expMinusOne($0) }, { try $0.expm1() }),
    function(.sinh, [.exponents, .unit], { .sinh($0) }, { try $0.sinh() }),
    function(.cosh, [.exponents], { .cosh($0) }, { try $0.cosh() }),
    function(.log2, [.positive], { .log2($0) }, { try $0.log2() }),
    function(.log10, [.positive], { .log10($0) }, { try $0.log10() }),
    function(.log1p, [.positive, .unit], { .log(onePlus: $0) }, { try $0.log1p() }),
    function(.asinh, [.wide, .unit], { .asinh($0) }, { try $0.asinh() }),
    function(.acosh, [.positive], { .acosh($0) }, { try $0.acosh() }),
    function(.atanh, [.unit], { .atanh($0) }, { try $0.atanh() }),
    function(.sin, [.angles], stacked: true, { .sin($0) }, { try $0.sin() }),
    function(.cos, [.angles], { .cos($0) }, { try $0.cos() }),
    function(.tan, [.angles], { .tan($0) }, { try $0.tan() }),
    function(.asin, [.unit], { .asin($0) }, { try $0.asin() }),
    function(.acos, [.unit], { .acos($0) }, { try $0.acos() }),
    function(.atan, [.wide], { .atan($0) }, { try $0.atan() }),
    function(.reciprocal, [.wide], { 1 / $0 }, { try $0.reciprocal() }),
    function(.rsqrt, [.positive], { 1 / $0.squareRoot() }, { try $0.rsqrt() }),
    function(.cbrt, [.wide], { Glibc.cbrt($0) }, { try $0.cbrt() }),
    function(.erf, [.tails], { .erf($0) }, { try $0.erf() }),
    function(.erfc, [.tails], { .erfc($0) }, { try $0.erfc() }),
    function(.sigmoid, [.exponents], { logistic($0) }, { try $0.sigmoid() }),
    function(.silu, [.exponents], { gated($0, $0) }, { try $0.silu() }),
    function(
      .gelu, [.tails], stacked: true,
      { $0 == -.infinity ? 0 : 0.5 * $0 * .erfc(-$0 / (2 as Double).squareRoot()) },
      { try $0.gelu() }),
    function(
      .geluTanh, [.tails],
      { gated($0, 2 * (2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)) },
      { try $0.gelu(tanhForm: true) }),
    function(
      .softplus, [.exponents],
      { $0.isNaN ? $0 : max($0, 0) + .log(onePlus: .exp(-abs($0))) },
      { try $0.softplus() }),
    OperationLine(
      .atan2, .functions([.wide, .wide]) + .functions([.unit, .unit], of: [.float32]),
      Reference.elementwise(.atan2, { Glibc.atan2($0[0], $0[1]) })
    ) { x, _ in try x[0].atan2(x[1]) },
    OperationLine(
      .hypot, .functions([.wide, .wide]) + .functions([.unit, .unit], of: [.float32]),
      Reference.elementwise(.hypot, { Glibc.hypot($0[0], $0[1]) })
    ) { x, _ in try x[0].hypot(x[1]) },
    OperationLine(
      .pow, powers, stacking: .operands(2, .wide),
      Reference.elementwise(
        .pow, { Glibc.pow($0[0], $0[1]) }, integer: { power($0[0], $0[1]) })
    ) { x, _ in try x[0].pow(x[1]) },
    OperationLine(
      .fmod, remainders,
      Reference.elementwise(
        .fmod, { Glibc.fmod($0[0], $0[1]) }, integer: { $0[1] == 0 ? 0 : $0[0] % $0[1] })
    ) { x, _ in try x[0].fmod(x[1]) },
    OperationLine(
      .remainder, remainders, stacking: .operands(2, .wide),
      Reference.elementwise(
        .remainder,
        { x in
          let rest = Glibc.fmod(x[0], x[1])
          return rest != 0 && (rest < 0) != (x[1] < 0) ? rest + x[1] : rest
        },
        integer: { $0[1] == 0 ? 0 : $0[0] - $0[1] * floorQuotient($0[0], $0[1]) })
    ) { x, _ in try x[0].remainder(x[1]) },
    OperationLine(
      .floorDivide, remainders,
      Reference.elementwise(
        .floorDivide, { floorQuotient($0[0], $0[1]) },
        integer: { $0[1] == 0 ? 0 : floorQuotient($0[0], $0[1]) })
    ) { x, _ in try x[0].floorDivide(x[1]) },
  ]

  private static func function(
    _ operation: TensorOperation, _ kinds: [Values], stacked: Bool = false,
    _ exact: @escaping @Sendable (Double) -> Double,
    _ apply: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> OperationLine {
    let more = kinds.dropFirst().flatMap { [OperationCase].functions([$0], of: [.float32]) }
    return OperationLine(
      operation, .functions([kinds[0]]) + more,
      stacking: stacked ? .operands(1, kinds[0]) : .none,
      Reference.elementwise(operation, { exact($0[0]) })
    ) { x, _ in try apply(x[0]) }
  }

  private static let powers: [OperationCase] = {
    func of(_ base: Values, _ exponent: Values, _ type: ElementType? = nil) -> OperationCase {
      OperationCase([Operand([2053], .dense, base, type), Operand([2053], .dense, exponent, type)])
    }
    return .functions([.positive, .moderate], of: numbers) + [
      of(.wide, .within(-20...20)), of(.wide, .multiples), of(.unit, .wide),
      of(.within(-9...9), .within(-4...40)), of(.within(0...9), .within(0...40), .uint8),
    ]
  }()

  private static let remainders: [OperationCase] =
    .functions([.wide, .wide], of: numbers) + .functions([.multiples, .multiples], of: [.float32])
    + [
      OperationCase([
        Operand([257], .dense, .within(-50...50)), Operand([257], .dense, .within(-5...5)),
      ])
    ]
}

private func logistic(_ x: Double) -> Double {
  x < 0 ? .exp(x) / (1 + .exp(x)) : 1 / (1 + .exp(-x))
}

/// x times the logistic function of w; towards -infinity 0.
private func gated(_ x: Double, _ w: Double) -> Double { x == -.infinity ? 0 : x * logistic(w) }

private func power(_ base: Int64, _ exponent: Int64) -> Int64 {
  if exponent < 0 { return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0 }
  // The powers of a number repeat, and so do their lower bits: square and multiply.
  var (result, square, rest): (Int64, Int64, Int64) = (1, base, exponent)
  while rest > 0 {
    if rest % 2 == 1 { result = result &* square }
    square = square &* square
    rest /= 2
  }
  return result
}

private func floorQuotient(_ a: Int64, _ b: Int64) -> Int64 {
  let (quotient, rest) = a.quotientAndRemainder(dividingBy: b)
  return rest != 0 && (rest < 0) != (b < 0) ? quotient - 1 : quotient
}

private func floorQuotient(_ a: Double, _ b: Double) -> Double {
  if a.isInfinite && b != 0 { return .nan }
  // A quotient that is no longer a number but a limit.
  if b.isInfinite && a != 0 && a.isFinite { return (a < 0) == (b < 0) ? 0 : -1 }
  return (a / b).rounded(.down)
}
