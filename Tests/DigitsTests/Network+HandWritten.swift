import Swoop

@testable import Digits

extension Network {
  /// The gradients of the batch's mean cross-entropy, by hand, and the most that their terms come
  /// to together.
  func handWrittenGradients(
    on batch: Batch, shift: Int
  ) throws(TensorError) -> (gradients: Network, magnitudes: Network) {
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

    // The same with nothing subtracted; images and hidden units are not negative.
    let logitsTerms = try (probabilities + batch.targets) / batch.count
    let hiddenTerms = try logitsTerms.matmul(second.abs().transposed()) * isActive
    let magnitudes = Network(
      first: try images.transposed().matmul(hiddenTerms), firstBias: try hiddenTerms.sum(0),
      second: try hidden.transposed().matmul(logitsTerms), secondBias: try logitsTerms.sum(0))
    return (gradients, magnitudes)
  }

  /// Far above the smallest float32 and far below anything that occurs.
  private static let tiny: Float = 1e-30
}
