import CLinux
import Synchronization

extension CoalescingQueue {
  /// One caller's place in a batch.
  package final class Call: Promise, @unchecked Sendable {
    // Set before anybody else sees the call. The batch is not counted for each: see `Batch.leave`.
    @exclusivity(unchecked) private var joined: Unmanaged<Batch>?
    @exclusivity(unchecked) private var place = 0
    /// How many calls the queue had taken, with this one.
    @exclusivity(unchecked) private(set) var number = 0
    /// Nobody waits (0), answered (1), cancelled (2), or the continuation of who waits: so
    /// answering and cancelling are one atomic step each, and only one of them wins.
    private let word = Atomic<UInt>(0)

    /// Made before the queue's lock is taken.
    package init() {}

    fileprivate func join(_ batch: Batch, at place: Int, number: Int) {
      joined = .passUnretained(batch)
      self.place = place
      self.number = number
    }

    deinit { if let joined { Batch.letGo(joined) } }

    /// Whether it was the only one to come into its batch, if it came last of all.
    var isFirst: Bool { place == 0 }

    var batch: Batch {
      guard let joined else { preconditionFailure("the call has not been taken") }
      return joined.takeUnretainedValue()
    }

    /// What it was made for, until the batch is taken; only for who holds the queue's lock.
    var item: Item? { place < batch.items.count ? batch.items[place] : nil }

    /// Whether its batch has been handed to the device.
    package var hasBeenSubmitted: Bool {
      joined?._withUnsafeGuaranteedRef { $0.phase >= .submitted } ?? false
    }

    /// Whether it has been answered or cancelled.
    var hasEnded: Bool { (1...2).contains(word.load(ordering: .acquiring)) }

    package var isCancelled: Bool { word.load(ordering: .acquiring) == 2 }

    /// - Returns: whether somebody was resumed.
    fileprivate func answer(_ agent: Int, _ recording: Recording) -> Bool {
      let waiter = recording.step {
        let waiter = end(as: 1)
        recording.record(.answer(agent: agent, self, isCancelled: waiter == nil))
        return waiter
      }
      resume(waiter)
      return waiter ?? 0 != 0
    }

    /// Takes the caller out of its wait; false if it has been answered before.
    @discardableResult
    package func cancel() -> Bool {
      // Said before: who sees nothing of it comes before the step.
      batch.hasCancelled.store(true, ordering: .sequentiallyConsistent)
      let waiter = batch.recording.step {
        let waiter = end(as: 2)
        if waiter != nil { batch.recording.record(.cancel(self)) }
        return waiter
      }
      return resume(waiter)
    }

    /// What the word was, unless the call had ended before.
    private func end(as value: UInt) -> UInt? {
      var seen = word.load(ordering: .relaxed)
      while seen != 1, seen != 2 {
        let (exchanged, original) = word.compareExchange(
          expected: seen, desired: value, ordering: .acquiringAndReleasing)
        if exchanged { return seen }
        seen = original
      }
      return nil
    }

    @discardableResult
    private func resume(_ waiter: UInt?) -> Bool {
      guard let waiter else { return false }
      if waiter != 0 { unsafeBitCast(waiter, to: UnsafeContinuation<Void, Never>.self).resume() }
      return true
    }

    /// Suspends until the call has been answered or cancelled.
    func suspend() async {
      await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
        let (exchanged, original) = word.compareExchange(
          expected: 0, desired: unsafeBitCast(continuation, to: UInt.self),
          ordering: .acquiringAndReleasing)
        if exchanged { return }
        // Several may wait for one future.
        if original == 1 || original == 2 || !batch.append(continuation) { continuation.resume() }
      }
    }

    package func settle() { batch.queue?.blockUntilSubmitted(self) }

    /// `settled` for a caller who waits for each of its calls.
    nonisolated(nonsending) package func settledInTurn() async {
      if let queue = batch.queue { await queue.answeredInTurn(self) } else { await settled() }
    }

