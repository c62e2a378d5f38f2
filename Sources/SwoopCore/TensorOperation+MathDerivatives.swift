// The derivatives of the mathematical functions: textbook ones, in the form that loses the least.

extension TensorOperation {
  static let mathematicalDerivatives: [TensorOperation: Derivative] = [
    .exp2: .partials({ try $0.gradient * $0.result * 0.6931471805599453 }),
    .expm1: .partials({ try $0.gradient * $0.x.exp() }),
    .sinh: .partials({ try $0.gradient * $0.of(.cosh) }),
    .cosh: .partials({ try $0.gradient * $0.of(.sinh) }),
    .log2: .partials({ try $0.gradient / ($0.x * 0.6931471805599453) }),
    .log10: .partials({ try $0.gradient / ($0.x * 2.302585092994046) }),
    .log1p: .partials({ try $0.gradient / ($0.x + 1) }),
    .asinh: .partials({ try $0.gradient / ($0.x.square() + 1).sqrt() }),
    .acosh: .partials({ try $0.gradient / (($0.x - 1) * ($0.x + 1)).sqrt() }),
    .atanh: .partials({ try $0.gradient / ((1 - $0.x) * (1 + $0.x)) }),
    .sin: .partials({ try $0.gradient * $0.of(.cos) }),
    .cos: .partials({ try -$0.gradient * $0.of(.sin) }),
    .tan: .partials({ try $0.gradient * ($0.result.square() + 1) }),
    .asin: .partials({ try $0.gradient / ((1 - $0.x) * (1 + $0.x)).sqrt() }),
    .acos: .partials({ try -$0.gradient / ((1 - $0.x) * (1 + $0.x)).sqrt() }),
    .atan: .partials({ try $0.gradient / ($0.x.square() + 1) }),
    .atan2: .partials(
      // Over x² + y², of which the squares alone may leave the range of float32.
      { pullback in
        let length = try Tensor.make(.hypot, [pullback.x, pullback.y]).orOne()
        return try pullback.gradient * (pullback.y / length / length)
      },
      { pullback in
        let length = try Tensor.make(.hypot, [pullback.x, pullback.y]).orOne()
        return try -pullback.gradient * (pullback.x / length / length)
      }),
    .reciprocal: .partials({ try -$0.gradient * $0.result.square() }),
    .rsqrt: .partials({ try -$0.gradient * $0.result / ($0.x + $0.x) }),
    .cbrt: .partials({ try $0.gradient / ($0.result.square() * 3) }),
    .hypot: .partials(
      { try $0.gradient * $0.x / $0.result.orOne() },
      { try $0.gradient * $0.y / $0.result.orOne() }),
    // x⁰ is 1 everywhere, and 0 to any power above 0 is 0.
    .pow: .partials(
      { pullback in
        // Where it is not used it must not be infinite at 0 either, for the derivative's derivative.
        let power = try Tensor.where(pullback.y .== 0, 1, pullback.y - 1)
        let slope = try pullback.y * Tensor.make(.pow, [pullback.x, power])
        return try pullback.gradient * Tensor.where(pullback.y .== 0, 0, slope)
      },
      { pullback in
        let isFlat = try (pullback.x .== 0) .& (pullback.y .> 0)
        let logarithm = try Tensor.where(isFlat, 1, pullback.x).log()
        return try pullback.gradient * pullback.result * logarithm
      }),
    .fmod: .partials(
      { $0.gradient }, { try -$0.gradient * ($0.x / $0.y).trunc() }),
    .remainder: .partials(
      { $0.gradient }, { try -$0.gradient * ($0.x / $0.y).floor() }),
    .floorDivide: .zero,
    .erf: .partials({ try $0.gradient * (-$0.x.square()).exp() * 1.1283791670955126 }),
    .erfc: .partials({ try -$0.gradient * (-$0.x.square()).exp() * 1.1283791670955126 }),
    .sigmoid: .partials({ try $0.gradient * $0.result * (1 - $0.result) }),
    .silu: .partials({ pullback in
      let sigmoid = try pullback.of(.sigmoid)
      // 1 - sigmoid is 0 long before 100; infinity times 0 has no value.
      return try pullback.gradient * (sigmoid + pullback.result.minimum(100) * (1 - sigmoid))
    }),
    // Φ(x) + x φ(x)
    .gelu: .partials({ pullback in
      let share = try Tensor.make(.erfc, [pullback.x * -0.7071067811865476]) * 0.5
      // The density is 0 from 14 on.
      let x = try pullback.x.clip(-100, 100)
      let density = try (x.square() * -0.5).exp() * 0.3989422804014327
      return try pullback.gradient * (share + x * density)
    }),
    .geluTanh: .partials({ pullback in
      // The tangent is ±1 from 10 on.
      let x = try pullback.x.clip(-100, 100)
      let square = try x.square()
      let bent = try (x * (square * 0.044715 + 1) * 0.7978845608028654).tanh()
      let slope = try (square * 0.134145 + 1) * 0.7978845608028654
      let half = try (bent + 1) * 0.5
      return try pullback.gradient * (half + x * 0.5 * (1 - bent.square()) * slope)
    }),
    .softplus: .partials({ try $0.gradient * $0.of(.sigmoid) }),
  ]
}

extension Tensor {
  /// 1 where it is 0: a divisor for numbers that are 0 there.
  fileprivate func orOne() throws(TensorError) -> Tensor { try Tensor.where(self .== 0, 1, self) }
}

extension Pullback {
  /// Another function of the operand.
  fileprivate func of(_ operation: TensorOperation) throws(TensorError) -> Tensor {
    try Tensor.make(operation, Operands(x))
  }
}
