extension Report.Claim {
  /// The claims of the original study, judged by one workload's figures.
  static func judged(by figures: WorkloadFigures) -> [Report.Claim] {
    [
      newThreadIsExpensive(figures), poolCostsNothing(figures), scalesLinearly(figures),
      plateaus(figures), batchingBeatsThreading(figures),
    ]
  }

  private static func newThreadIsExpensive(_ figures: WorkloadFigures) -> Self {
    let claim = "a new thread per operation is expensive"
    guard let share = figures.ratio(.threads(.newThread, 1), to: .baseline) else {
      return notMeasured(claim, [.threads(.newThread, 1), .baseline], in: figures)
    }
    let evidence = """
      \(quoted(.threads(.newThread, 1), over: .baseline, share, figures)); expensive is \
      below \(NumberText.significant(Thresholds.expensive))
      """
    return Self(
      claim: claim, verdict: verdict(share.standing(against: Thresholds.expensive), if: .below),
      evidence: evidence)
  }

  private static func poolCostsNothing(_ figures: WorkloadFigures) -> Self {
    let claim = "a pool costs nothing"
    let pool = FigureName.threads(.threadPool, 1)
    let workers = FigureName.threads(.persistentWorkers, 1)
    guard let ofWorkers = figures.ratio(pool, to: workers),
      let ofLoop = figures.ratio(pool, to: .baseline)
    else { return notMeasured(claim, [pool, workers, .baseline], in: figures) }
    let standings = [ofWorkers, ofLoop].map { $0.standing(against: Thresholds.nothing) }
    let evidence = """
      \(quoted(pool, over: workers, ofWorkers, figures)), and ÷ plain loop \
      \(rate(.baseline, figures)) = \(interval(ofLoop)); nothing is above \
      \(NumberText.significant(Thresholds.nothing)) of both
      """
    return Self(claim: claim, verdict: all(standings, are: .above), evidence: evidence)
  }

  private static func scalesLinearly(_ figures: WorkloadFigures) -> Self {
    let claim = "threading scales linearly"
    guard let (pattern, counts) = scalingPattern(figures) else {
      return Self(claim: claim, verdict: .ambiguous, evidence: noSeries)
    }
    let one = FigureName.threads(pattern, 1)
    let scalings = counts.dropFirst().compactMap { count in
      figures.ratio(.threads(pattern, count), to: one).map { (count: count, scaling: $0) }
    }
    let standings = scalings.map { count, scaling in
      scaling.standing(against: Thresholds.linear * Double(count))
    }
    guard
      let worst = scalings.min(by: {
        $0.scaling.median / Double($0.count) < $1.scaling.median / Double($1.count)
      })
    else { return Self(claim: claim, verdict: .ambiguous, evidence: noSeries) }
    let evidence = """
      \(pattern.title): \(worst.count) threads \(rate(.threads(pattern, worst.count), figures)) ÷ \
      1 thread \(rate(one, figures)) = \(interval(worst.scaling)); linear is above \
      \(NumberText.significant(Thresholds.linear * Double(worst.count))), and in proportion at \
      every number of threads
      """
    return Self(claim: claim, verdict: all(standings, are: .above), evidence: evidence)
  }

