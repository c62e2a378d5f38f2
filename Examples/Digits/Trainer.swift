import DigitsData
import Swoop

/// Trains a network by gradient descent with momentum. All of it happens on the device; only the
/// loss comes back, once an epoch.
struct Trainer {
  private(set) var network: Network
  private var velocity: Network
  private let batches: [Batch]
  private let imageCount: Int
  private let device: Device
  private var generator: SeededGenerator
  private static let momentum: Float = 0.9

  /// - Parameters:
  ///   - batchSize: from 1 to the number of images.
  ///   - seed: decides the weights to begin with, the batches and the order of everything.
  init(
    on digits: Digits, batchSize: Int, seed: UInt64, device: Device
  ) throws(TensorError) {
    var generator = SeededGenerator(seed: seed)
    network = try Network.random(seeds: (generator.next(), generator.next()), on: device)
    velocity = try Network.zeros(on: device)
    batches = try Batch.all(of: digits, size: batchSize, using: &generator, on: device)
    imageCount = digits.count
    self.device = device
    self.generator = generator
  }

  /// Takes one step for each batch.
  /// - Returns: the mean cross-entropy of the images, each at the time its batch was used.
  mutating func epoch(rate: Float) async throws -> Float {
    var total = try Tensor.zeros([], on: device)
    for index in generator.shuffled(batches.indices) {
      let shift = generator.next(below: batches[index].images.count)
      // A step is one submission; while the device works on it, the next one is recorded.
      try await device.recorded {
        let loss = try step(batches[index], shift: shift, rate: rate)
        total = try total + loss
      }
    }
    return try await total.scalar(as: Float.self) / Float(imageCount)
  }

  private mutating func step(
    _ batch: Batch, shift: Int, rate: Float
  ) throws(TensorError) -> Tensor {
    let (gradients, loss) = try network.gradients(on: batch, shift: shift)
    for part in Network.parameters {
      velocity[keyPath: part] =
        try Trainer.momentum * velocity[keyPath: part] + gradients[keyPath: part]
      network[keyPath: part] = try network[keyPath: part] - rate * velocity[keyPath: part]
    }
    return loss
  }
}
