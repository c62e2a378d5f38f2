import Swoop

// What the last column of the tables in `ComingFrom.md` has, each line as it stands there: a test
// looks for it here. Hand-kept.

extension Mapping {
  /// Arithmetic and functions.
  static func arithmetic() throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    let y = try Tensor([[6.0, 5, 4], [3, 2, 1]])
    let (a, b) = (try x .> 2, try y .> 2)
    let i = try Tensor([1, 2, 3])

    _ = try x + y
    _ = try 2 * x
    _ = try x / y
    _ = try -x
    _ = try x.floorDivide(y)
    _ = try x.remainder(y)
    _ = try x.fmod(y)
    _ = try x.pow(y)
    // In a list: swift-format does not know that these operators bind closer than an assignment.
    let logic: [Tensor] = [
      try x .== y,
      try x .< 2,
      try a .& b,
      try a .| b,
      try a .^ b,
      try .!a,
    ]
    _ = logic
    _ = try i & 1
    _ = try i | 1
    _ = try i ^ 1
    _ = try ~i
    _ = try i << 2
    _ = try i >> 2
    _ = try Tensor.where(a, x, y)
    _ = try x.exp()
    _ = try x.expm1()
    _ = try x.exp2()
    _ = try x.log()
    _ = try x.log2()
    _ = try x.log10()
    _ = try x.log1p()
    _ = try x.sqrt()
    _ = try x.cbrt()
    _ = try x.square()
    _ = try x.reciprocal()
    _ = try x.rsqrt()
    _ = try x.sin()
    _ = try x.cos()
    _ = try x.tan()
    _ = try x.asin()
    _ = try x.acos()
    _ = try x.atan()
    _ = try x.sinh()
    _ = try x.cosh()
    _ = try x.tanh()
    _ = try x.asinh()
    _ = try x.acosh()
    _ = try x.atanh()
    _ = try y.atan2(x)
    _ = try x.hypot(y)
    _ = try x.erf()
    _ = try x.erfc()
    _ = try x.abs()
    _ = try x.sign()
    _ = try x.floor()
    _ = try x.ceil()
    _ = try x.round()
    _ = try x.trunc()
    _ = try x.minimum(y)
    _ = try x.maximum(y)
    _ = try x.clip(0, 1)
    _ = try x.isNaN()
    _ = try x.isInfinite()
    _ = try x.isFinite()
  }
}