  private static func plateaus(_ figures: WorkloadFigures) -> Self {
    let claim = "threading plateaus"
    guard let (pattern, counts) = scalingPattern(figures) else {
      return Self(claim: claim, verdict: .ambiguous, evidence: noSeries)
    }
    // What the best of all higher counts brings over a count, for each count but the last.
    var rises: [(count: Int, better: Int, rise: Figure, isSmall: Bool)] = []
    for count in counts.dropLast() {
      let higher = counts.filter { $0 > count }.compactMap { better in
        figures.ratio(.threads(pattern, better), to: .threads(pattern, count))
          .map { (better: better, rise: $0) }
      }
      guard let best = higher.max(by: { $0.rise.median < $1.rise.median }) else { continue }
      let isSmall = higher.allSatisfy { $0.rise.standing(against: Thresholds.plateau) == .below }
      rises.append((count, best.better, best.rise, isSmall))
    }
    guard let last = rises.last else {
      return Self(claim: claim, verdict: .ambiguous, evidence: noSeries)
    }
    let found = rises.first { $0.isSmall }
    let shown = found ?? last
    let verdict: Verdict =
      found != nil
      ? .supported
      : last.rise.standing(against: Thresholds.plateau) == .above ? .refuted : .ambiguous
    let evidence = """
      \(pattern.title): \(found != nil ? "" : "not ")reached by \(counted(shown.count, "thread")), \
      \(rate(.threads(pattern, shown.count), figures)); the best with more, \(shown.better) threads \
      \(rate(.threads(pattern, shown.better), figures)), is \(interval(shown.rise)) of it; a \
      plateau is below \(NumberText.significant(Thresholds.plateau))
      """
    return Self(claim: claim, verdict: verdict, evidence: evidence)
  }

  private static func batchingBeatsThreading(_ figures: WorkloadFigures) -> Self {
    let claim = "batching beats threading"
    guard let batch = figures.bestBatch, let threads = figures.bestThreading,
      let ratio = figures.ratio(batch.name, to: threads.name)
    else {
      return Self(
        claim: claim, verdict: .ambiguous, evidence: "not measured: a batch and a thread pattern")
    }
    let evidence = """
      \(quoted(batch.name, over: threads.name, ratio, figures)); of this, waiting and threads have \
      their part: see the gain
      """
    return Self(
      claim: claim, verdict: verdict(ratio.standing(against: Thresholds.beats), if: .above),
      evidence: evidence)
  }
}

// MARK: - Parts of a verdict

extension Report.Claim {
  private static var noSeries: String {
    "not measured: a pattern of reused threads or tasks at 1 thread and at more"
  }

  /// The pattern that reaches the highest rate among those measured at 1 thread and at more, with
  /// its thread counts in ascending order.
  ///
  /// New threads are left out: their series shows how fast a system makes threads.
  private static func scalingPattern(
    _ figures: WorkloadFigures
  ) -> (pattern: ThreadPattern, counts: [Int])? {
    let entries = figures.threadEntries.filter { $0.pattern != .newThread }
    let series = Dictionary(grouping: entries, by: \.pattern).filter { _, entries in
      entries.count > 1 && entries.contains { $0.threads == 1 }
    }
    let best = entries.filter { series[$0.pattern] != nil }
      .max { $0.figure.median < $1.figure.median }
    return best.map { ($0.pattern, series[$0.pattern, default: []].map(\.threads)) }
  }

  private static func verdict(_ standing: Figure.Standing, if side: Figure.Standing) -> Verdict {
    standing == .ambiguous ? .ambiguous : standing == side ? .supported : .refuted
  }

  /// Supported if all stand on a side, refuted if one stands on the other.
  private static func all(_ standings: [Figure.Standing], are side: Figure.Standing) -> Verdict {
    if standings.allSatisfy({ $0 == side }) { return .supported }
    return standings.contains { $0 != side && $0 != .ambiguous } ? .refuted : .ambiguous
  }

  private static func notMeasured(
    _ claim: String, _ names: [FigureName], in figures: WorkloadFigures
  ) -> Self {
    let missing = names.filter { figures[$0] == nil }.map(\.title)
    return Self(
      claim: claim, verdict: .ambiguous,
      evidence: "not measured: " + missing.joined(separator: "; "))
  }

  private static func rate(_ name: FigureName, _ figures: WorkloadFigures) -> String {
    figures[name].map { NumberText.significant($0.median) + "/s" } ?? "?"
  }

  private static func interval(_ figure: Figure) -> String {
    "\(NumberText.significant(figure.median)) [\(NumberText.interval(figure.low, figure.high))]"
  }

  private static func quoted(
    _ above: FigureName, over below: FigureName, _ ratio: Figure, _ figures: WorkloadFigures
  ) -> String {
    """
    \(above.title) \(rate(above, figures)) ÷ \(below.title) \(rate(below, figures)) = \
    \(interval(ratio))
    """
  }
}
