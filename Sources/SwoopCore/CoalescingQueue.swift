import Glibc
import Synchronization

/// Lets many callers share submissions: whatever has queued up while the last batches ran is
/// the next batch.
///
/// A lone caller submits at once, in its own thread: it waits for nobody and hops to no other
/// thread. Where calls came in numbers, the next batch leaves when half as many have queued up, or
/// when somebody waits for one of them. A second batch goes behind the first as soon as it is as
/// large. Otherwise calls wait in the queue, first come first served. Whoever waits for a call
/// can drive the queue: a blocked thread does so itself; for suspended tasks a thread does that
/// is nothing else. A batch is submitted before the callers of the one before are resumed.
///
/// No lock is held while a batch is submitted, while the device runs, or while a caller's code
/// runs. `Tests/Model/Coalescer.tla` models the protocol with slots, which this queue does not have.
package final class CoalescingQueue<Item: Sendable>: @unchecked Sendable {
  /// One caller's place.
  package final class Call: @unchecked Sendable {
    package let item: Item
    // Several may wait for one call; all are resumed when it is answered or cancelled.
    private struct Waiters {
      var continuations: [UnsafeContinuation<Void, Never>] = []
      var isAnswered = false
      var isCancelled = false
    }
    private let waiters = Lock(Waiters())
    /// Set before the call is answered: the submission that computes it, or none.
    fileprivate(set) var submission: (any Submission)?
    fileprivate let isSubmitted = Atomic<Bool>(false)

    fileprivate init(_ item: Item) { self.item = item }

    /// Whether its batch has been handed to the device.
    package var hasBeenSubmitted: Bool { isSubmitted.load(ordering: .acquiring) }

    package var isCancelled: Bool { waiters.withLock { $0.isCancelled } }

    fileprivate func answer() {
      let continuations = waiters.withLock { waiters in
        waiters.isAnswered = true
        defer { waiters.continuations = [] }
        return waiters.continuations
      }
      for continuation in continuations { continuation.resume() }
    }

    /// Takes the caller out of its wait; false if it has been answered before.
    package func cancel() -> Bool {
      let continuations: [UnsafeContinuation<Void, Never>]? = waiters.withLock { waiters in
        if waiters.isAnswered || waiters.isCancelled { return nil }
        waiters.isCancelled = true
        defer { waiters.continuations = [] }
        return waiters.continuations
      }
      for continuation in continuations ?? [] { continuation.resume() }
      return continuations != nil
    }

    fileprivate func suspend() async {
      await withUnsafeContinuation { continuation in
        let isOver = waiters.withLock { waiters in
          if waiters.isAnswered || waiters.isCancelled { return true }
          waiters.continuations.append(continuation)
          return false
        }
        if isOver { continuation.resume() }
      }
    }
  }

  package struct Options: Sendable {
    package var maximumBatch = 256
    package var capacity = 4096
    package var maximumDelay: Duration = .zero
    /// Whether the size of every batch is written down in order, for `takeSizes()`.
    package var recordsSizes = false
    package init() {}
  }

  /// What has happened so far.
  package struct Statistics: Sendable {
    package var calls = 0
    package var batches = 0
    package var cancelled = 0
    /// How many batches there were of each size.
    package var batchSizes: [Int: Int] = [:]
  }

  /// Runs the items of a batch: returns at once with the submission, nil if nothing is left to
  /// wait for. Errors are its own to deliver.
  package typealias Submit = @Sendable ([Item]) -> (any Submission)?

  private struct Batch {
    let calls: [Call]
    let submission: (any Submission)?
  }

  private struct State {
    var queue: [Call] = []
    var head = 0
    var inFlight: [Batch] = []
    var isSubmitting = false
    /// Calls in the newest batch: how many are likely to come together again.
    var lastBatch = 1
    var isClosed = false
    var suspended: [UnsafeContinuation<Bool, Never>] = []
    var firstSuspended = 0
    /// Suspended callers that only the driver thread can answer.
    var mustDrive = 0
    var driverRuns = false
    var statistics = Statistics()
    var sizes: [Int] = []
    var oldest: ContinuousClock.Instant?

    var queued: Int { queue.count - head }
  }

  private let options: Options
  private let submit: Submit
  private let state = Lock(State())
  private let wakeUp = Signal()

  package init(_ options: Options, submit: @escaping Submit) {
    self.options = options
    self.submit = submit
  }

  package var statistics: Statistics { state.withLock { $0.statistics } }

  /// The sizes of the batches since the last time, in order, if they are written down: of at most
  /// 65,536.
  package func takeSizes() -> [Int] {
    state.withLock { state in
      defer { state.sizes = [] }
      return state.sizes
    }
  }

  /// What became of an attempt to enter.
  package enum Entry: Sendable {
    case entered(Call)
    case full
    case closed
  }

  /// Puts an item into the queue, and submits if nobody else is about to.
  package func enter(_ item: Item) -> Entry {
    let call = Call(item)
    let outcome: Entry = state.withLock { state in
      if state.isClosed { return .closed }
      guard state.queued < options.capacity else { return .full }
      if state.queued == 0 { state.oldest = options.maximumDelay > .zero ? .now : nil }
      state.queue.append(call)
      state.statistics.calls += 1
      return .entered(call)
    }
    if case .entered = outcome { pump(onlyIfMany: true) }
    return outcome
  }

  /// Suspends until there is room, first come first served; false once the queue has closed.
  package func room() async -> Bool {
    await withUnsafeContinuation { continuation in
      let answer: Bool? = state.withLock { state in
        if state.isClosed { return false }
        if state.queued < options.capacity { return true }
        state.suspended.append(continuation)
        state.mustDrive += 1
        return nil
      }
      if let answer { continuation.resume(returning: answer) } else { drive() }
    }
  }

  // MARK: Driving

  /// Takes note of finished batches, submits what has queued up, then answers the callers of
  /// the finished ones.
  /// - Parameter onlyIfMany: leave it to whoever waits if fewer have queued up than half of the
  ///   last batch: the callers of that are likely to be on their way.
  package func pump(onlyIfMany: Bool = false) {
    var finished: [Batch] = []
    while true {
      let calls: [Call]? = state.withLock { state in
        while let first = state.inFlight.first, first.submission?.isFinished ?? true {
          finished.append(state.inFlight.removeFirst())
        }
        guard !state.isSubmitting, state.queued > 0 else { return nil }
        // A second batch keeps the device busy while the host is; a small one behind a large
        // one would only leave without those that are about to arrive.
        switch state.inFlight.count {
        case 0 where !onlyIfMany || state.queued >= state.lastBatch / 2: break
        case 1 where state.queued >= min(state.inFlight[0].calls.count, options.maximumBatch): break
        default: return nil
        }
        if let oldest = state.oldest, state.queued < options.maximumBatch,
          ContinuousClock.now - oldest < options.maximumDelay, !state.isClosed
        {
          return nil
        }
        state.isSubmitting = true
        return take(&state)
      }
      guard let calls else { break }
      let live = calls.filter { !$0.isCancelled }
      let submission = live.isEmpty ? nil : submit(live.map(\.item))
      for call in live {
        call.submission = submission
        call.isSubmitted.store(true, ordering: .releasing)
      }
      state.withLock { state in
        state.isSubmitting = false
        state.statistics.cancelled += calls.count - live.count
        if !live.isEmpty {
          state.lastBatch = live.count
          state.statistics.batches += 1
          state.statistics.batchSizes[live.count, default: 0] += 1
          if options.recordsSizes, state.sizes.count < 65_536 { state.sizes.append(live.count) }
          state.inFlight.append(Batch(calls: live, submission: submission))
        }
      }
    }
    // Also where nothing was submitted: somebody admitted before may have left without entering.
    admit()
    for batch in finished { for call in batch.calls { call.answer() } }
  }

  private func take(_ state: inout State) -> [Call] {
    let count = min(options.maximumBatch, state.queued)
    let calls = Array(state.queue[state.head..<state.head + count])
    state.head += count
    if state.head == state.queue.count {
      state.queue.removeAll(keepingCapacity: true)
      state.head = 0
    } else if state.head >= options.capacity {
      state.queue.removeFirst(state.head)
      state.head = 0
    }
    state.oldest = state.queued > 0 && options.maximumDelay > .zero ? .now : nil
    return calls
  }

  /// Lets suspended callers in, as many as there is room for.
  private func admit() {
    let admitted: [UnsafeContinuation<Bool, Never>] = state.withLock { state in
      let waiting = state.suspended.count - state.firstSuspended
      let count = min(waiting, options.capacity - state.queued)
      guard count > 0 else { return [] }
      let range = state.firstSuspended..<state.firstSuspended + count
      let admitted = Array(state.suspended[range])
      state.firstSuspended += count
      state.mustDrive -= count
      if state.firstSuspended == state.suspended.count {
        state.suspended = []
        state.firstSuspended = 0
      }
      return admitted
    }
    for continuation in admitted { continuation.resume(returning: true) }
  }

  /// Suspends until the call's batch has been computed, or the call was cancelled.
  nonisolated(nonsending) package func answered(_ call: Call) async {
    if call.hasBeenSubmitted {
      // Alone, or early: the submission knows how to wait without another thread.
      _ = try? await call.submission?.finished()
      pump(onlyIfMany: true)
      return
    }
    let isAlone = state.withLock { state in
      state.mustDrive += 1
      return state.lastBatch <= 1
    }
    if isAlone { pump() }
    drive()
    await call.suspend()
    state.withLock { $0.mustDrive -= 1 }
  }

  /// Blocks until the call's batch has been handed to the device, helping to get it there.
  package func blockUntilSubmitted(_ call: Call) {
    while !call.hasBeenSubmitted {
      pump()
      if call.hasBeenSubmitted { return }
      let (first, isSubmitting) = state.withLock { ($0.inFlight.first, $0.isSubmitting) }
      if let submission = first?.submission {
        _ = try? submission.wait()
      } else if isSubmitting || first == nil {
        sched_yield()
      }
    }
  }

  /// Blocks until there is room, helping to make it.
  package func blockUntilRoom() {
    while true {
      pump()
      let (isFull, first) = state.withLock {
        ($0.queued >= options.capacity && !$0.isClosed, $0.inFlight.first)
      }
      guard isFull else { return }
      if let submission = first?.submission { _ = try? submission.wait() } else { sched_yield() }
    }
  }

  /// Whether nothing is queued or in flight.
  package var isIdle: Bool {
    state.withLock {
      $0.queued == 0 && $0.inFlight.isEmpty && !$0.isSubmitting && $0.suspended.isEmpty
    }
  }

  /// Lets the driver thread end; for a queue that nobody will enter again.
  package func abandon() {
    state.withLock { $0.isClosed = true }
    wakeUp.raise()
  }

  private func drive() {
    let mustStart = state.withLock { state in
      defer { state.driverRuns = true }
      return !state.driverRuns
    }
    if mustStart { DriverThread.start { self.runDriver() } } else { wakeUp.raise() }
  }

  private func runDriver() {
    while true {
      let (first, mustDrive, ends) = state.withLock { state in
        let ends = state.isClosed && state.mustDrive == 0
        if ends { state.driverRuns = false }
        return (state.inFlight.first, state.mustDrive, ends)
      }
      if ends { return }
      guard mustDrive > 0 else {
        wakeUp.wait(nanoseconds: nil)
        continue
      }
      if let first { _ = try? first.submission?.wait() }
      pump()
      let isStuck = state.withLock { $0.inFlight.isEmpty && $0.mustDrive > 0 }
      // A delay was asked for, or another thread is just submitting.
      if isStuck { wakeUp.wait(nanoseconds: 20_000) }
    }
  }

  /// Takes no more calls; suspended callers are turned away, what was accepted is run. Returns
  /// when all of it has been answered.
  package func close() async {
    let suspended: [UnsafeContinuation<Bool, Never>] = state.withLock { state in
      state.isClosed = true
      defer {
        state.suspended = []
        state.firstSuspended = 0
      }
      let rest = Array(state.suspended[state.firstSuspended...])
      state.mustDrive -= rest.count
      return rest
    }
    for continuation in suspended { continuation.resume(returning: false) }
    while true {
      pump()
      let (first, isDone) = state.withLock { state in
        (state.inFlight.first, state.queued == 0 && state.inFlight.isEmpty && !state.isSubmitting)
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
