import Foundation
import Testing

/// Every public symbol has a comment, its own or that of the requirement it fulfils: so says the
/// compiler's symbol graph, which documentation is made of.
@Suite struct PublicSymbolTests {
  private struct SymbolGraph: Decodable {
    let symbols: [Symbol]

    struct Symbol: Decodable {
      let pathComponents: [String]
      let docComment: Comment?
      let location: Location?
    }
    /// What it says does not matter here.
    struct Comment: Decodable {}
    struct Location: Decodable { let uri: String }
  }

  /// The symbols of the graphs in a folder, and the names of those without a comment.
  private static func read(_ folder: URL) throws -> (count: Int, undocumented: [String]) {
    var (count, undocumented) = (0, [String]())
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path)
    where file.hasSuffix(".symbols.json") {
      let data = try Data(contentsOf: folder.appendingPathComponent(file))
      let symbols = try JSONDecoder().decode(SymbolGraph.self, from: data).symbols
      count += symbols.count
      undocumented += symbols.filter { $0.docComment == nil }.map { symbol in
        symbol.pathComponents.joined(separator: ".") + " in "
          + (symbol.location?.uri.split(separator: "/").last ?? "no file")
      }
    }
    return (count, undocumented.sorted())
  }

  private static func inFolder<R>(_ body: (URL) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("symbols-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
  }

  @Test(arguments: [("Swoop", 550), ("TensorFiles", 80), ("DigitsData", 20)])
  func everyPublicSymbolHasAComment(_ module: String, _ least: Int) async throws {
    let (count, undocumented) = try await PublicSymbolTests.inFolder { folder in
      _ = try await Command(
        Package.folder + "/Scripts/symbols.sh", [module, Build.folder, folder.path], in: folder
      ).output()
      return try PublicSymbolTests.read(folder)
    }
    #expect(count >= least)
    #expect(undocumented == [])
  }

  @Test func aSymbolWithoutACommentIsFound() async throws {
    let source = """
      /// A type.
      public struct Thing: Equatable {
        public var size = 0
        var secret = 0
        /// Whether they are of one size.
        public static func == (a: Thing, b: Thing) -> Bool { a.size == b.size }
      }
      public enum Kind { case small }
      """
    let (count, undocumented) = try await PublicSymbolTests.inFolder { folder in
      let file = folder.appendingPathComponent("Planted.swift")
      try source.write(to: file, atomically: true, encoding: .utf8)
      _ = try await Command(
        "swiftc",
        [
          "-emit-module", "-module-name", "Planted", "-emit-symbol-graph",
          "-emit-symbol-graph-dir", folder.path, file.path,
        ], in: folder
      ).output()
      return try PublicSymbolTests.read(folder)
    }
    #expect(count >= 5)
    #expect(
      undocumented == [
        "Kind in Planted.swift", "Kind.small in Planted.swift", "Thing.size in Planted.swift",
      ])
  }
}
