import Swoop

extension Network {
  /// The gradients of the batch's mean cross-entropy, by hand, and the batch's summed
  /// cross-entropy.
  func gradients(on batch: Batch, shift: Int) throws(TensorError) -> (Network, loss: Tensor) {
    let images = batch.images[shift]

    // Forward.
    let hidden = try images.linear(first, bias: firstBias, activation: .relu)
    let probabilities = try hidden.linear(second, bias: secondBias).softmax()

    // Backward. Of softmax and cross-entropy together the gradient is just what is too much.
    let logitsGradient = try (probabilities - batch.targets) / batch.count
    // Relu passes a gradient on where its result is above 0. h / (h + tiny) is 0 where h is and,
    // since no h that matters is anywhere near as small as tiny, 1 elsewhere.
    let isActive = try hidden / (hidden + Network.tiny)
    let hiddenGradient = try logitsGradient.matmul(second.transposed()) * isActive
    let gradients = Network(
      first: try images.transposed().matmul(hiddenGradient), firstBias: try hiddenGradient.sum(0),
      second: try hidden.transposed().matmul(logitsGradient),
      secondBias: try logitsGradient.sum(0))

    // The probability of what is right; tiny keeps its logarithm finite if it has become 0.
    let right = try (probabilities * batch.targets).sum(1)
    return (gradients, try -(right + Network.tiny).log().sum())
  }

  /// Far above the smallest float32 and far below anything that occurs.
  private static let tiny: Float = 1e-30
}
