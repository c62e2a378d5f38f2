import Glibc
import Testing

@testable import SwoopCore

/// What random schedules would seldom show.
@Suite(.timeLimit(.minutes(1))) struct QueueFairnessTests {
  /// The model's LeadOn: a device that is done at once, and calls that keep coming.
  @Test func whoeverWaitsIsNotKeptByTheCallsOfOthers() async throws {
    let backend = FakeBackend()
    let items = try (0..<10_000).map { _ in try CoalescingQueue.Item(backend) }
    let submitted = Lock(0)
    let isHeldUp = Lock(true)
    let source = Lock<CoalescingQueue?>(nil)
    // How many had been submitted when its answer was seen: when its task runs again is up to the
    // machine.
    let watched = Lock<(call: CoalescingQueue.Call?, answered: Int?)>((nil, nil))
    var options = CoalescingQueue.Options()
    options.maximumBatch = 1
    let queue = CoalescingQueue(options) { _ in
      let count = submitted.withLock { count in
        count += 1
        return count
      }
      watched.withLock { watched in
        if watched.answered == nil, watched.call?.hasEnded == true { watched.answered = count }
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
    let call = items[1].call
    guard queue.enter(items[1]) == .entered else {
      Issue.record("a queue with room takes no call")
      return
    }
    watched.withLock { $0.call = call }
    let opening = Task {
      try? await Task.sleep(for: .milliseconds(20))
      isHeldUp.withLock { $0 = false }
    }
    await queue.answered(call)
    await opening.value
    source.withLock { $0 = nil }
    await queue.close()
    let answered = watched.withLock { $0.answered ?? submitted.withLock { $0 } }
    // The first, the call's own, and those of the driver thread's turn.
    #expect(answered <= 8, "answered when \(answered) had been submitted")
  }

  /// The model's ForgetEmptyBatch.
  @Test func aThreadWhoseWholeBatchIsCancelledGoesOn() async throws {
    let backend = FakeBackend()
    var options = CoalescingQueue.Options()
    options.maximumDelay = .milliseconds(50)
    let queue = CoalescingQueue(options) { _ in nil }
    let item = try CoalescingQueue.Item(backend)
    let call = item.call
    guard queue.enter(item) == .entered else {
      Issue.record("a queue with room takes no call")
      return
    }
    #expect(call.cancel())
    onThreads(1, within: 10) { _ in queue.block(call) }
    #expect(call.batch.items.isEmpty)
    await queue.close()
  }
}
