import Testing

@testable import SwoopLab

/// A clock that only trials move, and a log of what they were asked for.
private final class Bench: Sendable {
  struct State {
    var time = Duration.zero
    var runs: [(name: String, operations: Int)] = []
  }
  let state = Monitor(State())

  /// A trial whose operations take a planted time each, and the whole `overhead` more.
  func trial(
    _ name: String, each: Duration, overhead: Duration = .zero, samples: Int = 1,
    granularity: Int = 1
  ) -> Trial {
    Trial(name, samplesPerOperation: samples, granularity: granularity) { operations in
      self.state.locked {
        let duration = each * operations
        $0.time += duration + overhead
        $0.runs.append((name, operations))
        return duration
      }
    }
  }

  func runner(_ settings: Interleaved.Settings) -> Interleaved {
    Interleaved(settings, now: { self.state.locked { $0.time } })
  }
}

private func settings(_ change: (inout Interleaved.Settings) -> Void) -> Interleaved.Settings {
  var settings = Interleaved.Settings()
  settings.rounds = 5
  change(&settings)
  return settings
}

@Suite("Interleaved rounds")
struct InterleavedTests {
  @Test("Every round runs every trial once, in different orders")
  func rounds() async throws {
    let bench = Bench()
    let names = (0..<6).map { "t\($0)" }
    let trials = names.map { bench.trial($0, each: .microseconds(100)) }
    let results = try await bench.runner(settings { $0.rounds = 8 }).run(trials)
    #expect(results.orders.count == 8)
    for order in results.orders { #expect(order.sorted() == names) }
    #expect(Set(results.orders).count > 4, "the orders are not random")
    for name in names { #expect(results.rates[name]?.count == 8) }
    #expect(!results.wasShortened)

    // The same seed gives the same orders, another one others; and what ran is what is said.
    let again = try await bench.runner(settings { $0.rounds = 8 }).run(trials)
    #expect(again.orders == results.orders)
    let last = bench.state.locked { $0.runs.suffix(48).map(\.name) }
    #expect(last == again.orders.flatMap { $0 })
    let other = try await bench.runner(
      settings {
        $0.rounds = 8
        $0.seed = 2
      }
    ).run(trials)
    #expect(other.orders != results.orders)
  }

  @Test("A follower runs right behind its leader, with as many operations")
  func followers() async throws {
    let bench = Bench()
    let follower = Trial("second", follows: "first") { operations in
      // What ran last, in calibration too, was its leader.
      let last = bench.state.locked { $0.runs.last }
      #expect(last?.name == "first")
      bench.state.locked { $0.runs.append(("second", operations)) }
      return .microseconds(100) * operations
    }
    let others = (0..<4).map { bench.trial("t\($0)", each: .microseconds(30)) }
    let first = bench.trial("first", each: .microseconds(50), granularity: 16)
    let results = try await bench.runner(settings { $0.rounds = 6 })
      .run([follower] + others + [first])
    for order in results.orders {
      let place = try #require(order.firstIndex(of: "first"))
      #expect(order.count == 6 && order.firstIndex(of: "second") == place + 1)
    }
    #expect(Set(results.orders).count > 3, "the orders are not random")
    #expect(results.operations["second"] == results.operations["first"])
    #expect(abs(try #require(results.ratio(of: "first", to: "second")).median - 2) < 1e-9)

    await #expect(throws: TrialFailure.self) { try await Interleaved().run([follower]) }
    let behind = Trial("third", follows: "second") { _ in .seconds(1) }
    await #expect(throws: TrialFailure.self) {
      try await Interleaved().run([first, follower, behind])
    }
  }

  @Test("A replay of fewer operations than were asked for is scaled up")
  func shortReplay() async throws {
    let callers = Callers(.tasks, 4)
    let leader = Trial.coalesced(callers, granularity: 4) { .microseconds(10) * $0 }
    let replay = Trial.replayed(
      callers, prepare: { 1 }, run: { blockingSleep(milliseconds: 2) })
    let results = try await Interleaved(
      settings {
        $0.rounds = 3
        $0.roundDuration = .milliseconds(1)
      }
    ).run([leader, replay])
    // 100 operations for one that takes 2 ms.
    let rate = try #require(results.figure(FigureName.replayed(callers).description)).median
    #expect(rate > 50 && rate <= 500, "\(rate)")
  }

  @Test("Bare continuations: every suspension is resumed")
  func continuations() async throws {
    let results = try await Interleaved(
      settings {
        $0.rounds = 3
        $0.roundDuration = .milliseconds(2)
      }
    ).run([.continuations(tasks: 8)])
    let count = try #require(results.operations["continuations"])
    #expect(count.isMultiple(of: 8) && count >= 8)
    #expect(try #require(results.figure("continuations")).median > 0)
  }

  @Test("Rates are right, weighted by samples")
  func rates() async throws {
    let bench = Bench()
    let results = try await bench.runner(settings { _ in }).run([
      bench.trial("one", each: .microseconds(50)),
      bench.trial("batch", each: .microseconds(50), samples: 256),
    ])
    #expect(abs(try #require(results.figure("one")).median - 20_000) < 1e-6)
    #expect(abs(try #require(results.figure("batch")).median - 20_000 * 256) < 1e-3)
    #expect(abs(try #require(results.ratio(of: "batch", to: "one")).median - 256) < 1e-9)
    #expect(results.figure("none") == nil)
  }

  @Test("Calibration fills a round, within the least and the most")
  func calibration() async throws {
    let bench = Bench()
    let results = try await bench.runner(
      settings {
        $0.roundDuration = .milliseconds(40)
        $0.minimumOperations = 10
        $0.maximumOperations = 1_000
      }
    ).run([
      bench.trial("fits", each: .microseconds(100)),
      bench.trial("slow", each: .milliseconds(50)),
      bench.trial("fast", each: .nanoseconds(10)),
      bench.trial("shared", each: .microseconds(100), granularity: 16),
      bench.trial("slow batch", each: .milliseconds(50), samples: 64),
    ])
    #expect(results.operations["fits"] == 400)
    #expect(results.operations["slow"] == 10)
    #expect(results.operations["fast"] == 1_000)
    #expect(results.operations["shared"] == 400)
    #expect(results.operations["slow batch"] == 1)
    for (name, count) in bench.state.locked({ $0.runs }) where name != "slow batch" {
      #expect(count >= 10 && count <= 1_000)
    }
    for (name, count) in bench.state.locked({ $0.runs }) where name == "shared" {
      #expect(count.isMultiple(of: 16))
    }
  }

  @Test("A budget shortens rounds and leaves some out, but never the last")
  func budget() async throws {
    for (budget, each) in [
      (Duration.seconds(1), Duration.microseconds(50)), (.seconds(4), .milliseconds(4)),
    ] {
      let bench = Bench()
      let trials = (0..<10).map {
        bench.trial("t\($0)", each: each, overhead: .milliseconds(1))
      }
      let results = try await bench.runner(
        settings {
          $0.rounds = 1_000
          $0.budget = budget
        }
      ).run(trials)
      #expect(results.elapsed <= budget)
      #expect(results.elapsed > budget / 2, "most of the budget is left: \(results.elapsed)")
      #expect(results.wasShortened)
    }
    // A budget that a single run exceeds: each trial runs once, and that is the round.
    let bench = Bench()
    let results = try await bench.runner(settings { $0.budget = .milliseconds(1) })
      .run([bench.trial("slow", each: .seconds(1)), bench.trial("slower", each: .seconds(2))])
    #expect(results.orders.count == 1)
    #expect(results.wasShortened)
    #expect(bench.state.locked { $0.runs.count } <= 3)
    #expect(try #require(results.figure("slow")).median == 1)
    #expect(try #require(results.figure("slower")).median == 0.5)
  }

  @Test("Progress goes from nothing to everything")
  func progress() async throws {
    let bench = Bench()
    let seen = Monitor<[Interleaved.Progress]>([])
    _ = try await bench.runner(settings { _ in }).run(
      [bench.trial("a", each: .milliseconds(1)), bench.trial("b", each: .milliseconds(1))],
      progress: { progress in seen.locked { $0.append(progress) } })
    let all = seen.locked { $0 }
    #expect(all.map(\.completed) == Array(0..<14))
    #expect(all.allSatisfy { $0.total == 14 })
    #expect(all.first?.phase == .calibrating)
    #expect(all.last?.phase == .measuring(round: 5, of: 5))
  }

  @Test("What a trial throws comes out with its name")
  func failures() async throws {
    struct Planted: Error {}
    let failing = Trial("bad") { _ in throw Planted() }
    let failure = await #expect(throws: TrialFailure.self) {
      try await Interleaved().run([failing])
    }
    #expect(failure?.trial == "bad")
    #expect(failure?.underlying is Planted)

    let twice = Trial("same") { _ in .seconds(1) }
    await #expect(throws: TrialFailure.self) { try await Interleaved().run([twice, twice]) }
    let timeless = Trial("timeless") { _ in .zero }
    await #expect(throws: TrialFailure.self) { try await Interleaved().run([timeless]) }
    let results = try await Interleaved().run([])
    #expect(results.rates.isEmpty)
  }

