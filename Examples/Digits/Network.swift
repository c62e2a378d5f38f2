import DigitsData
import Swoop

/// The four tensors of a network 64 → 256 → 10: its weights, or their gradients, or the velocities
/// with which they change.
struct Network {
  var first: Tensor
  var firstBias: Tensor
  var second: Tensor
  var secondBias: Tensor

  static var parameters: [WritableKeyPath<Network, Tensor>] {
    [\.first, \.firstBias, \.second, \.secondBias]
  }
}

extension Network {
  /// Weights to begin with: random ones, wide enough that the signal keeps its strength through a
  /// relu (He and others, 2015).
  static func random(
    seeds: (UInt64, UInt64), on device: Device
  ) throws(TensorError) -> Network {
    func weights(_ inputs: Int, _ outputs: Int, _ seed: UInt64) throws(TensorError) -> Tensor {
      let limit = (6 / Float(inputs)).squareRoot()
      return try .random([inputs, outputs], in: -limit...limit, seed: seed, on: device)
    }
    var network = try zeros(on: device)
    network.first = try weights(Digits.pixelCount, DigitsWeights.hiddenCount, seeds.0)
    network.second = try weights(DigitsWeights.hiddenCount, Digits.classCount, seeds.1)
    return network
  }

  static func zeros(on device: Device) throws(TensorError) -> Network {
    let (inputs, hidden, classes) =
      (Digits.pixelCount, DigitsWeights.hiddenCount, Digits.classCount)
    return Network(
      first: try .zeros([inputs, hidden], on: device),
      firstBias: try .zeros([hidden], on: device),
      second: try .zeros([hidden, classes], on: device),
      secondBias: try .zeros([classes], on: device))
  }

  init(_ weights: DigitsWeights, on device: Device) throws(TensorError) {
    self = try Network.zeros(on: device)
    first = try Tensor(weights.first, shape: first.shape, on: device)
    firstBias = try Tensor(weights.firstBias, shape: firstBias.shape, on: device)
    second = try Tensor(weights.second, shape: second.shape, on: device)
    secondBias = try Tensor(weights.secondBias, shape: secondBias.shape, on: device)
  }

  /// The weights on the host.
  func weights(metadata: [String: String]) async throws -> DigitsWeights {
    try await DigitsWeights(
      first: first.array(), firstBias: firstBias.array(), second: second.array(),
      secondBias: secondBias.array(), metadata: metadata)
  }

  /// Ten numbers an image; the largest is the guess.
  func logits(of images: Tensor) throws(TensorError) -> Tensor {
    try images.linear(first, bias: firstBias, activation: .relu).linear(second, bias: secondBias)
  }

  /// How many of the images it knows.
  func correctCount(of digits: Digits) async throws -> Int {
    let images = try Tensor(
      digits.pixels, shape: [digits.count, Digits.pixelCount], on: first.device)
    let guesses: [Int32] = try await logits(of: images).argmax(1).array()
    return zip(guesses, digits.labels).count { $0 == $1 }
  }
}
