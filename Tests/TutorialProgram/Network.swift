import DigitsData
import Swoop

/// 64 pixels, 128 numbers between, 10 digits.
struct Network: Sendable {
  var parameters: [Tensor]

  init(_ parameters: [Tensor]) { self.parameters = parameters }

  /// Weights to begin with.
  init(key: RandomKey) throws {
    let (first, second) = key.split()
    parameters = [
      try .normal([Digits.pixelCount, 128], deviation: 0.18, key: first),
      try .zeros([128]),
      try .normal([128, Digits.classCount], deviation: 0.12, key: second),
      try .zeros([Digits.classCount]),
    ]
  }

  /// Ten numbers for each image; the largest is the guess.
  func logits(of images: Tensor) throws -> Tensor {
    try images.linear(parameters[0], bias: parameters[1], activation: .relu)
      .linear(parameters[2], bias: parameters[3])
  }

  /// The mean cross-entropy.
  func loss(_ images: Tensor, _ targets: Tensor) throws -> Tensor {
    try -(logits(of: images).logSoftmax() * targets).sum(-1).mean()
  }
}
