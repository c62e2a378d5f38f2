import DigitsData
import Swoop

/// The network that `Examples/Digits` trains, written for one image.
struct Network: Sendable {
  let device: Device
  private let first: Tensor
  private let firstBias: Tensor
  private let second: Tensor
  private let secondBias: Tensor

  init(_ weights: DigitsWeights, on device: Device) throws(TensorError) {
    let (pixels, hidden, classes) =
      (Digits.pixelCount, DigitsWeights.hiddenCount, Digits.classCount)
    self.device = device
    first = try Tensor(weights.first, shape: [pixels, hidden], on: device)
    firstBias = try Tensor(weights.firstBias, shape: [hidden], on: device)
    second = try Tensor(weights.second, shape: [hidden, classes], on: device)
    secondBias = try Tensor(weights.secondBias, shape: [classes], on: device)
  }

  func image(_ pixels: [Float]) throws(TensorError) -> Tensor {
    try Tensor(pixels, shape: [Digits.pixelCount], on: device)
  }

  /// The probabilities [10] of the digits for an image [64].
  func callAsFunction(_ image: Tensor) throws(TensorError) -> Tensor {
    try image.linear(first, bias: firstBias, activation: .relu)
      .linear(second, bias: secondBias).softmax()
  }
}
