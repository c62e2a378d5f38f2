import Foundation
import Swoop
import Testing

/// What the page for those who come from elsewhere says of Swoop is there: each expression of the
/// tables' last columns stands in `Mapping`, which compiles, and runs but for files.
@Suite struct MappingTests {
  /// The expressions of the last column, and of all columns of tables that have no other's names.
  private static func shown(in document: Document) -> [String] {
    var expressions: [String] = []
    var isSwoopOnly = false
    for line in document.lines {
      guard line.hasPrefix("|") else {
        isSwoopOnly = false
        continue
      }
      // A bar inside of code is escaped.
      let cells = line.replacingOccurrences(of: "\\|", with: "\u{0}")
        .split(separator: "|").map { $0.replacingOccurrences(of: "\u{0}", with: "|") }
      if cells.first?.collapsed == "awaited" { isSwoopOnly = true }
      for cell in isSwoopOnly ? cells : cells.suffix(1) {
        let parts = cell.split(separator: "`", omittingEmptySubsequences: false)
        expressions += parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
      }
    }
    return expressions
  }

  /// The expressions that stand alone on a line of the code.
  private static func compiled() throws -> Set<String> {
    var expressions: Set<String> = []
    for path in try Package.files("Tests/DocumentationTests", ".swift")
    where path.contains("/Mapping") && !path.hasSuffix("Tests.swift") {
      for line in try Package.text(path).split(separator: "\n") {
        var words = line.collapsed
        for prefix in ["_ = ", "try ", "await "] where words.hasPrefix(prefix) {
          words.removeFirst(prefix.count)
        }
        if words.hasSuffix(",") { words.removeLast() }
        expressions.insert(words)
      }
    }
    return expressions
  }

  @Test func everyNameExists() throws {
    let shown = MappingTests.shown(in: try Document(path: Package.catalogue + "/ComingFrom.md"))
    #expect(shown.count > 200)
    let compiled = try MappingTests.compiled()
    #expect(shown.filter { !compiled.contains($0) } == [])
  }

  @Test func aNameThatDoesNotExistIsFound() throws {
    let page = Document(
      path: "page.md",
      lines: [
        "| NumPy | Swoop |", "|---|---|", "| `x.T` | `x.turned()`, `a .\\| b` |", "",
        "| awaited | blocking |", "| `x.one()` | `x.two()` |",
      ])
    #expect(
      MappingTests.shown(in: page) == ["x.turned()", "a .| b", "x.one()", "x.two()"])
    #expect(!(try MappingTests.compiled().contains("x.turned()")))
  }

  @Test func theyRun() async throws {
    let device = try Device.default()
    try await device.perOp {
      try Mapping.making()
      try Mapping.random()
      try Mapping.shapes(on: device)
      try Mapping.elements()
      try Mapping.arithmetic()
      try await Mapping.reductions()
      try Mapping.networks()
      try await Mapping.reading()
      try await Mapping.scope(on: device)
      if device != .cpu { try Mapping.gradients(on: device, source: MappingTests.kernel) }
    }
  }

  @Test func theBlockingOnesRun() throws { try Mapping.blocking(on: Device.default()) }

  private static let kernel = """
    #version 460
    #extension GL_GOOGLE_include_directive : require
    #include "Common.glsl"
    layout(local_size_x_id = 0) in;
    layout(constant_id = 3) const uint MODE = 0;
    layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };
    void main() {
      Block block = Block(blockAddress);
      uint i = gl_GlobalInvocationID.x;
      if (i >= block.words[0]) return;
      Floats(block.result.address).at[i] = Floats(entryAddress(block.operands[0], MODE, 0)).at[i];
    }
    """
}
