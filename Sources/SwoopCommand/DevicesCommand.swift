import ArgumentParser
import SwoopLab

struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "Every Vulkan device and the CPU, what each can do, and which is the default.",
    discussion: """
      Exit codes: 0 if the devices were listed, also where there is none but the CPU; 2 if the \
      Vulkan drivers could not be asked; 64 for wrong arguments.
      """)

  @Flag(help: "Everything as JSON.")
  var json = false

  func run() throws {
    do {
      let report = try DeviceReport.captured()
      if json { return print(try report.json(), terminator: "") }
      for line in report.lines(Style(hasColours: Terminal.showsColours(1))) { print(line) }
    } catch {
      throw fail(error)
    }
  }
}
