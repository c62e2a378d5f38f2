import Glibc
import Testing

@testable import DigitsData

@Suite("Digits: the images")
struct DigitsFileTests {
  @Test("The whole set is there, scaled, and split in two")
  func loading() throws {
    let digits = try Digits.load()
    #expect(digits.count == 1_797)
    #expect(digits.pixels.count == 1_797 * 64)
    #expect(digits.labels.prefix(10) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(digits.labels.last == 8)
    #expect(digits.pixels[2..<6] == [0.3125, 0.8125, 0.5625, 0.0625])
    #expect(digits.pixels.min() == 0 && digits.pixels.max() == 1)
    var ink = 0
    for pixel in digits.pixels { ink += Int(pixel * 16) }
    #expect(ink == 561_718)
    let counts = (0..<10).map { digit in digits.labels.count { $0 == digit } }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])

    #expect(digits.training.count == 1_297 && digits.test.count == 500)
    #expect(digits.training.pixels + digits.test.pixels == digits.pixels)
    #expect(digits.training.labels + digits.test.labels == digits.labels)
  }

  static let lines = Array(repeating: Array(repeating: "0", count: 65), count: 1_797)
    .map { $0.joined(separator: ",") }

  private func load(_ lines: [String], end: String = "\n") throws -> Digits {
    try load(Array((lines.joined(separator: "\n") + end).utf8))
  }

  private func load(_ bytes: [UInt8]) throws -> Digits {
    try DigitsParser(path: "some.csv").parse(bytes)
  }

  @Test("The last line may lack its end")
  func missingNewline() throws {
    #expect(try load(DigitsFileTests.lines, end: "").count == 1_797)
  }

  static let badFields = [
    "", " 1", "1 ", "-1", "+1", "1.0", "1e1", "x", "0x1", "\r", "\0", "١", "17",
    "99999999999999999999",
    String(repeating: "9", count: 10_000),
  ]

  @Test("A field that is no pixel is refused, with its line", arguments: badFields)
  func badPixel(_ field: String) throws {
    var lines = DigitsFileTests.lines
    lines[41] = field + lines[41].dropFirst()
    let error = try failure { _ = try load(lines) }
    #expect(error.code == .malformed && error.line == 42)
    #expect(error.description.hasPrefix("some.csv:42: "))
    let isLine = !error.description.contains { $0.isNewline }
    #expect(isLine && error.description.count < 100)
  }

  @Test("A label is 0 to 9", arguments: ["10", "16", "-1", "", "a", "3\r"])
  func badLabel(_ field: String) throws {
    var lines = DigitsFileTests.lines
    lines[0] = lines[0].dropLast() + field
    let error = try failure { _ = try load(lines) }
    #expect(error.code == .malformed && error.line == 1)
  }

  @Test("A line has 65 fields")
  func fieldCount() throws {
    for line in [
      "", "0", DigitsFileTests.lines[0] + ",0", String(DigitsFileTests.lines[0].dropLast(2)),
    ] {
      var lines = DigitsFileTests.lines
      lines[1_796] = line
      let error = try failure { _ = try load(lines) }
      #expect(error.code == .malformed && error.line == 1_797)
    }
  }

  @Test("The file has 1,797 lines")
  func lineCount() throws {
    for count in [0, 1, 1_297, 1_796] {
      let error = try failure { _ = try load(Array(DigitsFileTests.lines.prefix(count)), end: "") }
      #expect(error.code == .malformed && error.message.contains("1797"))
    }
    let more = try failure { _ = try load(DigitsFileTests.lines + [DigitsFileTests.lines[0]]) }
    #expect(more.code == .malformed && more.line == 1_798)
    let blank = try failure { _ = try load(DigitsFileTests.lines, end: "\n\n") }
    #expect(blank.code == .malformed && blank.line == 1_798)
  }

  @Test("The real file cut anywhere is refused")
  func truncation() throws {
    let whole = try DataFile.read(DataFile.locate("digits.csv", given: nil), limit: 1 << 20).array
    for count in [0, 1, 146, 147, whole.count / 2, whole.count - 300, whole.count - 2] {
      let error = try failure { _ = try load(Array(whole.prefix(count))) }
      #expect(error.code == .malformed, "cut after \(count) bytes")
    }
  }

  @Test("What is not text is refused")
  func noise() throws {
    #expect(try failure { _ = try load([0xFF, 0xFE, 0x00, 0x0A]) }.code == .malformed)
    #expect(
      try failure { _ = try load([UInt8](repeating: 0, count: 100_000)) }.code == .malformed)
  }

  @Test("A file that is not there, or cannot be read, or has no end")
  func unreadable() throws {
    try withDirectory { directory in
      let missing = try failure { _ = try Digits.load(from: directory + "/digits.csv") }
      #expect(missing.code == .fileNotFound && missing.path == directory + "/digits.csv")
      #expect(try failure { _ = try Digits.load(from: directory) }.code == .unreadable)
    }
    #expect(try failure { _ = try Digits.load(from: "") }.code == .fileNotFound)
    #expect(try failure { _ = try Digits.load(from: "/dev/zero") }.code == .malformed)
    #expect(try failure { _ = try Digits.load(from: "/dev/null") }.code == .malformed)
    #expect(try failure { _ = try Digits.load(from: "/dev/null/x") }.code == .unreadable)
  }

  @Test("The places a file is looked for")
  func places() throws {
    let all = DataFile.directories(executable: "/opt/swoop/Digits")
    #expect(all[0] == "/opt/swoop")
    #expect(all[1].hasSuffix("/Examples/DigitsData/Data") && all[1].hasPrefix("/"))
    #expect(all.dropFirst(2) == ["Examples/DigitsData/Data"])
    #expect(DataFile.directories(executable: nil) == Array(all.dropFirst()))
    #expect(DataFile.parent(of: "/x") == "/" && DataFile.parent(of: "x") == ".")
    let error = try failure {
      _ = try DataFile.locate("no-such-file", given: nil, environment: nil)
    }
    #expect(error.code == .fileNotFound && error.message.contains(all[1]))
  }

  @Test("The folder that SWOOP_DATA names is the only one")
  func namedFolder() throws {
    let name = "digits.csv"
    #expect(try DataFile.locate(name, given: nil, environment: "/none") == "/none/digits.csv")
    #expect(try DataFile.locate(name, given: "/x.csv", environment: "/none") == "/x.csv")
    let unset = try DataFile.locate(name, given: nil, environment: nil)
    #expect(try DataFile.locate(name, given: nil, environment: "") == unset)
  }
}
