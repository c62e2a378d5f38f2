import ArgumentParser
import FoundationEssentials
import Swoop
import SwoopCheck
import SwoopLab
import Testing

@testable import SwoopCommand

@Suite struct CommandTests {
  @Test(arguments: [
    ["check", "--operation", "nothing"], ["check", "--element-type", "float128"],
    ["check", "--against", "triple"], ["check", "--seed", "-1"], ["check", "--json", "/no/such/x"],
    ["check", "--json", ""], ["devices", "--all"], ["nonsense"],
    ["check", "--operation", "add", "bitwiseAnd", "--element-type", "float32", "float16"],
  ])
  func wrongArgumentsAreSixtyFour(_ arguments: [String]) {
    let error = #expect(throws: (any Error).self) {
      _ = try SwoopCommand.parseAsRoot(arguments)
    }
    if let error { #expect(SwoopCommand.exitCode(for: error).rawValue == 64) }
  }

  @Test func theHelpNamesTheExitCodes() {
    #expect(CheckCommand.helpMessage().contains("Exit codes: 0"))
    #expect(DevicesCommand.helpMessage().contains("Exit codes: 0"))
  }

  @Test func aDeviceThatIsNotThereIsTwo() throws {
    let command = try CheckCommand.parse(["--device", "no such device"])
    let error = #expect(throws: ExitCode.self) { try command.run() }
    #expect(error == ExitCodes.impossible)
  }

  // MARK: Devices

  @Test func theDevicesAreListed() throws {
    let report = try DeviceReport.captured()
    let usable = try Device.all()
    #expect(report.devices.filter { $0.index != nil }.map(\.name) == usable.map(\.name))
    #expect(report.defaultDevice == (try? Device.default())?.name)
    let lines = report.lines(Style(hasColours: false))
    #expect(lines.contains { $0.hasPrefix("0: ") })
    #expect(!lines.contains { $0.contains("\u{1B}") })
    let vulkan = report.devices.filter { $0.capabilities != nil }
    for device in vulkan {
      let abilities = try #require(device.capabilities)
      #expect(!abilities.heaps.isEmpty)
      #expect(abilities.queueFamilies.count(where: \.isUsed) == 1)
      #expect(abilities.maximumInvocations >= 256)
      #expect(abilities.subgroupSizes.lowerBound > 0)
    }
  }

  @Test func theDevicesAreJSON() throws {
    let report = try DeviceReport.captured()
    let decoded = try JSONDecoder().decode(DeviceReport.self, from: Data(report.json().utf8))
    #expect(decoded.devices.map(\.name) == report.devices.map(\.name))
    #expect(decoded.devices.map(\.capabilities) == report.devices.map(\.capabilities))
  }

  // MARK: Check

  private func report(_ results: CheckResults) -> CheckReport {
    CheckReport(
      environment: .captured(device: "cpu", driver: ""), against: "double", seed: 7, seconds: 1,
      results: results)
  }

  private func results(reference: @escaping Reference.Function = Reference.copy) -> CheckResults {
    var check = Check(.cpu)
    check.lines = [
      OperationLine(.copy, .views, reference) { x, _ in try x[0].reshaped(x[0].shape) }
    ]
    check.seed = 7
    return check.run()
  }

  @Test func whatIsRightIsSaid() throws {
    let report = report(results())
    let lines = report.lines(Style(hasColours: false))
    #expect(report.passed)
    #expect(lines.last?.hasPrefix("All of ") == true)
    let decoded = try JSONDecoder().decode(CheckReport.self, from: Data(report.json().utf8))
    #expect(decoded.results == report.results)
    #expect(decoded.seed == 7)
  }

  /// A reference that is off by one part in 10⁷ makes every case wrong.
  @Test func whatIsWrongIsSaid() throws {
    let report = report(
      results { operands, options in
        var expected = Reference.copy(operands, options)
        for (index, element) in expected.elements.enumerated() {
          expected.elements[index] = .init(element.value * 1.0000001, bound: 0)
        }
        return expected
      })
    let lines = report.lines(Style(hasColours: false))
    #expect(!report.passed)
    #expect(lines.last?.hasSuffix("Again: swoop check --seed 7 --operation copy") == true)
    #expect(lines.contains { $0.hasPrefix("copy float32 against double: ") })
    #expect(report.lines(Style(hasColours: true)).contains { $0.contains("\u{1B}[31m") })
    // Infinite ratios are JSON too.
    let decoded = try JSONDecoder().decode(CheckReport.self, from: Data(report.json().utf8))
    #expect(decoded.results == report.results)
  }
}
