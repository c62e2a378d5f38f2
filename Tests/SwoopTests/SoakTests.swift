import Glibc
import Swoop
import Synchronization
import Testing
import VulkanBackend

/// Everything at once on one coalescer, for long: tasks that are cancelled, futures that are
/// dropped, threads, and a device that refuses submissions. Nothing may be lost or hang.
/// `SWOOP_SOAK` says for how many seconds; a few without it.
@Suite(.timeLimit(.minutes(30))) struct SoakTests {
  private final class Outcomes: Sendable {
    let right = Atomic<Int>(0)
    let wrong = Atomic<Int>(0)
    let cancelled = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let dropped = Atomic<Int>(0)
    let calls = Atomic<Int>(0)

    func note(_ body: () throws -> Bool) {
      do {
        if try body() {
          right.wrappingAdd(1, ordering: .relaxed)
        } else {
          wrong.wrappingAdd(1, ordering: .relaxed)
        }
      } catch is CancellationError {
        cancelled.wrappingAdd(1, ordering: .relaxed)
      } catch let error as TensorError where error.code == .deviceFailure {
        refused.wrappingAdd(1, ordering: .relaxed)
      } catch {
        wrong.wrappingAdd(1, ordering: .relaxed)
      }
    }
  }

  @Test func nothingIsLostOrHangs() async throws {
    let seconds = getenv("SWOOP_SOAK").flatMap { Int(String(cString: $0)) } ?? 4
    let device = try #require(SeparateDevice.make())
    let backend = try #require(device.backend as? VulkanBackend)
    let weight = try Tensor.random([32, 16], in: -1...1, seed: 1, on: device)
    let samples = try (0..<64).map {
      try Tensor.random([32], in: -1...1, seed: UInt64($0 + 10), on: device)
    }
    let model: @Sendable (Tensor) throws -> Tensor = { try ($0.linear(weight) + 1).softmax() }
    var expected: [[Float]] = []
    for x in samples {
      expected.append(try await device.perOp { try await model(x).array(as: Float.self) })
    }
    let right = expected
    let coalesced = Coalescer(on: device, model: model)
    _ = try await coalesced(samples[0])
    backend.refusesEvery.store(37, ordering: .relaxed)

    let outcomes = Outcomes()
    let end = ContinuousClock.now + .seconds(seconds)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<100 {
        group.addTask {
          var random = SystemRandomNumberGenerator()
          var turn = number
          // Some turns even where other tests keep the tasks from running.
          while ContinuousClock.now < end || turn < number + 20 {
            turn += 1
            let place = turn * 7 % 64
            outcomes.calls.wrappingAdd(1, ordering: .relaxed)
            switch UInt8.random(in: 0..<4, using: &random) {
            case 0:
              let task = Task { try await coalesced(samples[place]).array(as: Float.self) }
              if Bool.random(using: &random) { await Task.yield() }
              task.cancel()
              let result = await task.result
              outcomes.note { try result.get() == right[place] }
            case 1:
              let future = try? coalesced.enqueue(samples[place])
              if future == nil || Bool.random(using: &random) {
                outcomes.dropped.wrappingAdd(1, ordering: .relaxed)
              } else if let future {
                let result = await Task { try await future.array(as: Float.self) }.result
                outcomes.note { try result.get() == right[place] }
              }
            default:
              let result = await Task { try await coalesced(samples[place]).array(as: Float.self) }
                .result
              outcomes.note { try result.get() == right[place] }
            }
          }
        }
      }
      await group.waitForAll()
    }
    backend.refusesEvery.store(0, ordering: .relaxed)
    await coalesced.shutdown()

    let (done, wrong, cancelled, refused, dropped) = (
      outcomes.right.load(ordering: .relaxed), outcomes.wrong.load(ordering: .relaxed),
      outcomes.cancelled.load(ordering: .relaxed), outcomes.refused.load(ordering: .relaxed),
      outcomes.dropped.load(ordering: .relaxed)
    )
    print(
      "soak: \(seconds) s, \(outcomes.calls.load(ordering: .relaxed)) calls: \(done) right, \(cancelled) "
        + "cancelled, \(refused) refused, \(dropped) dropped")
    #expect(wrong == 0)
    #expect(done + cancelled + refused + dropped == outcomes.calls.load(ordering: .relaxed))
    #expect(done > 0 && cancelled > 0 && refused > 0)
    // What memory it takes is not judged here: Swift Testing keeps a backtrace of every error that is
    // thrown while a test runs, half a KiB each. `Endurance memory --path mixed` does the same
    // without it, and is held to stay flat by Tests/Programs/run.sh.
  }
}
