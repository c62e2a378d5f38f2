import Glibc
import Testing

@testable import SwoopCore

/// Samples that their callers put in place themselves.
@Suite(.timeLimit(.minutes(1))) struct SampleSlotsTests {
  private let backend = FakeBackend(hasHostMemory: true)

  private func source(_ count: Int = 4) throws -> SampleSlots.Source {
    try #require(.init(.of(TensorForm([count], .float32)), on: backend))
  }

  private func queue(
    _ options: CoalescingQueue.Options = .init(),
    submit: @escaping @Sendable (BatchSamples, [Node]) -> Void
  ) throws -> CoalescingQueue {
    let queue = CoalescingQueue(options, slots: try source()) { items in
      submit(items.samples, items.results)
      for result in items.results { result.fail(FakeBackend.refusal) }
      return nil
    }
    queue.prepareSlots(16)
    return queue
  }

  private func item(_ value: Float) throws -> CoalescingQueue.Item {
    let sample = try backend.tensor([value, 0, 0, value])
    return .init(sample: sample, result: Node(promised: sample.node.form, backend: backend))
  }

  /// The first elements of samples in slots.
  private static func values(_ samples: BatchSamples) -> [Float] {
    guard let slots = samples.slots, let memory = slots.home.storage as? FakeBackend.Memory else {
      return []
    }
    return (samples.places ?? Array(0..<samples.slottedCount)).map {
      memory.bytes.load(fromByteOffset: $0 * slots.step, as: Float.self)
    }
  }

  @Test func smallSamplesAlone() throws {
    #expect(throws: Never.self) { try source(1024) }
    #expect(SampleSlots.Source(.of(TensorForm([1025], .float32)), on: backend) == nil)
    #expect(SampleSlots.Source(.of(TensorForm([0], .float32)), on: backend) == nil)
    #expect(SampleSlots.Source(.of(TensorForm([4], .float32)), on: FakeBackend()) == nil)
  }

  /// The leader has nothing to copy, and the sample has its place there for good.
  @Test func aSampleIsInItsSlotWhenItsCallHasEntered() throws {
    let seen = Lock<[Float]>([])
    var options = CoalescingQueue.Options()
    options.maximumDelay = .seconds(60)
    let queue = try queue(options) { samples, _ in
      #expect(samples.tensors.isEmpty)
      seen.withLock { $0 = Self.values(samples) }
    }
    let items = try (0..<5).map { try item(Float($0)) }
    for (place, item) in items.enumerated() {
      #expect(queue.enter(item) == .entered)
      #expect(item.sample.node.residence?.slice.offset == place * 16)
      #expect(!item.sample.node.isHostData)
    }
    queue.abandon()
    #expect(seen.withLock { $0 } == [0, 1, 2, 3, 4])
  }

  /// One that has been computed, or that comes twice, and all behind it, as tensors.
  @Test func whatIsNoHostDataComesBehindTheSlots() throws {
    let seen = Lock<(slotted: [Float], tensors: [ObjectIdentifier])>(([], []))
    var options = CoalescingQueue.Options()
    options.maximumDelay = .seconds(60)
    let queue = try queue(options) { samples, _ in
      seen.withLock {
        $0 = (Self.values(samples), samples.tensors.map { ObjectIdentifier($0.node) })
      }
    }
    let items = try (0..<4).map { try item(Float($0)) }
    let again = CoalescingQueue.Item(
      sample: items[1].sample, result: Node(promised: items[1].result.form, backend: backend))
    for item in [items[0], items[1], again, items[2], items[3]] {
      #expect(queue.enter(item) == .entered)
    }
    queue.abandon()
    let (slotted, tensors) = seen.withLock { $0 }
    #expect(slotted == [0, 1])
    #expect(tensors == [items[1], items[2], items[3]].map { ObjectIdentifier($0.sample.node) })
    // Who leads takes it to the device with the rest.
    #expect(items[2].sample.node.isHostData)
  }

  @Test func whoIsCancelledLeavesAGap() throws {
    let seen = Lock<([Float], [ObjectIdentifier])>(([], []))
    var options = CoalescingQueue.Options()
    options.maximumDelay = .seconds(60)
    let queue = try queue(options) { samples, results in
      seen.withLock { $0 = (Self.values(samples), results.map { ObjectIdentifier($0) }) }
    }
    let items = try (0..<5).map { try item(Float($0)) }
    for item in items { #expect(queue.enter(item) == .entered) }
    items[0].call.cancel()
    items[3].call.cancel()
    queue.abandon()
    #expect(seen.withLock { $0.0 } == [1, 2, 4])
    #expect(seen.withLock { $0.1 } == [1, 2, 4].map { ObjectIdentifier(items[$0].result) })
  }

  /// Parts of parts.
  @Test func theRightOnesAreLeft() throws {
    var all = BatchSamples(in: try #require(try source().slots(4)))
    let items = try (0..<7).map { try item(Float($0)) }
    for (place, item) in items.enumerated() {
      let slot = all.append(item.sample)
      #expect(slot == (place < 4 ? place : nil))
      if let slot { all.slots?.fill(slot, with: item.sample.node) }
    }
    let some = all.at([1, 2, 3, 5, 6])
    #expect((some.count, some.slottedCount) == (5, 3))
    #expect(Self.values(some) == [1, 2, 3])
    let fewer = some.at(1..<4)
    #expect(Self.values(fewer) == [2, 3])
    #expect(fewer.tensors.map { $0.node === items[5].sample.node } == [true])
    #expect(some.at(3..<5).slottedCount == 0)
  }

  /// A batch that is to leave while a caller still fills its slot.
  @Test func whoLeadsWaitsForThoseWhoFill() throws {
    let slots = try #require(try source().slots(4))
    let item = try item(7)
    #expect(SampleSlots.claim(item.sample.node))
    slots.take(1)
    // Meanwhile nobody else takes the sample to the device.
    #expect(!SampleSlots.claim(item.sample.node))
    let isThrough = Lock(false)
    onThreads(2, within: 10) { thread in
      if thread == 0 {
        slots.waitUntilFilled()
        isThrough.withLock { $0 = true }
      } else {
        usleep(50_000)
        #expect(isThrough.withLock { !$0 })
        slots.fill(0, with: item.sample.node)
      }
    }
    #expect(isThrough.withLock { $0 })
  }

  /// From many threads at once: in every batch lies what its callers have put there.
  @Test func manyThreadsFillTheirSlots() throws {
    let counts = Lock((wrong: 0, total: 0))
    let expected = Lock<[ObjectIdentifier: (value: Float, sample: ObjectIdentifier)]>([:])
    let queue = try queue { samples, results in
      let values = Self.values(samples)
      let named = expected.withLock { expected in
        results.compactMap { expected.removeValue(forKey: ObjectIdentifier($0)) }
      }
      counts.withLock { counts in
        counts.total += samples.count
        if named.count != samples.count { counts.wrong += 1 }
        for (value, name) in zip(values, named) where value != name.value { counts.wrong += 1 }
        for (tensor, name) in zip(samples.tensors, named[values.count...])
        where ObjectIdentifier(tensor.node) != name.sample { counts.wrong += 1 }
      }
    }
    onThreads(4, within: 30) { thread in
      for index in 0..<5000 {
        let value = Float(thread * 5000 + index)
        guard let item = try? item(value) else { return }
        expected.withLock {
          $0[ObjectIdentifier(item.result)] = (value, ObjectIdentifier(item.sample.node))
        }
        while queue.enter(item) == .full { queue.blockUntilRoom() }
      }
    }
    queue.abandon()
    #expect(counts.withLock { $0 } == (0, 20_000))
  }

  /// What comes while somebody submits need not look at anything; one that has no slot, and who comes
  /// behind, must.
  @Test func whatNeedNotLookComesThroughTheGate() throws {
    let batches = Lock<[(values: [Float], tensors: [Node], results: [Node])]>([])
    let (isIn, mayGo) = (Lock(false), Lock(false))
    let queue = try queue { samples, results in
      batches.withLock { $0.append((Self.values(samples), samples.tensors.map(\.node), results)) }
      isIn.withLock { $0 = true }
      while !mayGo.withLock({ $0 }) { usleep(100) }
    }
    let items = try (0..<12).map { try item(Float($0)) }
    let again = CoalescingQueue.Item(
      sample: items[4].sample, result: Node(promised: items[4].result.form, backend: backend))
    onThreads(2, within: 30) { thread in
      if thread == 0 {
        #expect(queue.enter(items[0]) == .entered)
      } else {
        while !isIn.withLock({ $0 }) { usleep(100) }
        queue.prepareSlots(16)
        for item in items[1..<8] { #expect(queue.enter(item) == .entered) }
        // The first has found the memory.
        #expect(queue.withState { $0.throughGate } == 6)
        for item in [again] + items[8...] { #expect(queue.enter(item) == .entered) }
        #expect(queue.withState { $0.throughGate } == 6)
        items[3].call.cancel()
        again.call.cancel()
        mayGo.withLock { $0 = true }
      }
    }
    queue.abandon()
    let seen = batches.withLock { $0 }
    #expect(seen.count == 2)
    #expect(seen.last?.values == [1, 2, 4, 5, 6, 7])
    #expect(seen.last?.tensors.elementsEqual(items[8...].map(\.sample.node), by: ===) == true)
    let left = ([1, 2, 4, 5, 6, 7] + Array(8..<12)).map { items[$0].result }
    #expect(seen.last?.results.elementsEqual(left, by: ===) == true)
    #expect(queue.statistics.calls == 13)
    #expect(queue.statistics.cancelled == 2)
  }

  /// A queue that goes with calls that nobody has looked at.
  @Test func whatIsInTheGateGoesWithTheQueue() throws {
    weak var result: Node?
    weak var sample: Node?
    do {
      let (isIn, mayGo) = (Lock(false), Lock(false))
      let queue = try queue { _, _ in
        isIn.withLock { $0 = true }
        while !mayGo.withLock({ $0 }) { usleep(100) }
      }
      let first = try item(0)
      onThreads(2, within: 30) { thread in
        if thread == 0 {
          #expect(queue.enter(first) == .entered)
        } else {
          while !isIn.withLock({ $0 }) { usleep(100) }
          queue.prepareSlots(16)
          #expect((try? queue.enter(item(1))) == .entered)
          mayGo.withLock { $0 = true }
        }
      }
      // As long as somebody submits, there is nothing to look for.
      queue.withState { $0.isSubmitting = true }
      let last = try item(2)
      #expect(queue.enter(last) == .entered)
      (result, sample) = (last.result, last.sample.node)
    }
    #expect(result == nil)
    #expect(sample == nil)
  }

  /// A call that need not look at the queue comes in before one that must, and there is nothing to look
  /// at before.
  @Test func theGateIsOpenUntilSomebodyMustLook() throws {
    var random = SplitMix(seed: 5)
    let queue = try queue { _, _ in }
    for _ in 0..<2000 {
      var options = CoalescingQueue.Options()
      options.maximumBatch = .random(in: 1...40, using: &random)
      options.capacity = .random(in: 1...100, using: &random)
      var state = CoalescingQueue.State(options)
      defer { state.gate.deallocate() }
      func batch(_ count: Int) throws -> CoalescingQueue.Batch {
        let batch = CoalescingQueue.Batch(of: queue, expected: count, in: nil)
        for _ in 0..<count {
          let item = try item(0)
          _ = batch.append(item.sample, item.result, number: 0)
        }
        return batch
      }
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let count = Int.random(in: 1...state.sizing.limit, using: &random)
        let now = ContinuousClock.now
        if Bool.random(using: &random) {
          state.sizing.leaves(count, at: now)
        } else {
          state.sizing.leavesUnasked(count, since: now, at: now, behind: 0)
        }
      }
      for _ in 0..<Int.random(in: 0...2, using: &random) {
        state.inFlight.append(try batch(.random(in: 1...options.maximumBatch, using: &random)))
      }
      state.isSubmitting = Int.random(in: 0..<8, using: &random) == 0
      if Int.random(in: 0..<8, using: &random) == 0 {
        state.forming.append(try batch(options.maximumBatch))
      }
      let forming = try batch(.random(in: 1...options.maximumBatch, using: &random))
      state.forming.append(forming)
      let quiet = state.quiet
      for further in 1...64 {
        let item = try item(0)
        _ = forming.append(item.sample, item.result, number: 0)
        guard state.isWorthALook || further > quiet else { continue }
        #expect(further == quiet + 1 && state.isWorthALook)
        break
      }
    }
  }

  /// Memory goes with the last sample that lies in it, and with the batch.
  @Test func memoryGoesWithWhatLiesInIt() throws {
    weak var memory: FakeBackend.Memory?
    var kept: Tensor?
    var options = CoalescingQueue.Options()
    options.maximumDelay = .seconds(60)
    do {
      let queue = try queue(options) { _, _ in }
      let items = try (0..<3).map { try item(Float($0)) }
      for item in items { #expect(queue.enter(item) == .entered) }
      memory = items[0].sample.node.residence?.slice.storage as? FakeBackend.Memory
      kept = items[2].sample
      queue.abandon()
    }
    #expect(kept != nil)
    #expect(memory != nil)
    kept = nil
    #expect(memory == nil)
  }
}