  @Test("A cancelled run stops")
  func cancellation() async {
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      return try await Interleaved().run([Trial("t") { _ in .seconds(1) }])
    }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("The trials of the study run their operations")
  func readyMadeTrials() async throws {
    let count = Monitor(0)
    let finished = Monitor(0)
    @Sendable func operation(_: Int, _: Int) { count.locked { $0 += 1 } }
    @Sendable func run(_: Int) { count.locked { $0 += 1 } }
    @Sendable func finish() { finished.locked { $0 += 1 } }
    let work = PatternWork(blocking: operation, awaiting: operation)
    let trials: [Trial] = [
      .baseline(work), .threads(.newThread, 2, work), .floor(threads: 1, operation),
      .floor(threads: 2, operation), .baselineWaitingOnce(start: run, finish: finish),
      .batch(.stacked, 4, run: run, finish: finish),
    ]
    let results = try await Interleaved(
      settings {
        $0.roundDuration = .microseconds(200)
        $0.rounds = 3
      }
    ).run(trials)
    let figures = WorkloadFigures(results)
    for name: FigureName in [
      .baseline, .threads(.newThread, 2), .floor(threads: 1), .floor(threads: 2),
      .baselineWaitingOnce, .batch(.stacked, 4),
    ] { #expect(figures[name] != nil, "\(name)") }
    #expect(count.locked { $0 } > 0 && finished.locked { $0 } >= 2 * 6)
  }
}
