// The rows of mathematical functions.
//
// Where their bounds come from: the kernels use sums and products, which every device rounds
// correctly, in pairs of floats, and minimax polynomials with relative errors below 2⁻²⁹. Half a
// unit in the last place is the rounding of the result; the rest is what the polynomial's own
// roundings come to, derived beside each kernel. The CPU computes in double precision and rounds
// once.

extension TensorOperation {
  package static let mathematics =
    exponentials + logarithms + trigonometry + powers + remainders + networkFunctions

  private static let exponentials = [exp2, expm1, sinh, cosh]

  /// 2ˣ.
  public static let exp2 = function("exp2", .ulps(1))
  /// eˣ - 1, also where eˣ is close to 1.
  public static let expm1 = function("expm1", .ulps(1.5))
  /// The hyperbolic sine.
  public static let sinh = function("sinh", .ulps(1))
  /// The hyperbolic cosine.
  public static let cosh = function("cosh", .ulps(1))

  private static let logarithms = [log2, log10, log1p, asinh, acosh, atanh]

  /// The logarithm to base 2.
  public static let log2 = function("log2", .ulps(1))
  /// The logarithm to base 10.
  public static let log10 = function("log10", .ulps(1))
  /// log(1 + x), also where x is small.
  public static let log1p = function("log1p", .ulps(1))
  /// The inverse hyperbolic sine.
  public static let asinh = function("asinh", .ulps(1))
  /// The inverse hyperbolic cosine.
  public static let acosh = function("acosh", .ulps(1))
  /// The inverse hyperbolic tangent.
  public static let atanh = function("atanh", .ulps(1))

  private static let trigonometry = [sin, cos, tan, asin, acos, atan, atan2]

  /// The sine of an angle in radians.
  public static let sin = function("sin", .ulps(1))
  /// The cosine of an angle in radians.
  public static let cos = function("cos", .ulps(1))
  /// The tangent of an angle in radians.
  public static let tan = function("tan", .ulps(1.5))
  /// The angle that has this sine.
  public static let asin = function("asin", .ulps(1))
  /// The angle that has this cosine.
  public static let acos = function("acos", .ulps(1))
  /// The angle that has this tangent.
  public static let atan = function("atan", .ulps(1.5))
  /// The angle of the point (second, first).
  public static let atan2 = elementwise(
    "atan2", .ulps(1.5), arity: 2, result: .floating)

  private static let powers = [reciprocal, rsqrt, cbrt, hypot, pow]

  /// 1 / x.
  public static let reciprocal = function("reciprocal", .ulps(0.51))
  /// 1 / √x.
  public static let rsqrt = function("rsqrt", .ulps(0.51))
  /// The cube root.
  public static let cbrt = function("cbrt", .ulps(0.51))
  /// √(a² + b²), also where the squares overflow.
  public static let hypot = elementwise("hypot", .ulps(0.51), arity: 2, result: .floating)
  /// Integers stay integers and wrap around; 1 / xⁿ loses its fraction, and 1 / 0 is 0.
  public static let pow = elementwise("pow", .ulps(1), arity: 2, accepts: .numbers)

  // Integers: by 0 all are 0.
  private static let remainders = [fmod, remainder, floorDivide]

  /// With the sign of the first; exact.
  public static let fmod = elementwise("fmod", .rounded, arity: 2, accepts: .numbers)
  /// With the sign of the second.
  public static let remainder = elementwise("remainder", .rounded, arity: 2, accepts: .numbers)
  /// The quotient, rounded down.
  public static let floorDivide = elementwise(
    "floorDivide", .ulps(0.51), arity: 2, accepts: .numbers)

  private static let networkFunctions = [erf, erfc, sigmoid, silu, gelu, geluTanh, softplus]

  /// The error function.
  public static let erf = function("erf", .ulps(1.5))
  /// 1 - erf(x), also where that is small.
  public static let erfc = function("erfc", .ulps(1.5))
  /// 1 / (1 + e⁻ˣ).
  public static let sigmoid = function("sigmoid", .ulps(1))
  /// x / (1 + e⁻ˣ).
  public static let silu = function("silu", .ulps(1))
  /// x Φ(x) = ½ x erfc(-x/√2): half a unit from the argument of erfc besides its own error.
  public static let gelu = function("gelu", .ulps(2))
  /// ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))).
  public static let geluTanh = function("geluTanh", .ulps(1))
  /// log(1 + eˣ).
  public static let softplus = function("softplus", .ulps(1))
}
