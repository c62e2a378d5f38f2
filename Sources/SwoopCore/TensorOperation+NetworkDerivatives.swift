// The derivatives of the rows for networks.

extension TensorOperation {
  static let networkDerivatives: [TensorOperation: Derivative] = [
    // g - softmax · Σ g
    .logSoftmax: .partials({ pullback in
      let total = try pullback.gradient.sum(-1, keepingDimensions: true)
      return try pullback.gradient - pullback.result.exp() * total
    }),
    // y = (x - mean) / σ: (g - mean g - y · mean (g · y)) / σ, the first mean only if one was
    // subtracted.
    .normalize: .partials({ pullback in
      let (x, y, words) = (pullback.x, pullback.result, pullback.attributes.words)
      func mean(_ tensor: Tensor) throws(TensorError) -> Tensor {
        try tensor.mean(-1, keepingDimensions: true)
      }
      let isCentred = words[1] != 0
      let variance = try mean((isCentred ? x - mean(x) : x).square())
      let deviation = try (variance + Float(bitPattern: words[0])).sqrt()
      var gradient = try pullback.gradient - y * mean(pullback.gradient * y)
      if isCentred { gradient = try gradient - mean(pullback.gradient) }
      return try gradient / deviation
    }),
    // Each is the other's adjoint; what lies outside of the planes is constant.
    .window: .partials({ pullback in
      try pullback.overWindows(.fold, Array(pullback.attributes.words.prefix(12)))
    }),
    .fold: .partials({ pullback in
      try pullback.overWindows(.window, pullback.attributes.words.prefix(12) + [0])
    }),
  ]
}

extension Pullback {
  fileprivate func overWindows(
    _ operation: TensorOperation, _ words: [UInt32]
  ) throws(TensorError) -> Tensor {
    var attributes = Attributes()
    attributes.words = words
    return try Tensor.make(operation, [gradient.contiguous()], attributes)
  }
}
