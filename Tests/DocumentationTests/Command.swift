import Foundation

/// Where the tests and the programs beside them were built.
enum Build {
  static let folder: String = {
    let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return program.map { String($0.prefix(upTo: $0.lastIndex(of: "/") ?? $0.endIndex)) } ?? "."
  }()
}

/// A program to run, and what it prints.
struct Command {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let program: String
  private let arguments: [String]
  private let folder: URL

  /// - Parameter program: a path, or a name to be looked up as a shell does.
  init(_ program: String, _ arguments: [String], in folder: URL) {
    self.program = program
    self.arguments = arguments
    self.folder = folder
  }

  /// The standard output, once the program has ended; suspends until then.
  /// - Throws: if it does not end well, with all that it has printed.
  func output() async throws -> String {
    let (output, errors) = (try Recording(in: folder), try Recording(in: folder))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = folder
    process.standardOutput = output.handle
    process.standardError = errors.handle
    let status = try await withCheckedThrowingContinuation { continuation in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do {
        try process.run()
      } catch {
        process.terminationHandler = nil
        continuation.resume(throwing: error)
      }
    }
    let text = try output.text()
    guard status == 0 else {
      throw Failure(
        description: "\(program) ended with \(status)\n\(text)\n\(try errors.text())")
    }
    return text
  }

  /// A file that takes what a program prints; unlike a pipe, it never fills up.
  private struct Recording {
    private let url: URL
    let handle: FileHandle

    init(in folder: URL) throws {
      url = folder.appendingPathComponent(UUID().uuidString)
      try Data().write(to: url)
      handle = try FileHandle(forWritingTo: url)
    }

    func text() throws -> String {
      try handle.close()
      return try String(contentsOf: url, encoding: .utf8)
    }
  }
}
