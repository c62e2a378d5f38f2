import DigitsData
import Swoop

/// Trains a network step by step. All of it happens on the device; only the loss comes back, once an
/// epoch.
struct Trainer {
  private(set) var network: Network
  private var optimizer: Optimizer
  private let batches: [Batch]
  private let imageCount: Int
  private let device: Device
  private var generator: SeededGenerator

  /// - Parameters:
  ///   - batchSize: from 1 to the number of images.
  ///   - seed: decides the weights to begin with, the batches and the order of everything.
  init(
    on digits: Digits, batchSize: Int, optimizer: Optimizer.Method = .sgd, seed: UInt64,
    device: Device
  ) throws(TensorError) {
    var generator = SeededGenerator(seed: seed)
    network = try Network.random(seeds: (generator.next(), generator.next()), on: device)
    self.optimizer = try Optimizer(optimizer, on: device)
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
      try await device.batched {
        let (loss, gradients) = try network.lossWithGradients(on: batches[index], shift: shift)
        try optimizer.change(&network, by: gradients, rate: rate)
        total = try total + loss * batches[index].count
      }
    }
    return try await total.scalar(as: Float.self) / Float(imageCount)
  }
}
