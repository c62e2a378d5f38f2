import Glibc
import Testing

@testable import SwoopLab

@Suite("Tables, numbers, progress")
struct TableTests {
  @Test("Columns are aligned: text left, numbers right")
  func alignment() {
    var table = Table([.text("name"), .number("op/s"), .text("note")])
    table.append(["a", "1,000", "x"])
    table.append(["longer", "7"])
    table.append(["÷", "12", "y", "too many"])
    #expect(
      table.lines(indent: 1) == [
        " name     op/s  note",
        " ──────  ─────  ────",
        " a       1,000  x",
        " longer      7",
        " ÷          12  y",
      ])
    #expect(Table([]).lines() == ["", ""])
  }

  @Test("Text is broken between words")
  func wrapping() {
    #expect(Table.wrapped("one two three", width: 7) == ["one two", "three"])
    #expect(Table.wrapped("unbreakable a", width: 4) == ["unbreakable", "a"])
    #expect(Table.wrapped("", width: 10).isEmpty)
  }

  @Test(
    "Three significant digits",
    arguments: [
      (0, "0"), (1, "1.00"), (12.345, "12.3"), (99.96, "100"), (9.996, "10.0"), (719, "719"),
      (999.6, "1,000"), (3_819, "3,820"), (1_424_151, "1,420,000"), (0.8, "0.800"),
      (0.012345, "0.0123"), (1.16, "1.16"), (-1_234, "−1,230"), (1.234e-7, "1.2e-07"),
      (9.99e-8, "1.0e-07"), (2e20, "2.0e+20"), (12_345_678, "12.3 M"), (9_994_000, "9,990,000"),
      (9_996_000, "10.0 M"), (1.04e9, "1,040 M"), (.nan, "—"), (.infinity, "—"), (0.9999, "1.00"),
      (0.09996, "0.100"), (.greatestFiniteMagnitude, "1.8e+308"),
      (.leastNonzeroMagnitude, "4.9e-324"),
    ] as [(Double, String)])
  func numbers(value: Double, expected: String) {
    #expect(NumberText.significant(value) == expected)
  }

  @Test(
    "Per cent",
    arguments: [
      (0.92, "92 %"), (-0.041, "−4.1 %"), (0.0004, "0.0 %"), (-0.0004, "0.0 %"), (1, "100 %"),
      (0.0996, "10 %"), (.nan, "—"), (-15, "−1,500 %"),
    ] as [(Double, String)])
  func percent(share: Double, expected: String) {
    #expect(NumberText.percent(share) == expected)
  }

  @Test("Whole numbers", arguments: [(0, "0"), (1_024, "1,024"), (-1_000_000, "−1,000,000")])
  func grouped(value: Int, expected: String) {
    #expect(NumberText.grouped(value) == expected)
    #expect(NumberText.grouped(.min).hasPrefix("−9,223"))
  }

  private func output(_ body: (Int32) -> Void) throws -> String {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    body(ends[1])
    close(ends[1])
    var bytes = [UInt8](repeating: 0, count: 10_000)
    let count = read(ends[0], &bytes, bytes.count)
    close(ends[0])
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  @Test("Progress: a plain line now and then where there is no terminal")
  func plainProgress() throws {
    let text = try output { descriptor in
      let line = ProgressLine(descriptor: descriptor)
      for step in 0..<100 { line.update("step \(step)") }
      line.clear()
    }
    #expect(text == "step 0\n")
  }

  @Test("Progress: one line, redrawn and cleared, on a terminal")
  func terminalProgress() throws {
    let text = try output { descriptor in
      let line = ProgressLine(descriptor: descriptor, isTerminal: true, interval: .zero)
      line.update(String(repeating: "x", count: 500))
      line.update("two\nlines")
      line.clear()
      line.clear()
    }
    let erase = "\r\u{1B}[K"
    #expect(text == erase + String(repeating: "x", count: 79) + erase + "two" + erase)
  }

  @Test("No colours where they are not wanted")
  func colours() {
    #expect(Terminal.allowsColours(["TERM": "xterm"]))
    #expect(!Terminal.allowsColours(["NO_COLOR": "1"]))
    #expect(Terminal.allowsColours(["NO_COLOR": ""]))
    #expect(!Terminal.allowsColours(["TERM": "dumb"]))
    #expect(Style(hasColours: false)(.red, "x") == "x")
  }
}
