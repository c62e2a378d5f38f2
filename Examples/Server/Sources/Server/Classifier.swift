import DigitsData
import NIOPosix
import Swoop

/// What the handler knows of the model: one image in, ten probabilities out.
protocol Classifier: Sendable {
  /// The probabilities of the digits for the 64 pixels of an image, 0 … 1.
  func classify(_ pixels: [Float]) async throws -> [Float]
  /// The calls answered so far and the batches they came in, where that is known.
  var batches: (calls: Int, batches: Int)? { get }
  /// Called once, when no call comes any more.
  func shutdown() async
}

extension Classifier {
  var batches: (calls: Int, batches: Int)? { nil }
  func shutdown() async {}
}

/// Every operation of every request is its own submission; the request's task awaits the last.
struct PerOpClassifier: Classifier {
  let network: Network

  func classify(_ pixels: [Float]) async throws -> [Float] {
    try await network.device.perOp { try network(network.image(pixels)) }.array()
  }
}

/// The same on a fixed number of threads that block, one request each at a time: what one does
/// about it first. The request's task is suspended meanwhile.
struct PoolClassifier: Classifier {
  private let network: Network
  private let pool: NIOThreadPool

  init(_ network: Network, threads: Int) {
    self.network = network
    pool = NIOThreadPool(numberOfThreads: threads)
    pool.start()
  }

  func classify(_ pixels: [Float]) async throws -> [Float] {
    try await pool.runIfActive { [network] in
      try network.device.blockingPerOp { try network(network.image(pixels)) }.blockingArray()
    }
  }

  func shutdown() async { try? await pool.shutdownGracefully() }
}

/// Requests that come together share submissions and dispatches.
struct CoalescedClassifier: Classifier {
  private let network: Network
  private let coalescer: Coalescer

  init(_ network: Network) {
    self.network = network
    coalescer = Coalescer(on: network.device) { image in try network(image) }
  }

  func classify(_ pixels: [Float]) async throws -> [Float] {
    try await coalescer(network.image(pixels)).array()
  }

  var batches: (calls: Int, batches: Int)? {
    let statistics = coalescer.statistics
    return (statistics.calls - statistics.cancelled, statistics.batches)
  }

  func shutdown() async { await coalescer.shutdown() }
}

/// Computes nothing: what is left is HTTP, the most that any classifier could get.
struct NothingClassifier: Classifier {
  func classify(_ pixels: [Float]) async throws -> [Float] {
    [Float](repeating: 1 / Float(Digits.classCount), count: Digits.classCount)
  }
}
