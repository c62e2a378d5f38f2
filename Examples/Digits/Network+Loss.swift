import Swoop

extension Network {
  /// The mean cross-entropy of a batch.
  func loss(on batch: Batch, shift: Int) throws(TensorError) -> Tensor {
    let logits = try logits(of: batch.images[shift])
    // Moved so that no exponential overflows; the loss is the same however far, so the gradient
    // need not know.
    let moved = try logits - logits.max(1, keepingDimensions: true).stopGradient()
    let logarithms = try moved - moved.exp().sum(1, keepingDimensions: true).log()
    return try -(logarithms * batch.targets).sum() / batch.count
  }

  /// The mean cross-entropy of a batch, and its gradients.
  func lossWithGradients(
    on batch: Batch, shift: Int
  ) throws -> (loss: Tensor, gradients: Network) {
    let (loss, gradients) = try valueWithGradient(at: tensors) { tensors in
      try Network(tensors).loss(on: batch, shift: shift)
    }
    return (loss, Network(gradients))
  }

  private var tensors: [Tensor] { Network.parameters.map { self[keyPath: $0] } }

  /// - Parameter tensors: in the order of `parameters`.
  private init(_ tensors: [Tensor]) {
    self.init(
      first: tensors[0], firstBias: tensors[1], second: tensors[2], secondBias: tensors[3])
  }
}
