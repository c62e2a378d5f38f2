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
  /// Told what is wrong with results.
  let complain: (String) -> Void

  func run(_ progress: @escaping @Sendable (Interleaved.Progress) -> Void) async throws
    -> Report.Workload
  {
    let model = try await Model(workload, on: device)
    let verification = try await Verification(model)
    var trials = Trials(model)
    trials.addBaselines()
    try trials.addFloor(plan.floorThreads)
    trials.addPatterns(plan.threads)
    try await trials.addBatches(plan.batches)
    let results = try await Interleaved(plan.settings).run(trials.all, progress: progress)

    // Wrong results fail the run, and the report says of which workload they are.
    var failure: String?
    do {
      for board in trials.boards { try await board.verify(verification) }
      try await verifyPaths(model, verification)
    } catch let error as Verification.WrongResults {
      failure = "\(workload.name): \(error)"
    }
    if let failure { complain(failure) }
    return Report.Workload(
      name: workload.name,
      verified: Report.Verified(
        worstError: verification.worst.error, bound: verification.worst.bound,
        passed: failure == nil && verification.worst.ratio <= 1, accuracy: verification.accuracy),
      figures: WorkloadFigures(results))
  }

  /// Every sample on every path.
  private func verifyPaths(_ model: Model, _ verification: Verification) async throws {
    let samples = 0..<workload.sampleCount
    let perOp = try await device.perOp { try samples.map { try model.sample($0) } }
    let recorded = try await device.recorded { try samples.map { try model.sample($0) } }
    let batched = try await device.batched { try samples.map { try model.sample($0) } }
    for (path, tensors) in [("per-op", perOp), ("recorded", recorded), ("batched", batched)] {
      var elements: [Float] = []
      for tensor in tensors { elements += try await tensor.array(as: Float.self) }
      try verification.check(elements, first: 0, path: path)
    }
  }
}
