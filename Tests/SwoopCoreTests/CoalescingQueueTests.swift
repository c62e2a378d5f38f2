import Glibc
import Testing

@testable import SwoopCore

/// The queue alone, in front of a back end that computes nothing.
@Suite struct CoalescingQueueTests {
  private let backend = FakeBackend()

  private func item() throws -> CoalescingQueue.Item { try .init(backend) }

  /// A call that the queue has taken.
  private func enter(
    _ item: CoalescingQueue.Item, _ queue: CoalescingQueue
  ) throws -> CoalescingQueue.Call {
    guard queue.enter(item) == .entered else { throw NoRoom() }
    return item.call
  }

  private struct NoRoom: Error {}

  @Test func aCancelledCallGoesWithItsResult() async throws {
    weak var sample: Node?
    weak var result: Node?
    var options = CoalescingQueue.Options()
    options.maximumDelay = .seconds(60)
    let queue = CoalescingQueue(options) { _ in nil }
    do {
      let item = try item()
      (sample, result) = (item.sample.node, item.result)
      let call = try enter(item, queue)
      #expect(call.cancel())
      #expect(!call.cancel())
    }
    await queue.close()
    #expect(sample == nil)
    #expect(result == nil)
    #expect(queue.statistics.cancelled == 1)
    #expect(queue.statistics.batches == 0)
  }

  @Test func whatIsAbandonedIsRun() throws {
    var options = CoalescingQueue.Options()
    options.maximumDelay = .seconds(60)
    options.maximumBatch = 2
    let queue = CoalescingQueue(options) { items in
      for result in items.results { result.fail(FakeBackend.refusal) }
      return nil
    }
    let items = try (0..<5).map { _ in try item() }
    for item in items { _ = try enter(item, queue) }
    queue.abandon()
    for item in items { #expect(item.result.error?.code == .outOfMemory) }
    #expect(queue.statistics.batchSizes == [2: 2, 1: 1])
    guard queue.enter(try item()) == .closed else {
      Issue.record("an abandoned queue takes no calls")
      return
    }
  }

  private final class Endless: Submission {
    let isFinished = false
    func wait() throws(TensorError) {}
    nonisolated(nonsending) func finished() async throws(TensorError) {}
  }

  /// A queue that goes leaves nothing behind, whatever is under way; a result keeps what computes it.
  @Test func whatIsUnderWayGoesWithTheQueue() throws {
    weak var submission: Endless?
    var results: [Node] = []
    do {
      let endless = Endless()
      submission = endless
      // Held by the batches alone.
      let held = Lock<Endless?>(endless)
      let queue = CoalescingQueue(CoalescingQueue.Options()) { _ in
        held.withLock { held in
          defer { held = nil }
          return held
        }
      }
      for _ in 0..<5 {
        let item = try item()
        _ = try enter(item, queue)
        results.append(item.result)
      }
      #expect(queue.statistics.batches > 0)
    }
    #expect(submission != nil)
    results = []
    #expect(submission == nil)
  }

  /// Calls that come faster than they are submitted are gathered, as many as there is room for.
  @Test func whatIsGatheredFindsRoom() throws {
    var options = CoalescingQueue.Options()
    options.capacity = 16
    let queue = CoalescingQueue(options) { items in
      usleep(1000)
      for result in items.results { result.fail(FakeBackend.refusal) }
      return nil
    }
    for _ in 0..<200 {
      _ = try enter(item(), queue)
    }
    #expect(queue.statistics.batches < 60)
    queue.abandon()
  }

  /// Batches that a caller's calls become who keeps so many of them under way and waits for the oldest,
  /// where submitting takes a while and the device takes none.
  private func sizes(window: Int, calls: Int) throws -> [Int: Int] {
    let queue = CoalescingQueue(CoalescingQueue.Options()) { items in
      let start = ContinuousClock.now
      while ContinuousClock.now - start < .microseconds(100) {}
      for result in items.results { result.fail(FakeBackend.refusal) }
      return nil
    }
    var underWay: [CoalescingQueue.Call] = []
    for index in 0..<calls {
      if index >= window { queue.blockUntilSubmitted(underWay[index % window]) }
      let call = try enter(item(), queue)
      if index < window { underWay.append(call) } else { underWay[index % window] = call }
    }
    queue.abandon()
    return queue.statistics.batchSizes
  }

  /// A window goes in halves, one of which is made while the device has the other, or in one, as is
  /// likely to turn out faster here; a caller who waits for nothing is given the largest batches.
  @Test(arguments: [(16, 16), (64, 64), (256, 256), (100_000, 256)])
  func aWindowOfCallsRunsInHalvesOrInOne(window: Int, whole: Int) throws {
    let sizes = try sizes(window: window, calls: 40_000)
    let alike = sizes.filter { abs($0.key - whole) <= 1 || abs($0.key - whole / 2) <= 1 }
    #expect(alike.reduce(0) { $0 + $1.key * $1.value } > 36_000, "\(sizes)")
  }
}

/// The fit of batch costs, on times that are made up.
@Suite struct BatchCostTests {
  @Test func aLineIsFoundAgain() {
    var cost = BatchCost()
    var now = ContinuousClock.now
    #expect(cost.fit == nil)
    for round in 0..<64 {
      let size = 1 + round % 7 * 8
      cost.submitted(size, at: now)
      now += .microseconds(50 + 3 * size)
      cost.finished(at: now)
    }
    let fit = cost.fit
    #expect(abs((fit?.fixed ?? 0) - 50e-6) < 1e-9)
    #expect(abs((fit?.perCall ?? 0) - 3e-6) < 1e-9)
    // Calls came every 4 to 50 us: 50 us of fixed cost are worth the wait of a few.
    #expect(cost.worthwhileDelay(1, upTo: .seconds(1)) == .nanoseconds(50_000))
    #expect(cost.worthwhileDelay(1, upTo: .microseconds(7)) == .microseconds(7))
    #expect(cost.worthwhileDelay(1000, upTo: .seconds(1)) == .zero)
  }
}
