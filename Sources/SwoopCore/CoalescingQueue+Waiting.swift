import Glibc
import Synchronization

extension CoalescingQueue {
  /// Suspends until the call's batch has been computed, or the call was cancelled.
  /// - Returns: whether the task may have kept its thread all along.
  @discardableResult
  nonisolated(nonsending) package func answered(_ call: Call) async -> Bool {
    if call.hasBeenSubmitted {
      await finished(call)
      return true
    }
    waiting.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
    if isLikelyAlone.load(ordering: .relaxed) {
      pump(.awaited)
      if call.hasBeenSubmitted {
        await finished(call)
        return true
      }
    }
    drive()
    await call.suspend()
    return false
  }

  /// The same for a task that will call again: others may want the thread that it has kept, and would
  /// else be behind for good.
  nonisolated(nonsending) func answeredInTurn(_ call: Call) async {
    if await answered(call), !isSurelyAlone.load(ordering: .relaxed) { await Task.yield() }
  }

  /// Alone, or early: the submission knows how to wait without another thread.
  nonisolated(nonsending) private func finished(_ call: Call) async {
    if call.batch.phase == .answered { return }
    _ = try? await call.batch.submission?.finished()
    pump(.ifMany, after: call)
  }

  /// Blocks until the call's batch has been computed.
  package func block(_ call: Call) {
    if !call.hasBeenSubmitted, isLikelyAlone.load(ordering: .relaxed) { pump(.awaited) }
    if call.hasBeenSubmitted {
      if call.batch.phase < .answered { _ = try? call.batch.submission?.wait() }
      return pump(.ifMany, after: call)
    }
    waiting.wrappingAdd(1, ordering: .sequentiallyConsistent)
    drive()
    call.batch.block()
    waiting.wrappingSubtract(1, ordering: .relaxed)
  }

  /// Blocks until the call's batch has been handed to the device, helping to get it there.
  package func blockUntilSubmitted(_ call: Call) {
    while !call.hasBeenSubmitted {
      pump(.awaited)
      if call.hasBeenSubmitted { return }
      // Somebody else is submitting, or a delay was asked for, if nothing is in flight.
      if !waitForFirst() { sched_yield() }
    }
  }

  /// Blocks until there is room, helping to make it.
  package func blockUntilRoom() {
    while true {
      pump(.awaited)
      let isFull = withState {
        !$0.isClosed && ($0.queued >= options.capacity || $0.hasSuspended)
      }
      guard isFull else { return }
      if !waitForFirst() { sched_yield() }
    }
  }

  /// Waits for the oldest batch in flight; false if there is none.
  private func waitForFirst() -> Bool {
    guard let submission = withState({ $0.inFlight.first?.submission }) else { return false }
    _ = try? submission.wait()
    return true
  }

  // MARK: The driver thread

  /// Makes sure that the driver thread looks after those who wait.
  func drive() {
    if !driverRuns.load(ordering: .sequentiallyConsistent),
      !driverRuns.exchange(true, ordering: .sequentiallyConsistent)
    {
      DriverThread.start { self.runDriver() }
    } else {
      nudge()
    }
  }

  /// Wakes the driver thread if it sleeps though somebody waits.
  func nudge() {
    if driverIsIdle.load(ordering: .sequentiallyConsistent),
      waiting.load(ordering: .sequentiallyConsistent) > 0
    {
      wakeUp.raise()
    }
  }

  /// Whether the driver thread is done for good. Looks again after saying so: who comes to wait at
  /// the same time sees that it must start another, or is seen here.
  private func mayEnd() -> Bool {
    guard withState({ $0.isClosed }) else { return false }
    driverRuns.store(false, ordering: .sequentiallyConsistent)
    return waiting.load(ordering: .sequentiallyConsistent) == 0
      || driverRuns.exchange(true, ordering: .sequentiallyConsistent)
  }

  private func runDriver() {
    while true {
      guard waiting.load(ordering: .sequentiallyConsistent) > 0 else {
        if mayEnd() { return }
        driverIsIdle.store(true, ordering: .sequentiallyConsistent)
        if waiting.load(ordering: .sequentiallyConsistent) == 0 { wakeUp.wait(nanoseconds: nil) }
        driverIsIdle.store(false, ordering: .relaxed)
        continue
      }
      let hadFirst = waitForFirst()
      pump(.driving)
      // A delay was asked for, another thread is just submitting, or those who wait have been
      // answered and not yet run.
      if !hadFirst, withState({ $0.inFlight.isEmpty }) {
        driverIsIdle.store(true, ordering: .sequentiallyConsistent)
        wakeUp.wait(nanoseconds: 20_000)
        driverIsIdle.store(false, ordering: .relaxed)
      }
    }
  }

  // MARK: Closing

  /// Whether nothing is queued or in flight.
  package var isIdle: Bool {
    withState {
      $0.queued == 0 && $0.inFlight.isEmpty && !$0.isSubmitting && !$0.hasSuspended
    }
  }

  /// Runs what was accepted and lets the driver thread end; for a queue that nobody will enter
  /// again.
  package func abandon() {
    locked { state in
      state.isClosed = true
      recording.record(.abandon)
    }
    while withState({ $0.queued > 0 }) {
      pump(.awaited)
      if withState({ $0.queued > 0 }), !waitForFirst() { sched_yield() }
    }
    wakeUp.raise()
  }

  /// Takes no more calls; suspended callers are turned away, what was accepted is run. Returns
  /// when all of it has been answered.
  package func close() async {
    let suspended = locked { state in
      state.isClosed = true
      recording.record(.close)
      defer { state.suspended = [] }
      return state.suspended.map(\.continuation)
    }
    for continuation in suspended { continuation.resume(returning: false) }
    while true {
      pump(.awaited)
      let (first, isDone) = locked { state in
        let isDone =
          state.queued == 0 && state.inFlight.isEmpty && !state.isSubmitting
          && answering.load(ordering: .acquiring) == 0
        if isDone { recording.record(.closeReturns) }
        return (state.inFlight.first, isDone)
      }
      if isDone { break }
      if let submission = first?.submission {
        _ = try? await submission.finished()
      } else {
        await Task.yield()
      }
    }
    wakeUp.raise()
  }
}
