import Foundation

/// A document of the package, or the comments of one of its sources, as lines of Markdown.
struct Document {
  /// Below the package's folder.
  let path: String
  let lines: [String]

  /// A fenced block.
  struct Block {
    let language: String
    let text: String
    /// The line before it that is not empty.
    let lead: String
    /// Of the fence, counted from 1.
    let line: Int
  }

  init(path: String, lines: [String]) {
    self.path = path
    self.lines = lines
  }

  init(path: String) throws {
    let text = try String(contentsOfFile: Package.folder + "/" + path, encoding: .utf8)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if path.hasSuffix(".swift") {
      // A line of code ends a comment, and is an empty line here.
      lines = lines.map { line in
        let trimmed = line.trimmingCharacters(in: .whitespaces)
        guard trimmed.hasPrefix("///") else { return "" }
        return String(trimmed.dropFirst(3).drop { $0 == " " })
      }
    }
    self.init(path: path, lines: lines)
  }

  /// Fences that are not closed reach to the end.
  var blocks: [Block] {
    var blocks: [Block] = []
    var lead = ""
    var index = 0
    while index < lines.count {
      let line = lines[index]
      index += 1
      guard line.hasPrefix("```") else {
        if !line.isEmpty { lead = line }
        continue
      }
      let body = lines[index...].prefix { $0 != "```" }
      blocks.append(
        Block(
          language: String(line.dropFirst(3)), text: body.joined(separator: "\n"), lead: lead,
          line: index))
      index = body.endIndex + 1
    }
    return blocks
  }

  var swift: [Block] { blocks.filter { $0.language == "swift" } }

  /// What the document's program prints.
  var output: String {
    blocks.filter { $0.language == "text" }.map(\.text).joined(separator: "\n")
  }
}

/// The folder of the package, and what lies in it.
enum Package {
  static let folder: String = {
    let file: String = #filePath
    return String(file.dropLast("/Tests/DocumentationTests/Document.swift".count))
  }()

  static let catalogue = "Sources/Swoop/Swoop.docc"

  /// The files of a folder that have this ending, in order.
  static func files(_ folder: String, _ ending: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: self.folder + "/" + folder)
      .filter { $0.hasSuffix(ending) }.sorted().map { folder + "/" + $0 }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: folder + "/" + path, encoding: .utf8)
  }

  /// Everything whose code must compile: the pages, and the comments of what users import.
  static func documents() throws -> [Document] {
    var paths = ["README.md"]
    for folder in ["Documentation", catalogue] { paths += try files(folder, ".md") }
    for module in ["Swoop", "SwoopCore", "TensorFiles"] {
      paths += try files("Sources/" + module, ".swift")
    }
    return try paths.map(Document.init(path:))
  }
}

extension StringProtocol {
  /// With one space where there is white space, and none at either end.
  var collapsed: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
