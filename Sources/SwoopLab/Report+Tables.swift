extension Report.Workload {
  func threadLines(_ figures: WorkloadFigures) -> [String] {
    var lines: [String] = []
    if let loop = figures[.baseline] {
      lines.append("  plain loop, no threading: \(rate(loop)) op/s")
    }
    var table = Table([
      .text("pattern"), .number("threads"), .number("op/s"), .number("95 % interval"),
      .number("per thread"), .number("scaling"), .number("overhead"),
    ])
    var last: ThreadPattern?
    for entry in figures.threadEntries {
      let scaling = figures.ratio(entry.name, to: .threads(entry.pattern, 1))
      let share = figures.ratio(entry.name, to: .baseline)
      table.append([
        entry.pattern == last ? "" : entry.pattern.title, "\(entry.threads)",
        NumberText.significant(entry.figure.median), interval(entry.figure),
        NumberText.significant(entry.figure.median / Double(max(1, entry.threads))),
        scaling.map { NumberText.significant($0.median) + "×" } ?? "—",
        share.map { NumberText.percent(1 - $0.median) } ?? "—",
      ])
      last = entry.pattern
    }
    guard !table.isEmpty else { return lines }
    return lines + table.lines()
      + Report.prose(
        """
        scaling: ÷ the same pattern at 1 thread. overhead: the share of the plain loop's rate \
        that is lost; negative where threads are faster than the plain loop.
        """)
  }

  func floorLines(_ figures: WorkloadFigures) -> [String] {
    var table = Table([
      .number("threads"), .number("op/s"), .number("95 % interval"), .number("scaling"),
    ])
    for (threads, figure) in figures.floorEntries {
      let scaling = figures.ratio(.floor(threads: threads), to: .floor(threads: 1))
      table.append([
        "\(threads)", NumberText.significant(figure.median), interval(figure),
        scaling.map { NumberText.significant($0.median) + "×" } ?? "—",
      ])
    }
    guard !table.isEmpty else { return [] }
    let tax = figures.ratio(.baseline, to: .floor(threads: 1)).map { ratio in
      Report.prose(
        """
        the tax, 1 thread: plain loop with tensors ÷ floor = \
        \(NumberText.significant(ratio.median)) [\(interval(ratio))]; 1 if tensors cost nothing
        """)
    }
    return table.lines() + (tax ?? [])
  }

  func batchLines(_ figures: WorkloadFigures) -> [String] {
    var table = Table([
      .number("batch"), .text("path"), .number("samples/s"), .number("95 % interval"),
      .number("÷ recorded"), .number("÷ stacked"),
    ])
    var last = 0
    let sizes = Set(figures.batchEntries.map(\.batch)).sorted()
    for (batch, path) in sizes.flatMap({ size in BatchPath.allCases.map { (size, $0) } }) {
      guard let figure = figures[.batch(path, batch)] else { continue }
      let quotients = [BatchPath.recorded, .stacked].map { other in
        figures.ratio(.batch(path, batch), to: .batch(other, batch))
          .map { NumberText.significant($0.median) + "×" } ?? "—"
      }
      table.append(
        [
          batch == last ? "" : NumberText.grouped(batch), path.rawValue,
          NumberText.significant(figure.median), interval(figure),
        ] + quotients)
      last = batch
    }
    guard !table.isEmpty else { return [] }
    return table.lines()
      + Report.prose(
        """
        One submission a batch on every path. recorded: a dispatch for each layer of each sample. \
        batched: calls on single samples that share dispatches. stacked: the samples already lie in \
        one tensor, a dispatch a layer for all.
        """) + batchedLines()
  }

  func gainLines(_ figures: WorkloadFigures) -> [String] {
    guard let gain, let batch = FigureName(gain.bestBatch),
      let threading = FigureName(gain.bestThreading)
    else { return [] }
    var table = Table([
      .text("factor"), .number("value"), .number("95 % interval"), .text("what is divided by what"),
      .text("waiting for the results"),
    ])
    let rows: [(String, Double, FigureName, FigureName, String, String)] = [
      (
        "batching", gain.batching, batch, .baselineWaitingOnce, "best batch ÷ plain loop",
        "once at the end, both"
      ),
      (
        "× waiting", gain.waiting, .baselineWaitingOnce, .baseline, "plain loop ÷ plain loop",
        "once at the end ÷ after each"
      ),
      (
        "× threading", gain.threading, .baseline, threading, "plain loop ÷ best threading",
        "after each, both"
      ),
      (
        "= total", gain.total, batch, threading, "best batch ÷ best threading",
        "once at the end ÷ after each"
      ),
    ]
    for (name, value, above, below, words, waiting) in rows {
      let interval = figures.ratio(above, to: below).map(interval) ?? "—"
      table.append([name, NumberText.significant(value) + "×", interval, words, waiting])
    }
    func best(_ name: FigureName, _ unit: String) -> String {
      "\(name.title), \(figures[name].map(rate) ?? "—") \(unit)"
    }
    let heads = [
      "  best batch      \(best(batch, "samples/s"))",
      "  best threading  \(best(threading, "op/s"))",
      "",
    ]
    return heads + table.lines() + Report.prose(threadingWords(gain)) + checkLines(gain)
  }

  private func threadingWords(_ gain: Report.Gain) -> String {
    let help = NumberText.significant(gain.threading < 1 ? 1 / gain.threading : gain.threading)
    let threads = gain.threading < 1 ? "threads help: they bring \(help)×" : "threads do not help"
    return """
      Read from below: by what the rate is multiplied if the best threading becomes one plain \
      loop, then waits only once, then batches (here \(threads)). In another order of these steps \
      the factors would differ, not the total.
      """
  }

  private func checkLines(_ gain: Report.Gain) -> [String] {
    guard let paired = gain.pairedTotal, let deviation = gain.deviation,
      let isConsistent = gain.isConsistent
    else { return ["  check: not possible, the figures are not from the same rounds"] }
    let product = NumberText.significant(gain.batching * gain.waiting * gain.threading)
    let sign = deviation > 0 ? "+" : ""
    let opening = """
      check: product \(product)×, total measured round by round \
      \(NumberText.significant(paired))×, \(sign)\(NumberText.percent(deviation)):
      """
    let allowed = NumberText.percent(Report.Gain.allowedDeviation)
    return Report.prose(
      isConsistent
        ? "\(opening) they agree within \(allowed)."
        : "\(opening) MORE THAN \(allowed) APART: the machine was not steady; measure longer.")
  }

  private func rate(_ figure: Figure) -> String {
    "\(NumberText.significant(figure.median)) [\(interval(figure))]"
  }

  private func interval(_ figure: Figure) -> String {
    NumberText.interval(figure.low, figure.high)
  }
}
