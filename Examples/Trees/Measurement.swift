import Swoop
import SwoopLab

/// A way for the operations of a forest to reach the device.
enum ForestPath: String, Sendable, CaseIterable, Codable {
  case perOp, recorded, batched

  /// The name to print.
  var title: String { self == .perOp ? "per-op" : rawValue }

  /// Runs `body` in the path's scope, and returns when its operations have been submitted.
  nonisolated(nonsending) func run(
    on device: Device, _ body: () throws(TensorError) -> [Tensor]
  ) async throws -> [Tensor] {
    switch self {
    case .perOp: try await device.perOp { try body() }
    case .recorded: try await device.recorded { try body() }
    case .batched: try await device.batched { try body() }
    }
  }
}

/// Runs a forest on the three paths.
struct Measurement: Sendable {
  let forest: Forest
  let network: TreeLSTM
  let device: Device

  /// A forest once: a new graph, submitted on a path, and waited for once, at its end.
  /// - Returns: the probabilities [5] of each tree.
  nonisolated(nonsending) func once(_ path: ForestPath) async throws -> [Tensor] {
    let results = try await path.run(on: device) { () throws(TensorError) in
      var results: [Tensor] = []
      for tree in forest.trees { results.append(try network(tree)) }
      return results
    }
    for result in results { try await result.wait() }
    return results
  }

  /// What a forest costs on a path, after one that has compiled and allocated what it takes.
  func counted(_ path: ForestPath) async throws -> DeviceCounters {
    _ = try await once(path)
    let before = device.counters
    _ = try await once(path)
    return device.counters - before
  }

  /// Measures the paths in interleaved rounds. The results of every forest are verified, outside of
  /// the measured time.
  /// - Throws: `TrialFailure`, with `WrongResults` inside if a path changes a bit.
  func measured(
    _ settings: Interleaved.Settings, _ verification: Verification,
    progress: @escaping @Sendable (Interleaved.Progress) -> Void
  ) async throws -> Interleaved.Results {
    let trials = ForestPath.allCases.map { path in
      Trial(path.title, samplesPerOperation: forest.trees.count) { forests in
        var spent = Duration.zero
        for _ in 0..<forests {
          let start = ContinuousClock.now
          let results = try await once(path)
          spent += start.duration(to: .now)
          try await verification.check(results, path: path.title)
        }
        return spent
      }
    }
    return try await Interleaved(settings).run(trials, progress: progress)
  }
}
