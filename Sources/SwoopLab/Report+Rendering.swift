extension Report {
  /// The report as text of at most 100 columns: where it was measured, then six sections for each
  /// workload.
  ///
  /// - Parameter colours: whether to colour headings and verdicts, see `Terminal.showsColours`.
  public func rendered(colours: Bool = false) -> String {
    let style = Style(hasColours: colours)
    var lines = environmentLines(style)
    for workload in workloads {
      lines += [""] + workload.lines(style)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The widest line of a rendered report, in columns.
  static let width = 100

  private func environmentLines(_ style: Style) -> [String] {
    let processor = "\(environment.processor), \(counted(environment.cores, "core")) to use"
    let settings = environment.variables.sorted { $0.key < $1.key }.map { name, value in
      value.isEmpty ? "\(name) not set (driver's default)" : "\(name)=\(value)"
    }
    var facts = [
      ("device", environment.device), ("driver", environment.driver), ("processor", processor),
      ("compiler", environment.compiler),
      ("measured", "\(environment.date), commit \(environment.commit)"),
    ]
    if !settings.isEmpty { facts.append(("settings", settings.joined(separator: ", "))) }
    var lines = [style(.bold, "Where this was measured")]
    for (name, value) in facts {
      for (index, line) in Table.wrapped(value, width: Report.width - 13).enumerated() {
        let head = index == 0 ? name : ""
        lines.append("  " + head + String(repeating: " ", count: 11 - head.count) + line)
      }
    }
    if environment.compiler.hasSuffix("debug") {
      lines.append(style(.red, "  A debug build: these rates say nothing. Build with -c release."))
    }
    return lines
  }
}

extension Report.Workload {
  func lines(_ style: Style) -> [String] {
    let figures = figures
    let rounds = samples.values.map(\.count).max() ?? 0
    // That the median lies between the least and the most of n rounds: 1 - 2 to the 1 - n.
    let coverage = String(
      Int(100 * (1 - Double(sign: .plus, exponent: 1 - max(rounds, 1), significand: 1))))
    let few = """
       as far as so few give them: the range of all rounds has \(coverage) %, and no claim is judged
      """
    // Told apart from what was asked for: the machine was too slow or too busy.
    let cut =
      self.rounds.flatMap {
        $0.wereCut ? " instead of \($0.planned), cut to end in time" : nil
      } ?? ""
    let title = "Workload \(name) "
    let rule = String(repeating: "━", count: max(0, Report.width - title.count))
    return [style(.bold, title + rule)] + verifiedLines(style)
      + Report.prose(
        """
        Figures are medians of \(counted(rounds, "interleaved round"))\(cut), with 95 % intervals\
        \(rounds < Figure.leastSamples ? few : ""). \
        Each operation is waited for before the next, unless a line says otherwise.
        """)
      + section("1. Threads", style, threadLines(figures))
      + section("2. The floor: the same loop without tensors", style, floorLines(figures))
      + section(
        "3. Batches: samples/s from one thread, waiting once at the end", style,
        batchLines(figures))
      + section(
        "4. Coalesced: single samples from concurrent callers", style, coalescedLines(figures))
      + section("5. The gain of batching over threading, taken apart", style, gainLines(figures))
      + section("6. The claims of the original study", style, claimLines(style))
  }

  private func section(_ title: String, _ style: Style, _ lines: [String]) -> [String] {
    ["", style(.bold, title)] + (lines.isEmpty ? ["  not measured"] : lines)
  }

  private func verifiedLines(_ style: Style) -> [String] {
    let error = verified.worstError.map(NumberText.significant) ?? "not a number"
    let result = verified.passed ? style(.green, "passed") : style(.red, "FAILED")
    let accuracy =
      verified.accuracy.map { ", \(NumberText.significant($0 * 100)) % of the images right" } ?? ""
    let bound = NumberText.significant(verified.bound)
    return ["  verification \(result): worst error \(error) of \(bound) allowed\(accuracy)"]
  }

  private func claimLines(_ style: Style) -> [String] {
    claims.flatMap { claim -> [String] in
      let look: Style.Look =
        switch claim.verdict {
        case .supported: .green
        case .refuted: .red
        case .ambiguous: .yellow
        }
      let verdict = claim.verdict.rawValue.uppercased()
      let padding = String(repeating: " ", count: max(1, 11 - verdict.count))
      let evidence = Table.wrapped(claim.evidence, width: Report.width - 13)
      return ["  \(style(look, verdict))\(padding)\"\(claim.claim)\""]
        + evidence.map { String(repeating: " ", count: 13) + $0 }
    }
  }
}

extension Report {
  static func prose(_ text: String) -> [String] {
    Table.wrapped(text, width: width - 2).map { "  " + $0 }
  }
}
