import FoundationEssentials
import SwoopCheck
import SwoopLab

/// What a check prints and writes.
struct CheckReport: Codable {
  let environment: Report.Environment
  let against: String
  /// The same seed gives the same cases.
  let seed: UInt64
  let seconds: Double
  let passed: Bool
  let results: CheckResults

  init(
    environment: Report.Environment, against: String, seed: UInt64, seconds: Double,
    results: CheckResults
  ) {
    (self.environment, self.against, self.seed) = (environment, against, seed)
    (self.seconds, self.results) = (seconds, results)
    passed = results.passed
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  /// The table, what is wrong, and the verdict.
  func lines(_ style: Style) -> [String] {
    var table = Table([
      .text("operation"), .text("type"), .text("against"), .number("cases"), .number("error"),
      .number("bound"), .number("error/bound"), .number("ulp"), .text("worst in"),
    ])
    for row in results.rows {
      let worst = row.worst
      table.append([
        row.operation, row.elementType, row.against, NumberText.grouped(row.cases),
        worst.map { text($0.error) } ?? "0", worst.map { text($0.bound) } ?? "",
        worst.map { text($0.ratio) } ?? "0", text(row.unitsInTheLastPlace),
        worst?.operationCase ?? "",
      ])
    }
    var lines = table.lines(indent: 0)
    for (index, row) in results.rows.enumerated() where !row.passed {
      lines[index + 2] = style(.red, lines[index + 2])
    }
    lines.append("")
    for row in results.rows where !row.passed {
      lines.append(
        style(.red, "\(row.operation) \(row.elementType) against \(row.against)")
          + ": \(row.failures) of \(row.cases) cases are wrong")
      lines += row.messages.map { "  " + $0 }
    }
    if results.rows.isEmpty { lines.append("There was nothing to check.") }
    let time = NumberText.significant(seconds)
    let cases = NumberText.grouped(results.cases)
    if results.passed {
      lines.append(style(.green, "All of \(cases) cases are within their bounds") + ", \(time) s.")
    } else {
      let wrong = Set(results.rows.filter { !$0.passed }.map(\.operation)).sorted()
      let names = wrong.joined(separator: " ")
      lines.append(
        style(.red, "\(NumberText.grouped(results.failures)) of \(cases) cases are wrong")
          + ", \(time) s. Again: swoop check --seed \(seed) --operation \(names)")
    }
    return lines
  }

  private func text(_ value: Double) -> String {
    value >= .greatestFiniteMagnitude ? "∞" : NumberText.significant(value)
  }
}
