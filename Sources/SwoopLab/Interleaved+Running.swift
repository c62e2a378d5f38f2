extension Interleaved {
  /// Calibrates, warms up and measures the trials.
  ///
  /// - Parameters:
  ///   - trials: what to measure; their names differ.
  ///   - progress: told before each run of a trial.
  /// - Throws: `TrialFailure`; `CancellationError` if the task is cancelled.
  public func run(
    _ trials: [Trial], progress: (@Sendable (Progress) -> Void)? = nil
  ) async throws -> Results {
    var names: Set<String> = []
    for trial in trials where !names.insert(trial.name).inserted {
      throw TrialFailure(trial.name, reason: "two trials have this name")
    }
    let leaders = Set(trials.filter { $0.follows == nil }.map(\.name))
    for trial in trials {
      if let leader = trial.follows, !leaders.contains(leader) {
        throw TrialFailure(trial.name, reason: "it follows \(leader), which leads no trial")
      }
    }
    let begin = now()
    let wanted = max(3, settings.rounds)
    let warmUps = max(0, settings.warmUpRounds)
    var session = Session(
      trials: trials, progress: progress, total: trials.count * (1 + warmUps + wanted))

    // A budget that not even short runs can keep shortens the runs first: three rounds, the warm-up
    // and the calibration, which costs about two rounds.
    let shares = max(1, trials.count * (3 + warmUps + 2))
    let target = settings.budget.map { min(settings.roundDuration, $0 / shares) }
    var roundTime = Duration.zero
    for index in trials.indices where trials[index].follows == nil {
      session.report(.calibrating, trials[index])
      // On a machine too busy for the budget even the shortest runs take it up.
      let isShort = settings.budget.map { now() - begin > $0 / 3 } ?? false
      roundTime += try await calibrate(
        index, in: &session, target: (target ?? settings.roundDuration).inSeconds,
        isShort: isShort)
      for follower in session.followers[index] {
        session.report(.calibrating, trials[follower])
        session.operations[follower] = session.operations[index]
        roundTime += .seconds(try await session.seconds(follower))
      }
    }

    // Not one round more: what calibration has run is the only one.
    if let budget = settings.budget, now() - begin + roundTime > budget {
      for index in trials.indices {
        guard let rate = session.latest[index] else {
          throw TrialFailure(trials[index].name, reason: "took no time at all")
        }
        session.rates[index] = [rate]
      }
      let order = trials.indices.filter { trials[$0].follows == nil }
        .flatMap { [$0] + session.followers[$0] }
      return results(session, [order.map { trials[$0].name }], now() - begin, wanted: wanted)
    }

    let planned = plannedRounds(
      wanted, warmUps: warmUps, elapsed: now() - begin, roundTime: roundTime)
    session.total = trials.count * (1 + planned.warmUps + planned.rounds)
    var generator = SplitMix64(seed: settings.seed)
    for _ in 0..<planned.warmUps {
      _ = try await round(.warmingUp, in: &session, using: &generator)
    }
    var orders: [[String]] = []
    let measuring = now()
    for number in 1...planned.rounds {
      if let budget = settings.budget, number > 1 {
        let perRound = (now() - measuring) / (number - 1)
        if now() - begin + perRound > budget { break }
      }
      let phase = Progress.Phase.measuring(round: number, of: planned.rounds)
      let order = try await round(phase, in: &session, using: &generator)
      orders.append(order.map { trials[$0].name })
    }
    return results(session, orders, now() - begin, wanted: wanted)
  }

  private func results(
    _ session: Session, _ orders: [[String]], _ elapsed: Duration, wanted: Int
  ) -> Results {
    let names = session.trials.map(\.name)
    return Results(
      rates: Dictionary(uniqueKeysWithValues: zip(names, session.rates)),
      operations: Dictionary(uniqueKeysWithValues: zip(names, session.operations)),
      orders: orders, elapsed: elapsed, wasShortened: orders.count < wanted)
  }

  private struct Session {
    let trials: [Trial]
    let progress: (@Sendable (Progress) -> Void)?
    var total: Int
    var completed = 0
    var operations: [Int]
    var rates: [[Double]]
    /// The rate of each trial's latest run, if it took any time.
    var latest: [Double?]
    /// The trials that run right after a trial.
    let followers: [[Int]]

    init(trials: [Trial], progress: (@Sendable (Progress) -> Void)?, total: Int) {
      self.trials = trials
      self.progress = progress
      self.total = total
      operations = Array(repeating: 1, count: trials.count)
      rates = Array(repeating: [], count: trials.count)
      latest = Array(repeating: nil, count: trials.count)
      followers = trials.map { leader in
        trials.indices.filter { trials[$0].follows == leader.name }
      }
    }

    mutating func report(_ phase: Progress.Phase, _ trial: Trial) {
      progress?(.init(phase: phase, trial: trial.name, completed: completed, total: total))
      completed += 1
    }

    /// Runs a trial once and returns the seconds that it says it took.
    mutating func seconds(_ index: Int) async throws -> Double {
      try Task.checkCancellation()
      do {
        let seconds = try await trials[index].body(operations[index]).inSeconds
        let samples = Double(operations[index]) * Double(trials[index].samplesPerOperation)
        latest[index] = seconds > 0 ? samples / seconds : nil
        return seconds
      } catch let error as CancellationError {
        throw error
      } catch {
        throw TrialFailure(trials[index].name, error)
      }
    }
  }

  /// Runs all trials in a new random order, keeps their rates if the round is a measured one, and
  /// returns the order.
  private func round(
    _ phase: Progress.Phase, in session: inout Session, using generator: inout SplitMix64
  ) async throws -> [Int] {
    let order = session.trials.indices.filter { session.trials[$0].follows == nil }
      .shuffled(using: &generator).flatMap { [$0] + session.followers[$0] }
    for index in order {
      let trial = session.trials[index]
      session.report(phase, trial)
      let seconds = try await session.seconds(index)
      guard seconds > 0, let rate = session.latest[index] else {
        throw TrialFailure(trial.name, reason: "took no time at all")
      }
      if case .measuring = phase { session.rates[index].append(rate) }
    }
    return order
  }

  /// Finds how many operations of a trial take about `target` seconds, and returns how long a run
  /// of so many took on the wall. What it runs is at the same time the trial's warm-up. With
  /// `isShort` it runs the fewest, once, and leaves it at that.
  private func calibrate(
    _ index: Int, in session: inout Session, target: Double, isShort: Bool
  ) async throws -> Duration {
    let step = session.trials[index].granularity
    let samples = session.trials[index].samplesPerOperation
    let minimum = (max(1, settings.minimumOperations) - 1) / samples + 1
    let least = rounded(minimum, upTo: step)
    let most = max(least, settings.maximumOperations / step * step)
    // The first run compiles shaders and fills pools: its time says nothing.
    session.operations[index] = least
    let begin = now()
    _ = try await session.seconds(index)
    if isShort { return now() - begin }
    while true {
      let count = session.operations[index]
      let start = now()
      let seconds = try await session.seconds(index)
      let wall = now() - start
      let factor = seconds > 0 ? target / seconds : 10
      // Growing at most tenfold, so that a lucky short run does not order a very long one.
      let wish = Double(count) * min(factor, 10)
      let next = min(most, max(least, rounded(Int(min(wish, 1e15)), upTo: step)))
      session.operations[index] = next
      if factor < 2 || next <= count {
        return wall * (Double(next) / Double(count))
      }
    }
  }

  private func rounded(_ count: Int, upTo step: Int) -> Int {
    let steps = (max(1, count) - 1) / step + 1
    let (product, overflow) = steps.multipliedReportingOverflow(by: step)
    return overflow ? step : product
  }

  private func plannedRounds(
    _ rounds: Int, warmUps: Int, elapsed: Duration, roundTime: Duration
  ) -> (warmUps: Int, rounds: Int) {
    guard let budget = settings.budget, roundTime > .zero else { return (warmUps, rounds) }
    let fitting = Int(min(1e9, max(0, (budget - elapsed) / roundTime)))
    // Where few fit, a recorded round is worth more than a warm-up.
    let affordable = fitting < rounds + warmUps ? 0 : warmUps
    return (affordable, max(1, min(rounds, fitting - affordable)))
  }
}
