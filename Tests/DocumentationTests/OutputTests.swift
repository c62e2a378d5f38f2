import Foundation
import Swoop
import Testing

/// The driver whose results the documents show.
enum Lavapipe {
  /// Its name in the documents.
  static let shown = "llvmpipe (LLVM 15.0.6, 256 bits)"

  /// Its name here, if it is the default device.
  static let name: String? = {
    guard let name = try? Device.default().name, name.hasPrefix("llvmpipe") else { return nil }
    return name
  }()
}

/// The programs of the documents print what the documents say. These show lavapipe's results; another
/// driver's may differ in the last digits.
@Suite(.enabled(if: Lavapipe.name != nil, "the documents show what lavapipe prints"))
struct OutputTests {
  @Test(.timeLimit(.minutes(20))) func theREADMEsProgramPrintsWhatItSays() async throws {
    try await expect("ReadmeProgram", toPrintAs: Document(path: "README.md"))
  }

  @Test(.timeLimit(.minutes(20))) func theTutorialsProgramPrintsWhatItSays() async throws {
    try await expect("TutorialProgram", toPrintAs: Tutorial().document)
  }

  @Test func anotherOutputIsFound() {
    #expect(OutputTests.differences("a\nb 7 c\n", "a\nb … c") == [])
    #expect(OutputTests.differences("a\nb 7 d\n", "a\nb … c") == ["b 7 d | b … c"])
    #expect(OutputTests.differences("a\n", "a\nb") == [" | b"])
    #expect(OutputTests.differences("a\nb\n", "a") == ["b | "])
  }

  private func expect(_ program: String, toPrintAs document: Document) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(program)-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let printed = try await Command(Build.folder + "/" + program, [], in: folder).output()
    let shown = document.output.replacingOccurrences(
      of: Lavapipe.shown, with: Lavapipe.name ?? "")
    #expect(!shown.isEmpty)
    #expect(OutputTests.differences(printed, shown) == [], "\(document.path)")
  }

  /// The lines that differ, what was printed and what is shown. A word `…` stands for any word.
  private static func differences(_ printed: String, _ shown: String) -> [String] {
    func lines(_ text: String) -> [String] {
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      if lines.last == "" { lines.removeLast() }
      return lines
    }
    let (one, other) = (lines(printed), lines(shown))
    return (0..<max(one.count, other.count)).compactMap { index in
      let line = index < one.count ? one[index] : ""
      let expected = index < other.count ? other[index] : ""
      let (words, pattern) = (line.split(separator: " "), expected.split(separator: " "))
      let isSame =
        expected.contains("…")
        ? words.count == pattern.count
          && zip(words, pattern).allSatisfy { $0 == $1 || $1 == "…" }
        : line == expected && (index < one.count) == (index < other.count)
      return isSame ? nil : "\(line) | \(expected)"
    }
  }
}
