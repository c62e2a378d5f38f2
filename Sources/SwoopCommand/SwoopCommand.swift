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
    Terminal.openStandardDescriptors()
    var reason: (any Error)?
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      reason = error
    }
    if let failure = Terminal.printingFailure() {
      let code = fail(failure)
      // Whatever else went wrong decides the exit code.
      reason = reason ?? code
    }
    exit(withError: reason)
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
