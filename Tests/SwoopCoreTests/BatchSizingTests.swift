import Testing

@testable import SwoopCore

/// How many calls make a batch, where host, device and caller are a few numbers.
@Suite struct BatchSizingTests {
  static let costs: [SimulatedCosts] = [2_000, 20_000, 100_000].flatMap { submission in
    [2_000, 30_000, 300_000, 2_000_000].flatMap { fixed in
      [30, 1_000, 20_000].map { SimulatedCosts(submission: submission, fixed: fixed, perCall: $0) }
    }
  }

  /// Whatever host and device cost, what is learned is about as good as the best number there is,
  /// kept all along.
  @Test(arguments: costs, [false, true])
  func theBestNumberIsFound(costs: SimulatedCosts, isNoisy: Bool) {
    for window in isNoisy ? [4, 16, 64, 100, 256] : [2, 4, 16, 48, 64, 100, 256, 1024] {
      Self.compare(
        costs, window, inPartsOf: 200 * window, isNoisy: isNoisy, within: isNoisy ? 0.75 : 0.9)
    }
  }

  /// The same if calls come in bursts of eight windows each; of two calls, these are over before
  /// anything is learned.
  @Test(arguments: costs) func theBestNumberIsFoundInBursts(costs: SimulatedCosts) {
    for window in [4, 16, 64, 256, 1024] {
      Self.compare(costs, window, inPartsOf: 8 * window, isNoisy: false, within: 0.8)
    }
  }

  private static func compare(
    _ costs: SimulatedCosts, _ window: Int, inPartsOf part: Int, isNoisy: Bool, within share: Double
  ) {
    func time(always: Int?, after calls: Int) -> (time: Double, sizes: [Int]) {
      var run = SimulatedHost(costs, window: window, always: always, isNoisy: isNoisy)
      _ = run.time(calls, inPartsOf: part)
      return (run.time(200 * window, inPartsOf: part), run.sizes)
    }
    let learned = time(always: nil, after: 400 * window)
    let powers = (0...8).map { 1 << $0 }.filter { $0 < window }
    let numbers = powers + [(window + 1) / 2, window].map { min($0, 256) }
    let times = numbers.map { time(always: $0, after: part).time }
    #expect(
      (times.min() ?? 0) >= share * learned.time,
      """
      window \(window): \(learned.time) ns a call; with \(numbers): \(times);
      batches \(learned.sizes.suffix(100))
      """)
  }

  // MARK: One step at a time

  /// What is learned of 64 calls whose halves leave, then all of them, then halves again.
  /// - Parameter times: nanoseconds that each of nine windows takes, in the three parts.
  /// - Returns: how many are enough then.
  private func learned(_ times: [[Int]]) -> Int {
    let start = ContinuousClock.now
    var sizing = BatchSizing(limit: 256, at: start)
    var now = start
    func leave(after time: Int) {
      now += .nanoseconds(time)
      let count = sizing.enough
      sizing.leavesUnasked(count, since: now, at: now, behind: 64 - count)
    }
    for _ in 0..<2 { sizing.leaves(64, at: now) }
    for _ in 0..<14 { leave(after: 1000) }
    for (part, times) in times.enumerated() {
      #expect(sizing.enough == [32, 64, 32][part])
      for time in times {
        for _ in 0..<64 / sizing.enough { leave(after: time * sizing.enough / 64) }
      }
    }
    return sizing.enough
  }

  private func nine(_ time: Int, but others: [Int] = []) -> [Int] {
    others + Array(repeating: time, count: 9 - others.count)
  }

  @Test func whatIsFasterThanBeforeAndAfterIsKept() {
    #expect(learned([nine(10_000), nine(5000), nine(10_000)]) == 64)
    #expect(learned([nine(10_000), nine(9900), nine(10_000)]) == 32)
    #expect(learned([nine(5000), nine(10_000), nine(5000)]) == 32)
  }

  @Test func aMachineThatBecomesFasterOrSlowerChangesNothing() {
    #expect(learned([nine(10_000), nine(5000), nine(5000)]) == 32)
    #expect(learned([nine(5000), nine(5000), nine(10_000)]) == 32)
  }

  @Test func aFewLongInterruptionsChangeNothing() {
    let interrupted = nine(5000, but: [1_000_000, 4_000_000, 900_000])
    #expect(learned([nine(10_000), interrupted, nine(10_000)]) == 64)
    #expect(learned([interrupted, nine(5000), interrupted]) == 32)
  }

  // MARK: Who comes

  private let now = ContinuousClock.now

  @Test func aLoneCallerAfterManyIsSoonAlone() {
    for crowd in [2, 3, 4, 64] {
      var sizing = BatchSizing(limit: 256, at: now)
      sizing.leaves(crowd, at: now)
      for _ in 0..<2 {
        #expect(!sizing.isLikelyAlone, "after \(crowd)")
        if sizing.isEnough(1, behind: 0) {
          sizing.leavesUnasked(1, since: now, at: now, behind: 0)
          sizing.isAnswered(alone: true)
        } else {
          // The driver thread leads, and answers.
          sizing.isDriven()
          sizing.leaves(1, at: now)
        }
      }
      #expect(sizing.isLikelyAlone, "after \(crowd)")
      for _ in 0..<1024 { sizing.isAnswered(alone: true) }
      #expect(sizing.isSurelyAlone)
      sizing.isDriven()
      #expect(!sizing.isSurelyAlone)
    }
  }

  @Test func theLastOfManyDoNotMakeItForget() {
    var sizing = BatchSizing(limit: 256, at: now)
    sizing.leaves(64, at: now)
    for tail in [5, 1] {
      sizing.leaves(tail, at: now)
      sizing.isAnswered(alone: tail == 1)
      #expect(sizing.expected == 64)
      sizing.leavesUnasked(32, since: now, at: now, behind: 32)
    }
    sizing.leaves(5, at: now)
    sizing.leaves(3, at: now)
    #expect(sizing.expected == 5)
  }

  @Test func theLimitsHold() {
    for limit in [1, 2, 3, 256, .max] {
      var sizing = BatchSizing(limit: limit, at: now)
      for step in 0..<2000 {
        let count = min(sizing.enough, limit)
        sizing.leavesUnasked(count, since: now, at: now, behind: step % 3 == 0 ? 0 : count)
        #expect(sizing.enough >= 1 && sizing.enough <= limit)
      }
    }
  }
}
