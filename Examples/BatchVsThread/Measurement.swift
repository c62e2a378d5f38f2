import Swoop
import SwoopLab

/// How much to measure.
struct Plan: Sendable {
  var threads = [1, 2, 4, 8, 16]
  var floorThreads = [1, 4, 8]
  var batches = [1, 8, 32, 64, 128, 256, 1024]
  var settings = Interleaved.Settings()

  /// - Parameter workloads: how many share the budget.
  init(_ extent: Extent, workloads: Int) {
    let share = max(workloads, 1)
    switch extent {
    case .quick:
      batches = [1, 32, 256]
      settings.rounds = 5
      settings.roundDuration = .milliseconds(15)
      settings.budget = .seconds(44) / share
    case .normal:
      settings.rounds = 11
      settings.roundDuration = .milliseconds(40)
      settings.budget = .seconds(260) / share
    case .full:
      settings.rounds = 31
      settings.roundDuration = .milliseconds(100)
    }
  }

  enum Extent: Sendable { case quick, normal, full }
}

/// Measures one workload and verifies every result that its trials left.
struct Measurement {
  let workload: Workload
  let device: Device
  let plan: Plan

  struct WrongResults: Error, CustomStringConvertible {
    let description: String
  }

  func run(_ progress: @escaping @Sendable (Interleaved.Progress) -> Void) async throws
    -> Report.Workload
  {
    let verification = try await Verification(workload)
    let model = try await Model(workload, on: device)
    var trials = Trials(model)
    trials.addBaselines()
    try trials.addFloor(plan.floorThreads)
    trials.addPatterns(plan.threads)
    try await trials.addBatches(plan.batches)
    let results = try await Interleaved(plan.settings).run(trials.all, progress: progress)

    var outcome = Verification.Outcome()
    for board in trials.boards { outcome.merge(try await board.verify(verification)) }
    let (paths, accuracy) = try await verifyPaths(model, verification)
    outcome.merge(paths)
    if let failure = outcome.failure {
      throw WrongResults(description: "\(workload.name): \(failure)")
    }
    return Report.Workload(
      name: workload.name,
      verified: Report.Verified(
        worstError: outcome.worstError, bound: outcome.bound, passed: outcome.ratio <= 1,
        accuracy: accuracy),
      figures: WorkloadFigures(results))
  }

  /// Every sample on every path: within the bound, the same on all, and as many right.
  private func verifyPaths(
    _ model: Model, _ verification: Verification
  ) async throws -> (Verification.Outcome, accuracy: Double?) {
    let count = workload.sampleCount
    func elements(_ tensors: [Tensor]) async throws -> [Float] {
      var all: [Float] = []
      for tensor in tensors { all += try await tensor.array(as: Float.self) }
      return all
    }
    var results: [(path: String, elements: [Float])] = []
    let perOp = try await device.perOp { try (0..<count).map { try model.sample($0) } }
    results.append(("per-op", try await elements(perOp)))
    let recorded = try await device.recorded { try (0..<count).map { try model.sample($0) } }
    results.append(("recorded", try await elements(recorded)))
    results.append(("stacked", try await elements([model(model.stack(0, count))])))

    var outcome = Verification.Outcome()
    var accuracy: Double?
    for (path, elements) in results {
      outcome.merge(verification.check(elements, first: 0, path: path))
      if elements.map(\.bitPattern) != results[0].elements.map(\.bitPattern) {
        outcome.failure = "the \(path) path and the per-op path differ"
      }
      let own = verification.accuracy(elements)
      if path == "per-op" { accuracy = own }
      if own != accuracy { outcome.failure = "the accuracy differs on the \(path) path" }
    }
    return (outcome, accuracy)
  }
}
