import CLinux
import Synchronization

extension CoalescingQueue {
  /// One caller's place in a batch: the node of the result that it is owed, which also says who waits
  /// for it. One object less to make, and to take from one core to another, for each call.
  package struct Call: Sendable {
    let node: Node

    package init(_ node: Node) { self.node = node }

    var batch: Batch {
      guard let joined = node.joined else { preconditionFailure("the call has not been taken") }
      return joined.takeUnretainedValue()
    }

    /// Whether its batch has been handed to the device.
    package var hasBeenSubmitted: Bool {
      node.joined?._withUnsafeGuaranteedRef { $0.phase >= .submitted } ?? false
    }

    /// Whether it has been answered or cancelled.
    var hasEnded: Bool { (1...2).contains(node.caller.load(ordering: .acquiring)) }

    package var isCancelled: Bool { node.caller.load(ordering: .acquiring) == 2 }

    /// - Returns: whether somebody was resumed.
    fileprivate func answer(_ agent: Int, _ recording: Recording) -> Bool {
      let waiter = recording.step {
        let waiter = end(as: 1)
        recording.record(.answer(agent: agent, node, isCancelled: waiter == nil))
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
        if waiter != nil { batch.recording.record(.cancel(node)) }
        return waiter
      }
      return resume(waiter)
    }

    /// What the word was, unless the call had ended before.
    private func end(as value: UInt) -> UInt? {
      var seen = node.caller.load(ordering: .relaxed)
      while seen != 1, seen != 2 {
        let (exchanged, original) = node.caller.compareExchange(
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
        let (exchanged, original) = node.caller.compareExchange(
          expected: 0, desired: unsafeBitCast(continuation, to: UInt.self),
          ordering: .acquiringAndReleasing)
        if exchanged { return }
        // Several may wait for one future.
        if original == 1 || original == 2 || !batch.append(continuation) { continuation.resume() }
      }
    }

    func settle() { batch.queue?.blockUntilSubmitted(self) }

    /// `settled` for a caller who waits for each of its calls.
    nonisolated(nonsending) package func settledInTurn() async {
      if let queue = batch.queue { await queue.answeredInTurn(self) } else { await settled() }
    }

    nonisolated(nonsending) func settled() async {
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

    /// In order of entry: samples until the batch is submitted, results until it is answered. They
    /// change under the queue's lock while queued; then they are the leader's.
    @exclusivity(unchecked) private(set) var items: Items
    /// How many have entered, whatever has become of them.
    @exclusivity(unchecked) private(set) var entered = 0
    /// How many calls the queue had taken, with its latest.
    @exclusivity(unchecked) private(set) var latest = 0
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

    /// - Parameters:
    ///   - expected: how many calls are likely to come.
    ///   - slots: where their samples may go.
    init(of queue: CoalescingQueue, expected: Int, in slots: SampleSlots?) {
      self.queue = queue
      items = Items(expected: expected, in: slots)
      recording = queue.recording
      word.initialize(to: Atomic(Phase.queued.rawValue))
    }

    deinit {
      word.deinitialize(count: 1)
      word.deallocate()
    }

    var phase: Phase { Phase(rawValue: word.pointee.load(ordering: .acquiring)) ?? .answered }

    /// How many calls there are, until it has been answered.
    var count: Int { items.count }

    /// - Returns: the slot that the caller is to fill, if there is one.
    @inline(__always)
    func append(_ sample: borrowing Tensor, _ result: consuming Node, number: Int) -> Slot? {
      result.join(.passUnretained(self))
      (entered, latest) = (entered + 1, number)
      guard let index = items.append(sample, result), let slots = items.samples.slots else {
        return nil
      }
      return Slot(slots: .passUnretained(slots), index: index)
    }

    /// Takes those in that have come through the gate.
    func takeIn(_ gate: inout Gate, number: Int) {
      (entered, latest) = (entered + gate.entered, number)
      items.takeIn(&gate)
    }

    var freeSlots: SampleSlots? { items.samples.freeSlots }

    /// A sample's place in the memory of a batch, which stays until the slot has been filled.
    struct Slot {
      let slots: Unmanaged<SampleSlots>
      let index: Int

      @inline(__always)
      func fill(with sample: borrowing Tensor) {
        slots._withUnsafeGuaranteedRef { $0.fill(index, with: sample.node) }
      }
    }

    /// How many calls there are, which from the time that the batch leaves the queue have one
    /// reference to it among them. Before, none of them can go, since it has them.
    private let members = Atomic<Int>(0)

    /// Said once, before any call can go.
    func leave() {
      if items.isEmpty { return }
      members.store(items.count, ordering: .relaxed)
      _ = Unmanaged.passRetained(self)
    }

    /// Lets go of the calls, which hold it.
    func forget() { items = Items() }

    /// One call less.
    static func letGo(_ batch: Unmanaged<Batch>) {
      let left = batch._withUnsafeGuaranteedRef {
        $0.members.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
      }
      if left == 0 { batch.release() }
    }

    /// Leaves out the calls that have been cancelled.
    func sift() {
      // Each call is a line of memory that another core has written.
      guard hasCancelled.load(ordering: .sequentiallyConsistent) else { return }
      items.keep { !Call($0).isCancelled }
    }

    /// Lets go of the samples, which are the device's now.
    func submitted(by submission: (any Submission)?) {
      self.submission = submission
      items.forgetSamples()
      word.pointee.store(Phase.submitted.rawValue, ordering: .releasing)
    }

    func answer(_ agent: Int) {
      recording.step {
        word.pointee.store(Phase.answered.rawValue, ordering: .sequentiallyConsistent)
        recording.record(.announce(agent: agent))
      }
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { swoop_futex_wake_all(word) }
      var resumed = 0
      items.results.look { _, node in
        if Call(node).answer(agent, recording) { resumed += 1 }
      }
      forget()
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
