import ArgumentParser
import Swoop
import SwoopLab

@main
struct SwoopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swoop",
    abstract: "What Swoop can compute here, and how right it is.",
    subcommands: [DevicesCommand.self, CheckCommand.self, OperationsCommand.self])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
      if let failure = Terminal.printingFailure() { throw fail(failure) }
    } catch {
      // Its own reason to fail decides the exit code.
      if exitCode(for: error) != ExitCodes.impossible, let failure = Terminal.printingFailure() {
        Terminal.complain("swoop", "\(failure)")
      }
      exit(withError: error)
    }
  }
}

/// Exit codes that are not ArgumentParser's own (0, and 64 for wrong arguments).
enum ExitCodes {
  static let broken = ExitCode(1)
  static let impossible = ExitCode(2)
}

/// Ends the command with exit code 2 and one line on standard error.
func fail(_ error: any Error) -> ExitCode {
  if let code = error as? ExitCode { return code }
  Terminal.complain("swoop", "\(error)")
  return ExitCodes.impossible
}
