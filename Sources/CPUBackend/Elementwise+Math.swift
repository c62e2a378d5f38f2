import Glibc
import RealModule
import SwoopCore

// Mathematical functions: glibc's in double precision, rounded to float32 once.

extension CPUBackend {
  static func addMathematics(to table: inout [TensorOperation: Kernel]) {
    addExponentials(to: &table)
    addTrigonometry(to: &table)
    addPowers(to: &table)
    addRemainders(to: &table)
    table[.erf] = { wide($0) { .erf($0) } }
    table[.erfc] = { wide($0) { .erfc($0) } }
    table[.sigmoid] = { wide($0) { logistic($0) } }
    // Towards -infinity 0, not the NaN of -infinity times 0.
    table[.silu] = { wide($0) { $0 == -.infinity ? 0 : $0 * logistic($0) } }
    table[.gelu] = {
      wide($0) { $0 == -.infinity ? 0 : 0.5 * $0 * .erfc($0 * -(0.5 as Double).squareRoot()) }
    }
    table[.geluTanh] = {
      wide($0) { x in
        let slope = (8 / Double.pi).squareRoot()
        return x == -.infinity ? 0 : x * logistic(slope * (x + 0.044715 * x * x * x))
      }
    }
    table[.softplus] = { wide($0) { max($0, 0) + .log(onePlus: .exp(-$0.magnitude)) } }
  }

  private static func addExponentials(to table: inout [TensorOperation: Kernel]) {
    table[.exp2] = { wide($0) { .exp2($0) } }
    table[.expm1] = { wide($0) { .expMinusOne($0) } }
    table[.sinh] = { wide($0) { .sinh($0) } }
    table[.cosh] = { wide($0) { .cosh($0) } }
    table[.log2] = { wide($0) { .log2($0) } }
    table[.log10] = { wide($0) { .log10($0) } }
    table[.log1p] = { wide($0) { .log(onePlus: $0) } }
    table[.asinh] = { wide($0) { .asinh($0) } }
    table[.acosh] = { wide($0) { .acosh($0) } }
    table[.atanh] = { wide($0) { .atanh($0) } }
  }

  private static func addTrigonometry(to table: inout [TensorOperation: Kernel]) {
    table[.sin] = { wide($0) { .sin($0) } }
    table[.cos] = { wide($0) { .cos($0) } }
    table[.tan] = { wide($0) { .tan($0) } }
    table[.asin] = { wide($0) { .asin($0) } }
    table[.acos] = { wide($0) { .acos($0) } }
    table[.atan] = { wide($0) { .atan($0) } }
    table[.atan2] = { wide($0) { Glibc.atan2($0, $1) } }
  }

  private static func addPowers(to table: inout [TensorOperation: Kernel]) {
    table[.reciprocal] = { function($0) { 1 / $0 } }
    table[.rsqrt] = { wide($0) { 1 / $0.squareRoot() } }
    table[.cbrt] = { wide($0) { Glibc.cbrt($0) } }
    table[.hypot] = { wide($0) { Glibc.hypot($0, $1) } }
    table[.pow] = { binary($0, { Float(Glibc.pow(Double($0), Double($1))) }, { power($0, $1) }) }
  }

  private static func addRemainders(to table: inout [TensorOperation: Kernel]) {
    table[.fmod] = { binary($0, { Glibc.fmodf($0, $1) }, { integerQuotient($0, $1).rest }) }
    table[.remainder] = { call in
      binary(
        call,
        { a, b in
          let rest = Glibc.fmodf(a, b)
          return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
        },
        { a, b in
          let rest = integerQuotient(a, b).rest
          return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
        })
    }
    table[.floorDivide] = { call in
      binary(
        call, { floorQuotient($0, $1) },
        { a, b in
          let (quotient, rest) = integerQuotient(a, b)
          return rest != 0 && (rest < 0) != (b < 0) ? quotient - 1 : quotient
        })
    }
  }

  @inline(__always)
  private static func wide(_ call: KernelCall, _ body: (Double) -> Double) {
    function(call) { (x: Float) in Float(body(Double(x))) }
  }

  @inline(__always)
  private static func wide(_ call: KernelCall, _ body: (Double, Double) -> Double) {
    function(call) { (x: Float, y: Float) in Float(body(Double(x), Double(y))) }
  }
}

@inline(__always)
private func logistic(_ x: Double) -> Double {
  // eˣ of a large one is infinite.
  let e = Double.exp(-x.magnitude)
  return x < 0 ? e / (1 + e) : 1 / (1 + e)
}

/// By repeated squaring; wraps around. 1 / xⁿ without its fraction for a negative exponent.
private func power(_ base: Int32, _ exponent: Int32) -> Int32 {
  if exponent < 0 {
    return base == 1 ? 1 : base == -1 ? (exponent & 1 == 0 ? 1 : -1) : 0
  }
  var (result, square, rest) = (Int32(1), base, exponent)
  while rest > 0 {
    if rest & 1 != 0 { result &*= square }
    square &*= square
    rest >>= 1
  }
  return result
}

/// Towards zero. By 0 both are 0; the least by -1 wraps around.
@inline(__always)
private func integerQuotient(_ a: Int32, _ b: Int32) -> (quotient: Int32, rest: Int32) {
  if b == 0 { return (0, 0) }
  if b == -1 { return (0 &- a, 0) }
  return (a / b, a % b)
}

private func floorQuotient(_ a: Float, _ b: Float) -> Float {
  if b == 0 { return a / b }
  if a.isFinite && b.isInfinite { return a != 0 && (a < 0) != (b < 0) ? -1 : a / b }
  // a less the remainder is a multiple of b: exact in double precision unless the quotient is too
  // large for that to count.
  let (x, y) = (Double(a), Double(b))
  let rest = Glibc.fmod(x, y)
  let quotient = ((x - rest) / y).rounded(.toNearestOrEven)
  return Float(rest != 0 && (rest < 0) != (y < 0) ? quotient - 1 : quotient)
}
