import Swoop
import SwoopCore
import Synchronization

/// Ten thousand tasks that call a coalescer, each with samples of its own. Every result is looked at;
/// and when half of all calls have been answered, nobody may have had more than twice as many answers
/// as anybody else.
final class Crowd: Sendable {
  static let callers = 10_000

  struct Failure: Error, CustomStringConvertible { let description: String }

  private final class Caller: Sendable { let answers = Atomic<Int>(0) }

  private let calls: Int
  private let coalesced: Coalescer
  private let addend: Tensor
  private let callers = (0..<Crowd.callers).map { _ in Caller() }
  /// Those who are there, until all are.
  private let gate = Lock<[UnsafeContinuation<Void, Never>]>([])
  private let isOpen = Atomic<Bool>(false)
  private let answered = Atomic<Int>(0)
  private let atHalf = Lock<(fewest: Int, most: Int)?>(nil)

  /// - Parameters:
  ///   - calls: of each task.
  ///   - coalesced: adds `addend`, of 64 elements.
  init(calls: Int, of coalesced: Coalescer, adding addend: Tensor) {
    self.calls = calls
    self.coalesced = coalesced
    self.addend = addend
  }

  func run() async throws {
    let added = try await addend.array(as: Float.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for caller in callers.indices {
        group.addTask { try await self.call(caller, added) }
      }
      try await group.waitForAll()
    }
    guard let (fewest, most) = atHalf.withLock({ $0 }) else { return }
    print("crowd: \(fewest) to \(most) answers a task when half of all had come")
    // Of a few calls each, those that one task began later than another are a large part.
    guard calls < 50 || most <= 2 * fewest else {
      throw Failure(description: "the most answers are more than twice the fewest")
    }
  }

  private func call(_ caller: Int, _ added: [Float]) async throws {
    // Who began before the others were there would be ahead of them for good.
    await withUnsafeContinuation { continuation in
      let all = gate.withLock { waiting in
        waiting.append(continuation)
        return waiting.count == callers.count ? waiting : []
      }
      for continuation in all { continuation.resume() }
      if !all.isEmpty { isOpen.store(true, ordering: .relaxed) }
    }
    var number = 0
    while number < calls {
      let sample = (0..<64).map { Float(caller * 64 + $0) / 1024 + Float(number) }
      let result = try await coalesced(Tensor(sample, on: addend.device)).array(as: Float.self)
      guard zip(sample, zip(added, result)).allSatisfy({ $0 + $1.0 == $1.1 }) else {
        throw Failure(description: "task \(caller) got a wrong answer to call \(number)")
      }
      // Until all have been woken, the first have the coalescer to themselves.
      guard isOpen.load(ordering: .relaxed) else { continue }
      number += 1
      callers[caller].answers.add(1, ordering: .relaxed)
      let all = answered.add(1, ordering: .relaxed).newValue
      if all == callers.count * calls / 2 {
        let answers = callers.map { $0.answers.load(ordering: .relaxed) }
        atHalf.withLock { $0 = (answers.min() ?? 0, answers.max() ?? 0) }
      }
    }
  }
}
