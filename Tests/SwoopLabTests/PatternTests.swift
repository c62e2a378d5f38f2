import Testing

@testable import SwoopLab

/// Counts which operations ran, and whether a worker ever ran two at once.
private final class Tally: Sendable {
  struct State {
    var runs: [Int: Int] = [:]
    var workers: Set<Int> = []
    var busy: Set<Int> = []
    var mostBusy = 0
    var overlapped = false
  }
  let state = Monitor(State())

  func begin(_ worker: Int, _ iteration: Int) {
    state.locked {
      $0.runs[iteration, default: 0] += 1
      $0.workers.insert(worker)
      if !$0.busy.insert(worker).inserted { $0.overlapped = true }
      $0.mostBusy = max($0.mostBusy, $0.busy.count)
    }
  }

  func end(_ worker: Int) { state.locked { _ = $0.busy.remove(worker) } }

  var work: PatternWork {
    PatternWork(
      blocking: { worker, iteration in
        self.begin(worker, iteration)
        self.end(worker)
      },
      awaiting: { worker, iteration in
        self.begin(worker, iteration)
        await Task.yield()
        self.end(worker)
      })
  }
}

private struct Planted: Error, Equatable { let iteration: Int }

@Suite("Thread patterns")
struct PatternTests {
  @Test(
    "Every operation runs exactly once, on no worker but those asked for",
    arguments: ThreadPattern.allCases, [(1, 10), (2, 7), (4, 200), (16, 3), (3, 0)])
  func exactlyOnce(pattern: ThreadPattern, size: (threads: Int, operations: Int)) async throws {
    let tally = Tally()
    let duration = try await pattern.run(
      tally.work, threads: size.threads, operations: size.operations)
    #expect(duration >= .zero)
    let state = tally.state.locked { $0 }
    #expect(state.runs.count == size.operations)
    #expect(state.runs.values.allSatisfy { $0 == 1 })
    #expect(state.runs.keys.allSatisfy { (0..<size.operations).contains($0) })
    #expect(state.workers.allSatisfy { (0..<size.threads).contains($0) })
    #expect(!state.overlapped)
    if pattern == .plainLoop { #expect(state.workers.count <= 1) }
  }

  @Test(
    "Threads do run at once: all workers meet in their first operation",
    arguments: [ThreadPattern.newThread, .threadPool, .persistentWorkers], [2, 8])
  func runAtOnce(pattern: ThreadPattern, threads: Int) async throws {
    let arrived = Monitor(0)
    let work = PatternWork(
      blocking: { _, _ in
        // Would block for ever if the workers ran one after another.
        arrived.locked { $0 += 1 }
        arrived.broadcast()
        arrived.wait(until: { $0 >= threads }, then: { _ in })
      }, awaiting: { _, _ in })
    _ = try await pattern.run(work, threads: threads, operations: threads)
    #expect(arrived.locked { $0 } == threads)
  }

  @Test("Each operation has a thread of its own in one pattern, and not in the others")
  func threadIdentity() async throws {
    for (pattern, expected) in [
      (ThreadPattern.newThread, 12), (.threadPool, 1), (.persistentWorkers, 1), (.plainLoop, 1),
    ] {
      // A thread that has ended may leave its identity to the next: each keeps an object instead.
      let seen = Monitor(Set<Int>())
      let work = PatternWork(
        blocking: { _, iteration in
          let key = ThreadMark.mark(orNew: iteration)
          seen.locked { _ = $0.insert(key) }
        }, awaiting: { _, _ in })
      _ = try await pattern.run(work, threads: 1, operations: 12)
      #expect(seen.locked { $0.count } == expected, "\(pattern)")
    }
  }

  @Test("The time covers the operations", arguments: ThreadPattern.allCases)
  func duration(pattern: ThreadPattern) async throws {
    let pause: Duration = .milliseconds(4)
    let work = PatternWork(
      blocking: { _, _ in blockingSleep(milliseconds: 4) },
      awaiting: { _, _ in try await Task.sleep(for: pause) })
    let duration = try await pattern.run(work, threads: 2, operations: 10)
    // Five one after another on two threads, ten in the plain loop.
    let least = pause * (pattern == .plainLoop ? 10 : 5)
    #expect(duration >= least * 0.95)
  }

  @Test("The time lasts to the end of the slowest worker", arguments: ThreadPattern.threaded)
  func slowest(pattern: ThreadPattern) async throws {
    let work = PatternWork(
      blocking: { _, iteration in blockingSleep(milliseconds: iteration == 1 ? 30 : 0) },
      awaiting: { _, iteration in
        try await Task.sleep(for: .milliseconds(iteration == 1 ? 30 : 0))
      })
    let duration = try await pattern.run(work, threads: 2, operations: 2)
    #expect(duration >= .milliseconds(30) * 0.95)
  }

  @Test("Failures are collected and thrown once all have ended", arguments: ThreadPattern.allCases)
  func failures(pattern: ThreadPattern) async throws {
    let tally = Tally()
    let work = PatternWork(
      blocking: { worker, iteration in
        tally.begin(worker, iteration)
        defer { tally.end(worker) }
        if iteration == 5 { throw Planted(iteration: iteration) }
      },
      awaiting: { worker, iteration in
        tally.begin(worker, iteration)
        defer { tally.end(worker) }
        if iteration == 5 { throw Planted(iteration: iteration) }
      })
    let failure = await #expect(throws: PatternFailure.self) {
      try await pattern.run(work, threads: 4, operations: 40)
    }
    let thrown = try #require(failure)
    #expect(thrown.pattern == pattern)
    #expect(thrown.failures.map(\.iteration) == [5])
    #expect(thrown.failures.first?.error as? Planted == Planted(iteration: 5))
    #expect("\(thrown)".contains("operation 5"))
    let state = tally.state.locked { $0 }
    #expect(state.busy.isEmpty, "an operation was still running")
    // Shares of other workers are run to the end.
    if pattern == .persistentWorkers || pattern == .newThread || pattern == .swiftTasks {
      #expect(state.runs.count == 40 - 8)
    }
  }

