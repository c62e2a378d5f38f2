extension Report.Workload {
  /// What the batched path is beside the hand-stacked one.
  func batchedLines() -> [String] {
    guard let batched else { return [] }
    var text = """
      batched, \(NumberText.grouped(batched.calls)) calls on single samples: \
      \(counted(batched.submissions, "submission")), \
      \(batched.dispatches == 1 ? "1 dispatch" : "\(batched.dispatches) dispatches")
      """
    if let efficiency = batched.efficiency {
      text += ", \(Report.words(efficiency)) of the hand-stacked rate, both from host arrays of "
      text += "single samples to host arrays of single results, at most two batches in flight"
    }
    if let bare = batched.ofStackedBeforehand {
      text += " (\(Report.words(bare)) with samples that lay on the device before, stacked for the "
      text += "one, and results left there)"
    }
    if let time = batched.hostMicrosecondsPerOp {
      text += "; the host needs \(NumberText.significant(time)) µs a call to build and submit"
    }
    return Report.prose(text + ".")
  }

  func coalescedLines(_ figures: WorkloadFigures) -> [String] {
    guard let coalesced, !coalesced.isEmpty else { return [] }
    return rateTable(coalesced).lines()
      + Report.prose(
        "Every caller waits for its calls; of futures, for the oldest of those in flight.")
      + [""] + ratioTable(coalesced).lines()
      + Report.prose(
        """
        Every caller has a host array of its own and ends with the elements of its own result on \
        the host. efficiency: ÷ a hand-stacked replay of the batch sizes that the coalescer chose \
        in the same round, at most two in flight, that does the same: it copies the samples into \
        one array, runs, reads back and hands every caller its part. regret: ÷ that loop with the \
        best batch of one size, of those measured, up to the calls in flight; with two batches it \
        may have twice as many calls in flight as the callers. equal: ÷ the best such loop that has \
        no more, with two batches or with one at a time. at half: fewest – most operations that a \
        caller had when half of all were done, ÷ the average, in the least even round.
        """)
      + comparisonLines(figures)
  }

  private func rateTable(_ coalesced: [Report.Coalesced]) -> Table {
    var table = Table([
      .text("callers"), .number("number"), .number("in flight"), .number("op/s"),
      .number("95 % interval"), .number("mean batch"), .number("submissions/op"),
    ])
    for entry in coalesced {
      table.append(
        heads(entry) + [
          NumberText.significant(entry.opsPerSecond), NumberText.interval(entry.low, entry.high),
          entry.meanBatch.map(NumberText.significant) ?? "—",
          entry.submissionsPerOp.map(NumberText.significant) ?? "—",
        ])
    }
    return table
  }

  private func ratioTable(_ coalesced: [Report.Coalesced]) -> Table {
    var table = Table([
      .text("callers"), .number("number"), .number("in flight"), .number("efficiency"),
      .number("95 % interval"), .number("regret"), .number("95 % interval"), .number("equal"),
      .number("at half"),
    ])
    func cells(_ ratio: Report.Ratio?) -> [String] {
      guard let ratio else { return ["—", ""] }
      return [NumberText.significant(ratio.ratio), NumberText.interval(ratio.low, ratio.high)]
    }
    for entry in coalesced {
      let half = entry.atHalf.map {
        NumberText.interval(Double($0.smallest) / $0.mean, Double($0.largest) / $0.mean)
      }
      table.append(
        heads(entry) + cells(entry.efficiency) + cells(entry.regret)
          + [cells(entry.ofAsMany)[0], half ?? "—"])
    }
    return table
  }

  private func heads(_ entry: Report.Coalesced) -> [String] {
    let name = entry.kind == .blocking ? "blocking" : entry.kind == .tasks ? "tasks" : "futures"
    return [name, NumberText.grouped(entry.callers), NumberText.grouped(entry.inFlight)]
  }

  private func comparisonLines(_ figures: WorkloadFigures) -> [String] {
    var lines: [String] = []
    for lone in loneCaller ?? [] {
      let name = lone.kind == .blocking ? "a thread that blocks" : "a task"
      let goal = NumberText.significant(Report.LoneCaller.goal)
      lines += Report.prose(
        """
        a lone caller, time per operation coalesced ÷ per-op, both from host array to host array, \
        \(name) = \(Report.words(lone.time)); the goal is at most \(goal)
        """)
    }
    if let best = figures.bestCoalesced, let threading = figures.bestThreading,
      let ratio = figures.ratio(best.name, to: threading.name)
    {
      lines += Report.prose(
        """
        best coalesced ÷ best threading, both waiting for each operation, and only the coalesced \
        with the callers' copies: \(best.name.title) ÷ \
        \(threading.name.title) = \(Report.words(Report.Ratio(ratio)))
        """)
    }
    if let rate = continuations {
      lines += Report.prose(
        """
        Swift's own limit: 256 tasks suspended through unsafe continuations and resumed by one \
        thread, nothing else, \(NumberText.significant(rate.opsPerSecond)) \
        [\(NumberText.interval(rate.low, rate.high))] times a second
        """)
    }
    return lines
  }
}

extension Report {
  /// A ratio with its interval.
  static func words(_ ratio: Ratio) -> String {
    "\(NumberText.significant(ratio.ratio)) [\(NumberText.interval(ratio.low, ratio.high))]"
  }
}
