import Testing

@testable import SwoopLab

@Suite("The batched and the coalesced path in the report")
struct CoalescedReportTests {
  private var linear: Report.Workload { plantedReport.workloads[0] }

  private func near(_ value: Double?, _ expected: Double) throws {
    let value = try #require(value)
    #expect(abs(value / expected - 1) < 0.02, "\(value) is not about \(expected)")
  }

  @Test("Batched: what was counted, and the efficiency at the same batch")
  func batched() throws {
    let batched = try #require(linear.batched)
    #expect(batched.calls == 256 && batched.dispatches == 2 && batched.submissions == 1)
    #expect(batched.hostMicrosecondsPerOp == 1.5)
    let efficiency = try #require(batched.efficiency)
    // 75,870 · 0.7 ÷ (84,300 · 0.8), and without the copies.
    try near(efficiency.ratio, 0.9 * 0.7 / 0.8)
    try near(batched.ofStackedBeforehand?.ratio, 0.9)
    #expect(efficiency.low <= efficiency.ratio && efficiency.ratio <= efficiency.high)
    try near(batched.samplesPerSecond, 75_870 * 0.7)
    // Counts of a batch that was not timed are none.
    let counts = Report.Batched.Counts(calls: 64, dispatches: 1, submissions: 1)
    #expect(Report.Batched(counts, linear.figures) == nil)
  }

  @Test("Coalesced: efficiency against the replay, regret against the best stacked batch that fits")
  func coalesced() throws {
    let entries = try #require(linear.coalesced)
    #expect(entries.map(\.kind) == [.blocking, .blocking, .tasks, .tasks, .futures])
    #expect(entries.map(\.callers) == [1, 8, 1, 256, 1])
    #expect(entries.map(\.inFlight) == [1, 1, 1, 1, 64])
    try near(entries[1].efficiency?.ratio, 24_000 / 30_000)
    try near(entries[3].efficiency?.ratio, 63_225 / 75_000)
    // 8 calls in flight: the largest batch that fits is 1. 64: 32, and 256: 256, not 1,024.
    try near(entries[1].regret?.ratio, 24_000 / (14_650 * 0.8))
    try near(entries[4].regret?.ratio, 49_440 / (61_800 * 0.8))
    try near(entries[3].regret?.ratio, 63_225 / (84_300 * 0.8))
    try near(entries[3].ofStackedBeforehand?.ratio, 63_225 / 84_300)
    // 8 in flight: two of 1, 11,720, or one of 8. 64: two of 32, or one of 64. 1: one of 1.
    try near(entries[1].ofAsMany?.ratio, 24_000 / 21_000)
    try near(entries[4].ofAsMany?.ratio, 49_440 / (61_800 * 0.8))
    try near(entries[3].ofAsMany?.ratio, 63_225 / 70_000)
    try near(entries[2].ofAsMany?.ratio, 6_000 / 7_000)
    #expect(entries[3].meanBatch == 128)
    #expect(entries[3].submissionsPerOp == 0.0078125)
    #expect(entries[3].atHalf == Report.Fairness(smallest: 6, largest: 10, mean: 8))
    #expect(entries[4].meanBatch == nil && entries[4].atHalf == nil)
  }

  @Test("A lone caller: time, beside the per-op path that waits alike")
  func loneCaller() throws {
    let lone = try #require(linear.loneCaller)
    #expect(lone.map(\.kind) == [.blocking, .tasks])
    try near(lone[0].time.ratio, 7_000 / 6_727.3)
    try near(lone[1].time.ratio, 6_300 / 6_000)
    try near(linear.continuations?.opsPerSecond, 1_500_000)
  }

  @Test("What was not measured is absent, and the rest is there")
  func partial() throws {
    var figures = plantedStudy
    for name in plantedStudy.keys {
      switch name {
      case .batch(.stacked, _), .served(.stacked, _), .servedInTurn, .replayed, .continuations,
        .lone(.tasks):
        figures[name] = nil
      default: break
      }
    }
    let workload = Report.Workload(
      name: "part", verified: .init(worstError: 0, bound: 0, passed: true),
      figures: WorkloadFigures(figures),
      batched: .init(calls: 256, dispatches: 2, submissions: 1))
    #expect(workload.batched?.efficiency == nil && workload.batched != nil)
    #expect(workload.batched?.ofStackedBeforehand == nil)
    let entries = try #require(workload.coalesced)
    #expect(entries.allSatisfy { $0.efficiency == nil && $0.regret == nil && $0.ofAsMany == nil })
    #expect(workload.loneCaller?.map(\.kind) == [.blocking])
    #expect(workload.continuations == nil)
    let text = workload.lines(Style(hasColours: false)).joined(separator: "\n")
    #expect(text.contains("4. Coalesced") && !text.contains("Swift's own limit"))

    let bare = Report.Workload(
      name: "bare", verified: .init(worstError: 0, bound: 0, passed: true),
      figures: WorkloadFigures([.baseline: planted(500)]))
    #expect(bare.coalesced == nil && bare.loneCaller == nil && bare.batched == nil)
  }

  @Test("The tables name what is measured against what")
  func tables() {
    let text = plantedReport.rendered()
    for part in [
      "256 calls on single samples: 1 submission, 2 dispatches, 0.788", "µs a call",
      "efficiency: ÷ a hand-stacked replay", "both from host arrays", "(0.900 [", "equal: ÷",
      "0.750 – 1.25", "a lone caller", "at most 1.15",
      "256 tasks, coalesced ÷ persistent workers, 4 threads", "Swift's own limit", "0.00781",
    ] {
      // Words may be on two lines.
      let joined = text.split(separator: "\n").joined(separator: " ")
        .split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
      #expect(joined.contains(part), "\(part)")
    }
    #expect(text.contains("75,900"))
  }

  @Test("Callers in order, with keys that read back")
  func callers() {
    let all = [
      Callers(.futures, 4, inFlight: 16), Callers(.tasks, 10_000), Callers(.blocking, 64),
      Callers(.futures, 1, inFlight: 256), Callers(.tasks, 64), Callers(.futures, 4, inFlight: 1),
    ]
    #expect(
      all.sorted().map(\.description) == [
        "blocking/64/1", "tasks/64/1", "tasks/10000/1", "futures/1/256", "futures/4/1",
        "futures/4/16",
      ])
    for callers in all { #expect(Callers(callers.description) == callers) }
    // Only futures have several calls in flight.
    #expect(Callers(.tasks, 0, inFlight: 9) == Callers(.tasks, 1))
    #expect(Callers(.futures, 4, inFlight: 16).calls == 64)
    #expect(Callers(.futures, 1, inFlight: 16).title == "1 task with 16 futures each")
  }
}
