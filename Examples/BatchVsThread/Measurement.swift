import Swoop
import SwoopLab

/// How much to measure.
struct Plan: Sendable {
  var threads = [1, 2, 4, 8, 16]
  var floorThreads = [1, 4, 8]
  var batches = [1, 8, 32, 64, 128, 256, 1024]
  /// Who calls a coalescer.
  var callers =
    [1, 4, 16, 64].map { Callers(.blocking, $0) }
    + [1, 64, 1000, 10_000].map { Callers(.tasks, $0) }
    + [1, 16, 64, 256].map { Callers(.futures, 1, inFlight: $0) }
    + [16, 64, 256].map { Callers(.futures, 4, inFlight: $0) }
  /// The longest that one operation of each caller may take, at the rate of stacked batches:
  /// callers too many for that are left out.
  var longest = Duration.seconds(2)
  /// Callers do up to 16 operations each in a round, if that would take no longer than this at
  /// the rate of stacked batches.
  var comfortable = Duration.milliseconds(100)
  var settings = Interleaved.Settings()
  /// The longest that all of it may take; rounds are left out to keep it. Nil for as long as it
  /// needs.
  var limit: Duration?
  /// How many different samples a made-up network has.
  var samples = Workload.samples
  /// How many samples are run on every path just to verify them; of digits all are, since the
  /// accuracy is of all. What was measured is verified besides.
  var verifiedSamples = Int.max

  init(_ extent: Extent) {
    switch extent {
    case .quick:
      batches = [1, 8, 32, 256]
      callers =
        [8, 64].map { Callers(.blocking, $0) } + [1, 256, 4000].map { Callers(.tasks, $0) }
        + [64, 256].map { Callers(.futures, 1, inFlight: $0) }
      longest = .milliseconds(300)
      comfortable = .milliseconds(40)
      verifiedSamples = 64
      samples = 256
      // As few as an interval of 95 % can have.
      settings.rounds = Figure.leastSamples
      settings.roundDuration = .milliseconds(15)
      settings.minimumOperations = 4
      limit = .seconds(45)
    case .normal:
      settings.rounds = 11
      settings.roundDuration = .milliseconds(40)
      limit = .seconds(280)
    case .full:
      longest = .seconds(60)
      settings.rounds = 31
      settings.roundDuration = .milliseconds(100)
    }
  }

  /// How many operations each caller does for each call it has in flight, at least; nil if
  /// these callers would take too long.
  /// - Parameter rate: samples per second of stacked batches.
  func operations(of callers: Callers, rate: Double) -> Int? {
    let once = Duration.seconds(Double(callers.calls) / max(rate, 1))
    return once > longest ? nil : max(1, min(16, Int(comfortable / once)))
  }

  enum Extent: Sendable { case quick, normal, full }
}

/// Measures one workload and verifies every result that its trials left.
struct Measurement {
  let workload: Workload
  let device: Device
  let plan: Plan
  /// When it should have ended; nil for whenever it has.
  let end: ContinuousClock.Instant?
  /// Told what is wrong with results.
  let complain: (String) -> Void

  func run(_ progress: @escaping @Sendable (Interleaved.Progress) -> Void) async throws
    -> Report.Workload
  {
    let model = try await Model(workload, on: device)
    let verification = try await Verification(model)
    // Wrong results fail the run, and the report says of which workload they are.
    var failure: String?
    do {
      try await verifyPaths(model, verification)
    } catch let error as Verification.WrongResults {
      failure = "\(workload.name): \(error)"
    }
    var trials = Trials(model)
    trials.addBaselines()
    try trials.addFloor(plan.floorThreads)
    trials.addPatterns(plan.threads)
    try await trials.addBatches(plan.batches)
    let rate = try await stackedRate(model)
    let loop = HandStacked(model)
    // Callers are compared with batches of as many calls as they have in flight.
    let inFlight = Set(plan.callers.map(\.calls)).filter { $0 <= 256 }
    trials.addServed(
      inFlight.union(plan.batches.filter { $0 <= 256 }).sorted(), inTurn: inFlight.sorted(), loop)
    for callers in plan.callers {
      guard let operations = plan.operations(of: callers, rate: rate) else { continue }
      trials.addCoalesced(callers, operations: operations, loop)
    }
    trials.all.append(.continuations())
    // Before the rounds, which take what time is left.
    var batched: Report.Batched.Counts?
    if let size = plan.batches.last(where: { $0 <= 256 }) {
      batched = try await trials.countBatched(size)
    }
    var settings = plan.settings
    settings.budget = end.map { max(.milliseconds(1), $0 - .now) }
    let results = try await Interleaved(settings).run(trials.all, progress: progress)
    do {
      for board in trials.boards { try await board.verify(verification) }
    } catch let error as Verification.WrongResults {
      failure = failure ?? "\(workload.name): \(error)"
    }
    if let failure { complain(failure) }
    return Report.Workload(
      name: workload.name,
      verified: Report.Verified(
        worstError: verification.worst.error, bound: verification.worst.bound,
        passed: failure == nil && verification.worst.ratio <= 1, accuracy: verification.accuracy),
      figures: WorkloadFigures(results), batched: batched,
      coalesced: trials.logs.mapValues { $0.counts(rounds: results.orders.count) },
      rounds: Report.Rounds(measured: results.orders.count, planned: settings.rounds))
  }

  /// About how many samples a second stacked batches of 256 run at.
  private func stackedRate(_ model: Model) async throws -> Double {
    let stack = try model.stack(0, 256)
    var time = Duration.zero
    // The first may compile.
    for _ in 0..<2 {
      let clock = ContinuousClock()
      let start = clock.now
      try await device.recorded { try model(stack) }.wait()
      time = clock.now - start
    }
    return 256 / max(time / .seconds(1), 1e-9)
  }

  /// Samples on every path.
  private func verifyPaths(_ model: Model, _ verification: Verification) async throws {
    let samples =
      0..<(workload.labels == nil
      ? min(workload.sampleCount, plan.verifiedSamples) : workload.sampleCount)
    let perOp = try await device.perOp { try samples.map { try model.sample($0) } }
    let recorded = try await device.recorded { try samples.map { try model.sample($0) } }
    let batched = try await device.batched { try samples.map { try model.sample($0) } }
    let coalescer = model.coalescer()
    var coalesced: [Tensor] = []
    for index in samples {
      // Waiting for every other one keeps some in the queue and some in flight.
      coalesced.append(try coalescer.enqueue(model.joinedSample(index)))
      if index % 2 == 1 { try await coalesced[index / 2].wait() }
    }
    for (path, tensors) in [
      ("per-op", perOp), ("recorded", recorded), ("batched", batched), ("coalesced", coalesced),
    ] {
      var elements: [Float] = []
      for tensor in tensors { elements += try await tensor.array(as: Float.self) }
      try verification.check(elements, first: 0, path: path)
    }
  }
}