  @Test("Every worker's failure is reported")
  func allFailures() async throws {
    let work = PatternWork(
      blocking: { _, iteration in throw Planted(iteration: iteration) }, awaiting: { _, _ in })
    let failure = await #expect(throws: PatternFailure.self) {
      try await ThreadPattern.persistentWorkers.run(work, threads: 4, operations: 40)
    }
    #expect(Set(try #require(failure).failures.map(\.worker)) == [0, 1, 2, 3])
  }

  @Test("A cancelled task still waits for its threads")
  func cancellation() async throws {
    let tally = Tally()
    let started = Monitor(false)
    let work = PatternWork(
      blocking: { worker, iteration in
        tally.begin(worker, iteration)
        started.locked { $0 = true }
        blockingSleep(milliseconds: 3)
        tally.end(worker)
      }, awaiting: { _, _ in })
    let task = Task {
      try await ThreadPattern.persistentWorkers.run(work, threads: 2, operations: 20)
    }
    while !started.locked({ $0 }) { await Task.yield() }
    task.cancel()
    _ = try await task.value
    let state = tally.state.locked { $0 }
    #expect(state.runs.count == 20 && state.busy.isEmpty)
  }

  @Test("Impossible numbers are errors", arguments: ThreadPattern.allCases)
  func badArguments(pattern: ThreadPattern) async {
    await #expect(throws: PatternArgumentError.self) {
      try await pattern.run(Tally().work, threads: 0, operations: 1)
    }
    await #expect(throws: PatternArgumentError.self) {
      try await pattern.run(Tally().work, threads: 1, operations: -1)
    }
  }

  @Test("The plain loop that waits once finishes once, within the time")
  func waitingOnce() throws {
    var started = 0
    var finished: [Int] = []
    let duration = try ThreadPattern.plainLoop(
      operations: 9, { _ in started += 1 },
      finish: {
        blockingSleep(milliseconds: 5)
        finished.append(started)
      })
    #expect(finished == [9])
    #expect(duration >= .milliseconds(5) * 0.95)
  }

  @Test("Tasks that await do not wait for each other's threads")
  func manyTasks() async throws {
    // 64 tasks that all suspend until the last has come: with tasks that block, two cores would
    // stand still.
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    let arrived = Monitor(0)
    let work = PatternWork(
      blocking: { _, _ in },
      awaiting: { _, _ in
        let isLast = arrived.locked {
          $0 += 1
          return $0 == 64
        }
        if isLast { continuation.finish() }
        while arrived.locked({ $0 < 64 }) { await Task.yield() }
      })
    _ = try await ThreadPattern.swiftTasks.run(work, threads: 64, operations: 64)
    for await _ in stream {}
    #expect(arrived.locked { $0 } == 64)
  }
}
