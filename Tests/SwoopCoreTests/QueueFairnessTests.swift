import Glibc
import Testing

@testable import SwoopCore

/// What random schedules would seldom show.
@Suite(.timeLimit(.minutes(1))) struct QueueFairnessTests {
  private static func item(_ backend: FakeBackend) throws -> CoalescingQueue.Item {
    let sample = try backend.tensor()
    return .init(
      sample: sample, result: Tensor(Node(promised: sample.node.form, backend: backend)))
  }

  /// The model's LeadOn: a device that is done at once, and calls that keep coming.
  @Test func whoeverWaitsIsNotKeptByTheCallsOfOthers() async throws {
    let backend = FakeBackend()
    let items = try (0..<10_000).map { _ in try Self.item(backend) }
    let submitted = Lock(0)
    let isHeldUp = Lock(true)
    let source = Lock<CoalescingQueue?>(nil)
    var options = CoalescingQueue.Options()
    options.maximumBatch = 1
    let queue = CoalescingQueue(options) { _ in
      let count = submitted.withLock { count in
        count += 1
        return count
      }
      // The first holds up the second, so that the driver thread leads from there on.
      while count == 1, isHeldUp.withLock({ $0 }) { usleep(100) }
      if count + 1 < items.count, count > 1 {
        _ = source.withLock { $0 }?.enter(items[count + 1])
      }
      return nil
    }
    source.withLock { $0 = queue }
    DriverThread.start { _ = queue.enter(items[0]) }
    while submitted.withLock({ $0 }) == 0 { await Task.yield() }
    guard case .entered(let call) = queue.enter(items[1]) else {
      Issue.record("a queue with room takes no call")
      return
    }
    let opening = Task {
      try? await Task.sleep(for: .milliseconds(20))
      isHeldUp.withLock { $0 = false }
    }
    await queue.answered(call)
    #expect(submitted.withLock { $0 } < items.count / 2)
    await opening.value
    source.withLock { $0 = nil }
    await queue.close()
  }

  /// The model's ForgetEmptyBatch.
  @Test func aThreadWhoseWholeBatchIsCancelledGoesOn() async throws {
    let backend = FakeBackend()
    var options = CoalescingQueue.Options()
    options.maximumDelay = .milliseconds(50)
    let queue = CoalescingQueue(options) { _ in nil }
    guard case .entered(let call) = queue.enter(try Self.item(backend)) else {
      Issue.record("a queue with room takes no call")
      return
    }
    #expect(call.cancel())
    onThreads(1, within: 10) { _ in queue.block(call) }
    #expect(call.item == nil)
    await queue.close()
  }
}
