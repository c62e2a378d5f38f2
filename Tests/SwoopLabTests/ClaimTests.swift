import Testing

@testable import SwoopLab

@Suite("Claims and the gain")
struct ClaimTests {
  private func verdict(
    _ claim: String, _ change: (inout [FigureName: Figure]) -> Void
  ) throws -> Report.Claim.Verdict {
    var figures = plantedStudy
    change(&figures)
    let claims = Report.Claim.judged(by: WorkloadFigures(figures))
    let found = try #require(claims.first { $0.claim == claim })
    #expect(!found.evidence.isEmpty && !found.evidence.contains("\n"))
    return found.verdict
  }

  @Test("The planted study supports what it was planted to")
  func study() {
    let claims = Report.Claim.judged(by: WorkloadFigures(plantedStudy))
    #expect(
      claims.map(\.verdict) == [.supported, .supported, .refuted, .supported, .supported])
    #expect(claims[0].evidence.contains("2,100/s") && claims[0].evidence.contains("7,400/s"))
  }

  @Test("A new thread per operation is expensive")
  func newThread() throws {
    let claim = "a new thread per operation is expensive"
    #expect(try verdict(claim) { $0[.threads(.newThread, 1)] = planted(6_900) } == .refuted)
    // On the threshold of 0.8 × 7,400.
    #expect(try verdict(claim) { $0[.threads(.newThread, 1)] = planted(5_920) } == .ambiguous)
    #expect(try verdict(claim) { $0[.threads(.newThread, 1)] = nil } == .ambiguous)
  }

  @Test("A pool costs nothing")
  func pool() throws {
    let claim = "a pool costs nothing"
    #expect(try verdict(claim) { $0[.threads(.threadPool, 1)] = planted(5_000) } == .refuted)
    #expect(try verdict(claim) { $0[.threads(.threadPool, 1)] = planted(6_660) } == .ambiguous)
    // As good as workers, but both far from the plain loop.
    #expect(
      try verdict(claim) {
        $0[.threads(.threadPool, 1)] = planted(5_000)
        $0[.threads(.persistentWorkers, 1)] = planted(5_000)
      } == .refuted)
    #expect(try verdict(claim) { $0[.baseline] = nil } == .ambiguous)
  }

  private func series(_ rates: [Double], _ figures: inout [FigureName: Figure], spread: Double) {
    for (threads, rate) in zip([1, 2, 4, 8, 16], rates) {
      figures[.threads(.persistentWorkers, threads)] = planted(rate, spread: spread)
    }
  }

  @Test(
    "Scaling and the plateau",
    arguments: [
      ([8_000, 16_000, 31_000, 61_000, 120_000], 0.01, .supported, .refuted),
      ([8_000, 15_800, 30_000, 58_000, 60_000], 0.01, .refuted, .supported),
      ([20_000, 19_000, 18_000, 18_000, 18_000], 0.01, .refuted, .supported),
      ([8_000, 12_800, 26_000, 52_000, 104_000], 0.05, .ambiguous, .refuted),
      ([8_000, 12_000, 18_000, 27_000, 30_100], 0.05, .refuted, .ambiguous),
    ] as [([Double], Double, Report.Claim.Verdict, Report.Claim.Verdict)])
  func scaling(
    rates: [Double], spread: Double, linear: Report.Claim.Verdict, plateau: Report.Claim.Verdict
  ) throws {
    let isLinear = try verdict("threading scales linearly") {
      series(rates, &$0, spread: spread)
    }
    #expect(isLinear == linear)
    let isPlateau = try verdict("threading plateaus") { series(rates, &$0, spread: spread) }
    #expect(isPlateau == plateau)
  }

  @Test("The plateau is said to be where it begins")
  func plateauBegins() throws {
    var figures = plantedStudy
    series([8_000, 12_000, 12_500, 12_600, 12_400], &figures, spread: 0.01)
    let claims = Report.Claim.judged(by: WorkloadFigures(figures))
    #expect(claims[3].evidence.contains("reached by 2 threads"))
  }

  @Test("Batching beats threading")
  func batching() throws {
    let claim = "batching beats threading"
    func only(_ rate: Double) -> (inout [FigureName: Figure]) -> Void {
      { figures in
        figures = figures.filter { name, _ in
          if case .batch = name { false } else { true }
        }
        figures[.batch(.stacked, 256)] = planted(rate)
      }
    }
    #expect(try verdict(claim, only(7_000)) == .refuted)
    #expect(try verdict(claim, only(7_720)) == .ambiguous)
    #expect(try verdict(claim, only(8_500)) == .supported)
  }

  @Test("Nothing measured, nothing claimed")
  func nothing() {
    let claims = Report.Claim.judged(by: WorkloadFigures([:]))
    #expect(claims.count == 5)
    #expect(claims.allSatisfy { $0.verdict == .ambiguous && $0.evidence.hasPrefix("not measured") })
    #expect(Report.Gain(WorkloadFigures([:])) == nil)
  }

  @Test("The factors of the gain multiply to the total")
  func identity() throws {
    let gain = try #require(Report.Gain(WorkloadFigures(plantedStudy)))
    #expect(abs(gain.batching * gain.waiting * gain.threading / gain.total - 1) < 1e-12)
    #expect(gain.bestBatch == "batches/stacked/256")
    #expect(gain.bestThreading == "threads/persistentWorkers/4")
    #expect(abs(gain.total - 84_300 / 7_720) < 0.2)
    #expect(abs(gain.batching - 84_300 / 14_800) < 0.1)
    #expect(abs(gain.waiting - 2) < 0.03)
    #expect(abs(gain.threading - 7_400 / 7_720) < 0.02)
    #expect(gain.isConsistent == true)
  }

  @Test("A machine that changed between rounds is found out")
  func inconsistent() throws {
    var figures = plantedStudy
    // The medians, 90,000 and 9,000, met in some rounds only; most rounds tell of less.
    let batch: [Double] = [90, 90, 90, 90, 90, 50, 50, 50, 50]
    let threads: [Double] = [10, 9, 9, 9, 9, 9, 9, 8, 8]
    figures[.batch(.stacked, 256)] = try figure(batch.map { $0 * 1_000 })
    figures[.threads(.persistentWorkers, 4)] = try figure(threads.map { $0 * 1_000 })
    let gain = try #require(Report.Gain(WorkloadFigures(figures)))
    #expect(abs(gain.batching * gain.waiting * gain.threading / gain.total - 1) < 1e-12)
    #expect(abs(try #require(gain.pairedTotal) - 9) < 1e-9)
    #expect(gain.isConsistent == false)
  }
}
