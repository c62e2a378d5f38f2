import Swoop
import SwoopCore
import SwoopLab

extension Trials {
  /// Callers on the coalesced path, each with host arrays of its own and its results read back, and
  /// behind them in every round the replay of the batches that they became.
  /// - Parameter operations: how many operations each call in flight stands for at least.
  mutating func addCoalesced(_ callers: Callers, operations: Int, _ loop: HandStacked) {
    let coalescer = model.coalescer()
    let log = CoalescedLog()
    logs[callers] = log
    let board = board(.coalesced(callers), workers: callers.count)
    let model = model
    all.append(
      .coalesced(callers, granularity: callers.calls * operations) { operations in
        let tally = Tally(callers, operations: operations)
        _ = coalescer.takeBatchSizes()
        let before = model.device.counters.submissions
        let duration =
          callers.kind == .futures
          ? try await Trials.futures(callers, operations, coalescer, model, board, tally)
          : try await Trials.oneByOne(callers, operations, coalescer, model, board, tally)
        let run = CoalescedLog.Run(
          operations: operations, submissions: model.device.counters.submissions - before,
          sizes: coalescer.takeBatchSizes(), fairness: tally.fairness)
        try run.check()
        log.append(run)
        return duration
      })

    if callers.calls == 1, callers.kind != .futures { addLone(callers.kind) }

    let replayBoard = self.board(.replayed(callers))
    all.append(
      .replayed(
        callers,
        prepare: { log.latestSizes.reduce(0, +) },
        run: { try loop.run(log.latestSizes, replayBoard.cells[0]) }))
  }

  /// Threads or tasks that each wait for a call before they make the next.
  private static func oneByOne(
    _ callers: Callers, _ operations: Int, _ coalescer: Coalescer, _ model: Model,
    _ board: ResultBoard, _ tally: Tally
  ) async throws -> Duration {
    let work = PatternWork(
      blocking: { caller, iteration in
        let result = try coalescer.blocking(model.joinedSample(iteration))
        board.cells[caller].first = iteration
        board.cells[caller].results = [try result.blockingArray()]
        tally.count(caller)
      },
      awaiting: { caller, iteration in
        let result = try await coalescer(model.joinedSample(iteration))
        board.cells[caller].first = iteration
        board.cells[caller].results = [try await result.array()]
        tally.count(caller)
      })
    let pattern: ThreadPattern = callers.kind == .blocking ? .persistentWorkers : .swiftTasks
    return try await pattern.run(work, threads: callers.count, operations: operations)
  }

  /// Tasks that each keep some futures in flight over a share of the samples.
  private static func futures(
    _ callers: Callers, _ operations: Int, _ coalescer: Coalescer, _ model: Model,
    _ board: ResultBoard, _ tally: Tally
  ) async throws -> Duration {
    let share = operations / callers.count
    let inFlight = min(callers.inFlight, share)
    // What the pattern takes for one operation is a task's whole share.
    let work = PatternWork(
      blocking: { _, _ in },
      awaiting: { caller, _ in
        let first = caller * share
        var window: [Tensor] = []
        window.reserveCapacity(inFlight)
        var results = [[Float]](repeating: [], count: inFlight)
        for index in 0..<share {
          if index >= inFlight {
            results[index % inFlight] = try await window[index % inFlight].array()
            tally.count(caller)
          }
          let future = try coalescer.enqueue(model.joinedSample(first + index))
          if index < inFlight { window.append(future) } else { window[index % inFlight] = future }
        }
        for index in share..<share + inFlight {
          results[index % inFlight] = try await window[index % inFlight].array()
          tally.count(caller)
        }
        // The oldest first.
        let oldest = share % inFlight
        board.cells[caller].first = first + share - inFlight
        board.cells[caller].results = Array(results[oldest...] + results[..<oldest])
      })
    return try await ThreadPattern.swiftTasks.run(
      work, threads: callers.count, operations: callers.count)
  }

  /// One warm batch on the batched path: what it becomes on the device, and the host's time to
  /// build and submit it.
  func countBatched(_ size: Int) async throws -> Report.Batched.Counts {
    let device = model.device
    var spent = device.counters - device.counters
    var times: [Double] = []
    let begin = ContinuousClock.now
    for round in 0..<17 {
      // Large networks on a busy machine: three will do.
      if round > 3, ContinuousClock.now - begin > .seconds(1) { break }
      let before = device.counters
      let clock = ContinuousClock()
      let start = clock.now
      let results = try await device.batched {
        try (0..<size).map { try model.sample(round * size + $0) }
      }
      let time = clock.now - start
      for result in results { try await result.wait() }
      // The first may have been cold.
      if round == 0 { continue }
      spent = device.counters - before
      times.append(time / .microseconds(1) / Double(size))
    }
    return Report.Batched.Counts(
      calls: size, dispatches: spent.dispatches, submissions: spent.submissions,
      hostMicrosecondsPerOp: Figure.median(of: times))
  }
}
