import DequeModule
import Glibc
import Synchronization

/// Lets many callers share submissions: whatever has queued up while the last batches ran is
/// the next batch.
///
/// A lone caller submits at once, in its own thread: it waits for nobody and hops to no other
/// thread. Where calls come in numbers, the next batch leaves when enough have queued up
/// (`BatchSizing`), or when somebody waits for one of them. A second batch goes behind the first only
/// if it is as large. Otherwise calls wait, first come first served. A thread that does nothing
/// else leads for suspended tasks and sleeping threads; everybody else leads at most one batch at a
/// time. A batch is submitted before the callers of the one before are resumed.
///
/// No lock is held while a batch is submitted, while the device runs, or while a caller's code
/// runs. `Tests/Model/CoalescingQueue.tla` and `Coalescer.tla` model the protocol, step by step.
package final class CoalescingQueue: @unchecked Sendable {
  package struct Options: Sendable {
    package var maximumBatch = 256
    package var capacity = 4096
    package var maximumDelay: Duration = .zero
    package var adaptsDelay = false
    /// Whether the size of every batch is written down in order, for `takeSizes()`.
    package var recordsSizes = false
    #if DEBUG
      /// Writes down every transition.
      package var recorder: Recorder?
    #endif
    package init() {}
  }

  /// Runs the items of a batch: returns at once with the submission, nil if nothing is left to
  /// wait for. Errors are its own to deliver.
  package typealias Submit = @Sendable (Items) -> (any Submission)?

  struct State {
    /// First, where it takes one line of memory.
    var gate: Gate
    let (capacity, maximumBatch): (Int, Int)
    /// Full but for the last.
    var forming: [Batch] = []
    var queued = 0
    var inFlight: [Batch] = []
    var isSubmitting = false
    var sizing: BatchSizing
    var isClosed = false
    /// Who waits for room. While there is more to do than the device can, it is never empty.
    var suspended: Deque<(item: Item, continuation: UnsafeContinuation<Bool, Never>)> = []
    var statistics = Statistics()
    var sizes: [Int] = []
    /// For the batch that forms next.
    var spare: SampleSlots?
    /// How many calls have come through the gate.
    var throughGate = 0
    var cost = BatchCost()

    init(_ options: Options) {
      (capacity, maximumBatch) = (options.capacity, options.maximumBatch)
      sizing = BatchSizing(limit: max(1, min(capacity, maximumBatch)))
      gate = Gate(sizing.limit)
    }

    var hasSuspended: Bool { !suspended.isEmpty }

    /// What is owed for the call that has come last; there is one.
    var latest: Node {
      let results = forming[forming.count - 1].items.results
      return results[results.count - 1]
    }

    /// Calls in the oldest batch in flight.
    var running: Int { inFlight.first?.count ?? 0 }
  }

  let options: Options
  private let slots: SampleSlots.Source?
  private let submit: Submit
  private let state: Lock<State>
  let recording: Recording
  /// Batches that somebody has noticed, and whose calls are yet to be answered. Grows under the lock.
  let answering = Atomic<Int>(0)
  /// Those whom the driver thread alone can answer.
  let waiting = Atomic<Int>(0)
  let driverRuns = Atomic<Bool>(false)
  let driverIsIdle = Atomic<Bool>(false)
  /// Whether calls come one by one.
  let isLikelyAlone = Atomic<Bool>(true)
  /// Whether they have for a while: nobody else wants the thread.
  let isSurelyAlone = Atomic<Bool>(false)
  let wakeUp = Signal()
  let resumptions = Atomic<Int>(0)

  /// - Parameter slots: where callers may put their samples; else `submit` finds them all as tensors.
  package init(
    _ options: Options, slots: SampleSlots.Source? = nil, submit: @escaping Submit
  ) {
    self.options = options
    self.slots = slots
    self.submit = submit
    state = Lock(State(options))
    recording = Recording(options)
  }

  /// Nobody will answer what is under way, and who holds a result waits for its submission.
  deinit {
    withState { state in
      for batch in state.forming { batch.leave() }
      for batch in state.forming + state.inFlight { batch.forget() }
      state.gate.deallocate()
    }
  }

  /// A look at the state, or a change.
  @inline(__always)
  func withState<R>(_ body: (inout State) -> R) -> R {
    state.withLock { state in
      state.takeIn()
      defer { state.openGate() }
      return body(&state)
    }
  }

  /// A step of the protocol.
  @inline(__always)
  func locked<R>(_ body: (inout State) -> R) -> R {
    withState { state in recording.step { body(&state) } }
  }

  // MARK: Entering

  /// What became of an attempt to enter.
  package enum Entry: Sendable { case entered, full, closed }

  /// Puts a sample into the queue, and submits if enough have come.
  /// - Parameters:
  ///   - result: what the caller is owed; a promise that nobody else has.
  package func enter(_ sample: borrowing Tensor, _ result: consuming Node) -> Entry {
    // Without `locked`: a closure cannot give away what it has captured, and counts it besides.
    state.lock()
    recording.lock()
    let slot: Batch.Slot?
    var (outcome, areMany) = (Entry.entered, false)
    if state.locked.pointee.gate.admits(sample.node) {
      recording.record(.enter(result))
      slot = state.locked.pointee.gate.enter(result)
    } else {
      state.locked.pointee.takeIn()
      (outcome, slot, areMany) = enter(sample, result, &state.locked.pointee)
      state.locked.pointee.openGate()
    }
    recording.unlock()
    state.unlock()
    slot?.fill(with: sample)
    if areMany { pump(.ifMany) }
    return outcome
  }

  @inline(never)
  private func enter(
    _ sample: borrowing Tensor, _ result: consuming Node, _ state: inout State
  ) -> (Entry, Batch.Slot?, areMany: Bool) {
    if state.isClosed {
      recording.record(.turnAway(result))
      return (.closed, nil, false)
    }
    guard state.queued < state.capacity, !state.hasSuspended else {
      recording.record(.refuse(result))
      return (.full, nil, false)
    }
    let slot = append(sample, result, &state)
    recording.record(.enter(state.latest))
    return (.entered, slot, state.isWorthALook)
  }

  /// Suspends until there is room, first come first served.
  /// - Returns: whether it has been let in, as it is unless the queue has closed.
  package func enterWhenThereIsRoom(_ item: Item) async -> Bool {
    waiting.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
    return await withUnsafeContinuation { continuation in
      var slot: Batch.Slot?
      let outcome: Bool? = locked { state in
        if state.isClosed {
          recording.record(.turnAway(item.result))
          return false
        }
        if state.queued < state.capacity, !state.hasSuspended {
          slot = append(item.sample, item.result, &state)
          recording.record(.enter(item.result))
          return true
        }
        state.suspended.append((item, continuation))
        recording.record(.suspend(item.result))
        return nil
      }
      slot?.fill(with: item.sample)
      if let outcome { continuation.resume(returning: outcome) } else { drive() }
    }
  }

  /// - Returns: the slot that the caller is to fill once the lock is free, if there is one.
  @inline(__always)
  private func append(
    _ sample: borrowing Tensor, _ result: consuming Node, _ state: inout State
  ) -> Batch.Slot? {
    if state.forming.last.map({ $0.count == state.maximumBatch }) ?? true {
      let batch = batch(&state)
      state.forming.append(batch)
    }
    state.queued += 1
    state.statistics.calls += 1
    return state.forming[state.forming.count - 1].append(
      sample, result, number: state.statistics.calls)
  }

  private func batch(_ state: inout State) -> Batch {
    let expected = min(state.sizing.expected, state.sizing.limit)
    let slots = state.spare.flatMap { $0.left >= expected ? $0 : nil }
    state.spare = nil
    return Batch(of: self, expected: expected, in: slots)
  }

  /// Has slots ready for the batch that forms next: memory takes a while, which nobody should spend
  /// under the lock.
  func prepareSlots(_ count: Int) {
    guard count > 0, let made = slots?.slots(count) else { return }
    withState { state in
      if state.spare == nil { state.spare = made }
    }
  }

  /// Lets suspended callers in, as many as there is room for. What they wanted to hand in goes
  /// in here, so that nobody comes between.
  private func admit(_ agent: Int) {
    let admitted = locked { state in
      var admitted: [(item: Item, slot: Batch.Slot?, UnsafeContinuation<Bool, Never>)] = []
      while state.queued < state.capacity, let next = state.suspended.popFirst() {
        let slot = append(next.item.sample, next.item.result, &state)
        admitted.append((next.item, slot, next.continuation))
      }
      recording.record(.admit(agent: agent, admitted.map { $0.item.result }))
      return admitted
    }
    // All of them first: one that is resumed may lead in this very thread, and wait for the others.
    for (item, slot, _) in admitted { slot?.fill(with: item.sample) }
    for (_, _, continuation) in admitted { continuation.resume(returning: true) }
  }

  // MARK: Leading

  /// On whose behalf the queue is looked at.
  enum Occasion {
    /// A call has come, or a batch has gone: leave it to whoever waits unless there are many.
    case ifMany
    /// Somebody waits for a queued call.
    case awaited
    /// The driver thread, on behalf of all who wait.
    case driving
  }

  /// Takes note of finished batches, submits what has queued up, then answers the callers of
  /// the finished ones.
  /// - Parameter answered: the call whose caller has what it waited for.
  func pump(_ occasion: Occasion, after answered: Call? = nil) {
    let agent = recording.begin()
    defer { recording.end(agent) }
    var finished: [Batch] = []
    var hasSuspended = false
    // Twice at most: while others keep bringing more, those of `finished` would wait for ever.
    for _ in 0..<(occasion == .driving ? 2 : 1) {
      let taken: Batch? = locked { state in
        let known = finished.count
        if let answered {
          let batch = answered.batch
          state.sizing.isAnswered(
            alone: batch.entered == 1 && batch.latest == state.statistics.calls)
        } else if occasion == .driving {
          state.sizing.isDriven()
        }
        if isSurelyAlone.load(ordering: .relaxed) != state.sizing.isSurelyAlone {
          isSurelyAlone.store(state.sizing.isSurelyAlone, ordering: .relaxed)
        }
        while let first = state.inFlight.first, first.submission?.isFinished ?? true {
          finished.append(state.inFlight.removeFirst())
          if options.adaptsDelay { state.cost.finished() }
        }
        let noticed = finished.count - known
        if noticed > 0 { answering.wrappingAdd(noticed, ordering: .relaxed) }
        hasSuspended = state.hasSuspended
        guard mayLeave(&state, occasion) else {
          recording.record(.lookAway(agent: agent, on: "\(occasion)", noticed: noticed))
          return nil
        }
        state.isSubmitting = true
        let batch = state.forming.removeFirst()
        batch.leave()
        state.queued -= batch.count
        recording.record(
          .take(agent: agent, on: "\(occasion)", batch.items.results, noticed: noticed))
        return batch
      }
      guard let taken else { break }
      if !lead(taken, agent) { finished.append(taken) }
    }
    // Also where nothing was submitted: a queue that was full may not be any more.
    if hasSuspended { admit(agent) }
    for batch in finished { batch.answer(agent) }
    if !finished.isEmpty { answering.wrappingSubtract(finished.count, ordering: .releasing) }
    if occasion != .driving { nudge() }
  }

  private func mayLeave(_ state: inout State, _ occasion: Occasion) -> Bool {
    guard !state.isSubmitting, let first = state.forming.first else { return false }
    let count = first.count
    // A second batch keeps the device busy while the host is.
    guard state.inFlight.count < 2 else { return false }
    let isEnough =
      occasion == .ifMany
      ? state.sizing.isEnough(count, behind: state.running) : count >= state.running
    guard isEnough || state.isClosed else { return false }
    let now = ContinuousClock.now
    if count < options.maximumBatch, !state.isClosed, options.maximumDelay > .zero {
      let limit =
        options.adaptsDelay
        ? state.cost.worthwhileDelay(count, upTo: options.maximumDelay) : options.maximumDelay
      if now - first.since < limit { return false }
    }
    if occasion != .ifMany {
      state.sizing.leaves(count, at: now)
    } else {
      state.sizing.leavesUnasked(
        count, since: first.since, at: now, behind: state.running)
    }
    isLikelyAlone.store(state.sizing.isLikelyAlone, ordering: .relaxed)
    return true
  }

  /// Submits a batch; false if everybody in it has been cancelled, so that it is to be answered
  /// at once.
  private func lead(_ batch: Batch, _ agent: Int) -> Bool {
    batch.items.samples.slots?.waitUntilFilled()
    let start = ContinuousClock.now
    let waited = start - batch.since
    recording.step {
      batch.sift()
      recording.record(.sift(agent: agent, left: batch.items.results))
    }
    let items = batch.items
    if items.isEmpty { recording.step { recording.record(.submit(isRefused: false)) } }
    let submission = items.isEmpty ? nil : submit(items)
    recording.step {
      batch.submitted(by: submission)
      recording.record(.publish(agent: agent))
    }
    let end = ContinuousClock.now
    let wanted = locked { state in
      state.sizing.isSubmitted(at: end, in: end - start)
      recording.record(.land(agent: agent))
      state.isSubmitting = false
      state.statistics.cancelled += batch.entered - items.count
      if items.isEmpty {
        answering.wrappingAdd(1, ordering: .relaxed)
        return 0
      }
      state.statistics.batches += 1
      state.statistics.batchSizes[items.count, default: 0] += 1
      state.statistics.waited += waited
      state.statistics.longestWait = max(state.statistics.longestWait, waited)
      if options.recordsSizes, state.sizes.count < 65_536 { state.sizes.append(items.count) }
      if options.adaptsDelay { state.cost.submitted(items.count) }
      state.inFlight.append(batch)
      // A lone caller has nothing to gather.
      if state.sizing.isLikelyAlone {
        state.spare = nil
        return 0
      }
      // More than are expected: those without a slot are found one by one.
      return state.spare == nil ? min(2 * state.sizing.expected, state.sizing.limit) : 0
    }
    prepareSlots(wanted)
    return !items.isEmpty
  }
}
