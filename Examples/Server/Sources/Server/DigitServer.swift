import ArgumentParser
import Glibc

@main
struct DigitServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Server",
    abstract: "Classifies handwritten digits over HTTP, one a request.",
    subcommands: [Serve.self, Requests.self, Check.self], defaultSubcommand: Serve.self)

  /// Ends with one line and exit code 1 for whatever goes wrong, where the parser would add its
  /// usage and end with 64.
  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      if exitCode(for: error) == .success { exit(withError: error) }
      let lines = message(for: error).split(whereSeparator: \.isNewline)
      let line = "Server: \(lines.joined(separator: " "))\n"
      _ = write(STDERR_FILENO, line, line.utf8.count)
      Glibc.exit(1)
    }
  }
}

/// Something went wrong; one line for a person.
struct ServerError: Error, CustomStringConvertible {
  let description: String
}
