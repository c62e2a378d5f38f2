// The derivative of each row of the operation table. A row that has none says so here as well;
// a test fails for one that is missing.
//
// Where a function has a kink, one of the slopes beside it is given, or 0 where it is flat on one
// side: relu and abs have 0 at 0; of minimum, maximum and clip the first operand that gives the
// result has it all; the largest or smallest over axes share it equally. A NaN that decides is the
// result: it has what the largest would, and so do NaNs over axes; but a limit of clip has 0.

extension TensorOperation {
  static let derivatives: [TensorOperation: Derivative] =
    [arithmeticDerivatives, logicDerivatives, functionDerivatives, conversionDerivatives]
    .reduce(reductionDerivatives) { $0.merging($1) { first, _ in first } }
    .merging(productDerivatives) { first, _ in first }
    .merging(networkDerivatives) { first, _ in first }
    .merging(mathematicalDerivatives) { first, _ in first }
    .merging(movingDerivatives) { first, _ in first }
    .merging(scanDerivatives) { first, _ in first }
    .merging(indexingDerivatives) { first, _ in first }

  private static let arithmeticDerivatives: [TensorOperation: Derivative] = [
    .add: .partials({ $0.gradient }, { $0.gradient }),
    .subtract: .partials({ $0.gradient }, { try -$0.gradient }),
    .multiply: .partials({ try $0.gradient * $0.y }, { try $0.gradient * $0.x }),
    .divide: .partials(
      { try $0.gradient / $0.y }, { try -($0.gradient * $0.result) / $0.y }),
    .negate: .partials({ try -$0.gradient }),
    .abs: .partials({ try $0.gradient * $0.x.sign() }),
    .square: .partials({ try $0.gradient * ($0.x + $0.x) }),
    .minimum: .partials(
      { try $0.gradient(where: $0.firstGives(.<=)) },
      { try $0.gradient(unless: $0.firstGives(.<=)) }),
    .maximum: .partials(
      { try $0.gradient(where: $0.firstGives(.>=)) },
      { try $0.gradient(unless: $0.firstGives(.>=)) }),
    .clip: .partials(
      { try $0.gradient(unless: ($0.x .< $0.y) .| ($0.x .> $0.operands[2])) },
      { try $0.gradient(where: ($0.x .< $0.y) .& ($0.y .<= $0.operands[2])) },
      { try $0.gradient(where: $0.x.maximum($0.y) .> $0.operands[2]) }),
    .sign: .zero, .floor: .zero, .ceil: .zero, .round: .zero, .trunc: .zero,
  ]

  private static let logicDerivatives: [TensorOperation: Derivative] = [
    .equal: .discrete, .notEqual: .discrete, .less: .discrete, .lessOrEqual: .discrete,
    .greater: .discrete, .greaterOrEqual: .discrete, .isNaN: .discrete, .isInfinite: .discrete,
    .isFinite: .discrete, .logicalAnd: .discrete, .logicalOr: .discrete, .logicalXor: .discrete,
    .logicalNot: .discrete, .bitwiseAnd: .discrete, .bitwiseOr: .discrete, .bitwiseXor: .discrete,
    .bitwiseNot: .discrete, .shiftLeft: .discrete, .shiftRight: .discrete, .argmax: .discrete,
    .argmin: .discrete, .anyOf: .discrete, .allOf: .discrete,
    .where: .pullback { pullback in
      // However the condition changes, the result jumps.
      [
        nil, pullback.wants[1] ? try pullback.gradient(where: pullback.x) : nil,
        pullback.wants[2] ? try pullback.gradient(unless: pullback.x) : nil,
      ]
    },
  ]

  private static let functionDerivatives: [TensorOperation: Derivative] = [
    .exp: .partials({ try $0.gradient * $0.result }),
    .log: .partials({ try $0.gradient / $0.x }),
    .sqrt: .partials({ try $0.gradient / ($0.result + $0.result) }),
    .tanh: .partials({ try $0.gradient - $0.gradient * $0.result.square() }),
    .relu: .partials({ try $0.gradient(unless: $0.result .<= 0) }),
  ]

  private static let conversionDerivatives: [TensorOperation: Derivative] = [
    // To and from integers no gradient comes here: those are constants.
    .cast: .partials({ $0.gradient }),
    .copy: .partials({ $0.gradient }),
    .unview: .partials({ pullback in
      try pullback.gradient.viewed(pullback.x.shape, unviewing: pullback.attributes.words)
    }),
  ]

  private static let reductionDerivatives: [TensorOperation: Derivative] = [
    .sum: .partials({ $0.overAxes($0.gradient) }),
    .mean: .partials({ pullback in
      let count = pullback.attributes.axes.reduce(1) { $0 * pullback.x.shape[$1] }
      return pullback.overAxes(try pullback.gradient / Double(count))
    }),
    .max: .partials({ try $0.sharedByTies() }), .min: .partials({ try $0.sharedByTies() }),
    // y · (g - Σ g · y)
    .softmax: .partials({ pullback in
      let weighted = try pullback.gradient * pullback.result
      return try weighted - pullback.result * weighted.sum(-1, keepingDimensions: true)
    }),
  ]
}

extension Pullback {
  /// A tensor of the shape of a reduction's result, repeated along the axes reduced over.
  func overAxes(_ tensor: Tensor) -> Tensor {
    var kept = tensor
    if !attributes.keepingDimensions {
      for axis in attributes.axes { kept = kept.inserting(axis: axis) }
    }
    return kept.stretched(to: x.shape)
  }
}

extension Pullback {
  /// Whether the first of two operands is the result, as it is where it is NaN.
  fileprivate func firstGives(
    _ compare: (Tensor, Tensor) throws(TensorError) -> Tensor
  ) throws(TensorError) -> Tensor {
    try compare(x, y) .| x.isNaN()
  }

  /// Of the largest or smallest over axes: those that are equal to it share its gradient. If it is
  /// NaN, those are the NaNs.
  fileprivate func sharedByTies() throws(TensorError) -> Tensor {
    let isIt = try (x .== overAxes(result)) .| x.isNaN()
    let count = try isIt.reduce(.sum, attributes.axes, true)
    return try Tensor.where(isIt, overAxes(gradient) / count, 0)
  }
}

extension Tensor {
  /// One more axis, of one element, in front of `axis`; the axes from there on move back by one.
  func inserting(axis: Int) -> Tensor {
    var sizes = Array(shape)
    sizes.insert(1, at: axis)
    var strides = InlineArray<8, Int>(repeating: 0)
    for own in 0..<shape.rank { strides[own < axis ? own : own + 1] = layout.strides[own] }
    return Tensor(
      node,
      view: View(
        Layout(shape: Shape(unchecked: sizes), strides: strides, offset: layout.offset)))
  }
}
