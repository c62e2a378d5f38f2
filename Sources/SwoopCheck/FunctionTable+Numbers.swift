import Swoop

extension FunctionTable {
  static let numbers: [FunctionLine] = reductions + sorting + products

  private static let reductions: [FunctionLine] = [
    FunctionLine(
      "variance", "reduction", of: [.mean, .subtract, .square],
      bound: "((n + 3)u + (nuκ)²)·y to first order, κ² = 1 + mean²/y"
    ) { try $0.variance(1) },
    FunctionLine(
      "standardDeviation", "reduction", of: [.mean, .subtract, .square, .sqrt],
      bound: "half of the variance's, relative, and 5·ulp(y)"
    ) { try $0.standardDeviation(1) },
    FunctionLine("norm(.l1)", "reduction", of: [.abs, .sum], bound: "γₙ·y") {
      try $0.norm(.l1, 1)
    },
    FunctionLine(
      "norm", "reduction", of: [.square, .sum, .sqrt], bound: "γₙ₊₁·y/2 + 5·ulp(y)"
    ) { try $0.norm(.l2, 1) },
    FunctionLine("norm(.infinity)", "reduction", of: [.abs, .max]) { try $0.norm(.infinity, 1) },
    FunctionLine(
      "logSumExp", "reduction", of: [.max, .isFinite, .where, .subtract, .exp, .sum, .log, .add],
      bound: "u(3 + 2t) + ut + γₙ + log's bound + u·|y|, t the largest max x - x"
    ) { try $0.logSumExp(1) },
  ]

  private static let sorting: [FunctionLine] = [
    FunctionLine("sorted", "sorting", of: [.sortRuns, .mergeRuns, .takeAlong]) {
      try $0.sorted(1)
    },
    FunctionLine("argsort", "sorting", derivative: false, of: [.sortRuns, .mergeRuns]) {
      try $0.argsort(1)
    },
    FunctionLine("topK", "sorting", of: [.sortRuns, .mergeRuns, .takeAlong]) {
      try $0.topK(2, axis: 1).values
    },
    FunctionLine(
      "uniqueCount", "sorting", derivative: false,
      of: [.sortRuns, .mergeRuns, .notEqual, .sum, .add]
    ) {
      try $0.uniqueCount()
    },
  ]

  private static let products: [FunctionLine] = [
    FunctionLine("outer", "product", of: [.multiply], bound: "u·|y|", on: [3]) {
      try $0.outer(constant([2], $0))
    },
    FunctionLine("dot", "product", of: [.matmul], bound: "γₙ·Σ|xᵢ|", on: [3]) {
      try $0.dot(constant([3], $0))
    },
    FunctionLine(
      "einsum", "product", of: [.matmul],
      bound: "γₙ·Σ|xᵢ| for each pair, n of its contracted indices"
    ) { try .einsum("abc,cd->bda", $0, constant([4, 2], $0)) },
  ]

  static let networks: [FunctionLine] = [
    FunctionLine(
      "layerNorm", "network", of: [.normalize, .multiply, .add],
      bound: "of `normalize`, times |weight|, and γ₂ of the parts"
    ) { try $0.layerNorm(weight: constant([4], $0), bias: constant([4], $0)) },
    FunctionLine(
      "rmsNorm", "network", of: [.normalize, .multiply],
      bound: "of `normalize`, times |weight|, and u·|y|"
    ) { try $0.rmsNorm(weight: constant([4], $0)) },
    FunctionLine(
      "batchNorm", "network", .operand, .all.filter { $0 != .bool },
      of: [.subtract, .add, .sqrt, .divide], bound: "γ₁₇·|y|"
    ) {
      try $0.batchNorm(mean: constant([3], $0, .float32), variance: constant([3], $0, .float32))
    },
    FunctionLine(
      "conv1d", "network", of: [.window, .linear],
      bound: "γₙ₊₁·(Σ|xᵢ| + |bias|), n of channels × kernel"
    ) { try $0.conv1d(constant([2, 3, 2], $0), bias: constant([2], $0)) },
    FunctionLine(
      "conv2d", "network", of: [.window, .linear],
      bound: "γₙ₊₁·(Σ|xᵢ| + |bias|), n of channels × kernel", on: [1, 2, 4, 4]
    ) { try $0.conv2d(constant([2, 2, 2, 2], $0), bias: constant([2], $0), padding: 1) },
    FunctionLine("maxPool2d", "network", of: [.window, .max], on: [1, 2, 4, 4]) {
      try $0.maxPool2d(2)
    },
    FunctionLine(
      "averagePool2d", "network", of: [.window, .mean], bound: "γₙ·Σ|xᵢ|/n", on: [1, 2, 4, 4]
    ) { try $0.averagePool2d(2) },
    FunctionLine(
      "scaledDotProductAttention", "network",
      of: [.matmul, .multiply, .greater, .where, .softmax],
      bound: "of its products and `softmax`, one after the other"
    ) { try $0.scaledDotProductAttention(keys: $0, values: $0, isCausal: true) },
    FunctionLine("embedding", "network", of: [.take], on: [3, 4]) { try $0.embedding(indices($0)) },
    FunctionLine(
      "crossEntropy", "network", of: [.logSoftmax, .takeAlong, .negate, .mean],
      bound: "of `logSoftmax`, and γₙ of the mean", on: [3, 4]
    ) { try $0.crossEntropy(indices($0, [2, 0, 1])) },
    FunctionLine(
      "dropout", "network", of: [.randomBernoulli, .multiply, .where], bound: "γ₂·|y|"
    ) { try $0.dropout(key: RandomKey(seed: 1), rate: 0.5) },
  ]
}
