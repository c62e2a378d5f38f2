import FoundationEssentials
import SwoopCheck
import Testing

@Suite struct OperationsDocumentTests {
  /// `swoop operations --markdown > Documentation/Operations.md` mends it.
  @Test func theDocumentIsWhatTheTableSays() throws {
    let file: String = #filePath
    let tree = file.dropLast("/Tests/SwoopTests/OperationsDocumentTests.swift".count)
    let text = try String(contentsOfFile: tree + "/Documentation/Operations.md", encoding: .utf8)
    #expect(text == OperationsDocument.markdown)
  }
}