    nonisolated(nonsending) package func settled() async {
      if let queue = batch.queue {
        await queue.answered(self)
        return
      }
      // The queue went when everything had been submitted.
      _ = try? await batch.submission?.finished()
    }
  }

  /// Calls that go together.
  final class Batch: @unchecked Sendable {
    enum Phase: UInt32, Comparable {
      case queued, submitted, answered
      static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
    }

    /// In order of entry, with what each of them is for until it is submitted. They change under
    /// the queue's lock while queued; then they are the leader's.
    @exclusivity(unchecked) private(set) var calls: [Call] = []
    @exclusivity(unchecked) private(set) var items: Items
    /// Whether somebody has cancelled a call, or is about to.
    fileprivate let hasCancelled = Atomic<Bool>(false)
    /// When the first entered.
    let since = ContinuousClock.now
    /// What computes it, or none; set before the phase is.
    @exclusivity(unchecked) private(set) var submission: (any Submission)?
    private(set) weak var queue: CoalescingQueue?
    let recording: Recording
    /// A futex: one wake-up call for all threads that wait for the batch.
    private let word = UnsafeMutablePointer<Atomic<UInt32>>.allocate(capacity: 1)
    private let sleepers = Atomic<Int>(0)
    private let others = Lock<[UnsafeContinuation<Void, Never>]?>([])

    /// - Parameter expected: how many calls are likely to come.
    init(of queue: CoalescingQueue, expected: Int) {
      self.queue = queue
      calls.reserveCapacity(expected)
      items = Items(capacity: expected)
      recording = queue.recording
      word.initialize(to: Atomic(Phase.queued.rawValue))
    }

    deinit {
      word.deinitialize(count: 1)
      word.deallocate()
    }

    var phase: Phase { Phase(rawValue: word.pointee.load(ordering: .acquiring)) ?? .answered }

    func append(
      _ call: consuming Call, _ sample: consuming Tensor, _ result: consuming Tensor, number: Int
    ) {
      call.join(self, at: calls.count, number: number)
      calls.append(call)
      items.append(sample, result)
    }

    /// How many calls there are, which from the time that the batch leaves the queue have one
    /// reference to it among them. Until it has been answered it has them: they cannot go earlier.
    private let members = Atomic<Int>(0)

    /// Said once, before any call can go.
    func leave() {
      if calls.isEmpty { return }
      members.store(calls.count, ordering: .relaxed)
      _ = Unmanaged.passRetained(self)
    }

    /// Lets go of the calls, which hold it.
    func forget() { calls = [] }

    /// One call less.
    fileprivate static func letGo(_ batch: Unmanaged<Batch>) {
      let left = batch._withUnsafeGuaranteedRef {
        $0.members.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
      }
      if left == 0 { batch.release() }
    }

    /// Leaves out the calls that have been cancelled, and lets go of their items: these hold the
    /// results, and those the calls.
    func sift() {
      // Each call is a line of memory that another core has written.
      guard hasCancelled.load(ordering: .sequentiallyConsistent) else { return }
      let left = calls.indices.filter { !calls[$0].isCancelled }
      var rest = Items(capacity: left.count)
      for place in left { rest.append(items.samples[place], items.results[place]) }
      (calls, items) = (left.map { calls[$0] }, rest)
    }

    /// Lets go of the items, which are the device's now.
    func submitted(by submission: (any Submission)?) {
      self.submission = submission
      items = Items(capacity: 0)
      word.pointee.store(Phase.submitted.rawValue, ordering: .releasing)
    }

    func answer(_ agent: Int) {
      recording.step {
        word.pointee.store(Phase.answered.rawValue, ordering: .sequentiallyConsistent)
        recording.record(.announce(agent: agent))
      }
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { swoop_futex_wake_all(word) }
      var resumed = 0
      // By place: a reference to each would be counted besides.
      for place in calls.indices where calls[place].answer(agent, recording) { resumed += 1 }
      calls = []
      let more = others.withLock { others in
        defer { others = nil }
        return others ?? []
      }
      for continuation in more { continuation.resume() }
      resumed += more.count
      if resumed > 0 { queue?.resumptions.wrappingAdd(resumed, ordering: .relaxed) }
    }

    /// False if the batch has been answered.
    fileprivate func append(_ continuation: UnsafeContinuation<Void, Never>) -> Bool {
      others.withLock { others in
        others?.append(continuation)
        return others != nil
      }
    }

    /// Blocks until the batch has been answered.
    func block() {
      sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
      while true {
        let phase = word.pointee.load(ordering: .sequentiallyConsistent)
        if phase == Phase.answered.rawValue { break }
        swoop_futex_wait(word, phase)
      }
      sleepers.wrappingSubtract(1, ordering: .relaxed)
    }
  }
}
