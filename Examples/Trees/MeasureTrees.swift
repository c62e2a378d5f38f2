import ArgumentParser
import Swoop
import SwoopLab
import VulkanBackend

@main
struct MeasureTrees: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Trees",
    abstract: "Runs a Tree-LSTM over the sentences of a text, every tree another shape.",
    discussion: """
      The same recursive function of one tree runs per-op, recorded and batched; all three are \
      measured in interleaved rounds. The trees are made of the text's own statistics and are no \
      parses, weights and word vectors are random: what is measured is speed. Every node is verified \
      against the CPU back end. Exit code 0 if all was measured and every result is right.
      """)

  @Argument(help: "A text in UTF-8.")
  var text: String

  @Option(help: "The most trees, of the first sentences. (default: 64, with --quick 16)")
  var trees: Int?

  @Option(help: "The numbers in a node's hidden state, in its memory and in a word vector.")
  var hidden = 64

  @Option(
    parsing: .unconditional,
    help:
      "A device by name, part of a name or index. (default: SWOOP_DEVICE, else the best Vulkan device)"
  )
  var device: String?

  @Option(help: "Decides weights and word vectors.")
  var seed: UInt64 = 1

  @Option(help: "Where to write everything as JSON, raw samples included.")
  var json: String?

  @Flag(help: "Fewer trees and rounds: under a minute on two cores.")
  var quick = false

  func validate() throws {
    guard (1...10_000).contains(trees ?? 1) else {
      throw ValidationError("--trees was given \(trees ?? 1); it takes 1 to 10,000")
    }
    guard (1...1_024).contains(hidden) else {
      throw ValidationError("--hidden was given \(hidden); it takes 1 to 1,024")
    }
  }

  func run() async throws {
    let report = try await measure(Forest(SplitText(TextFile.read(text)), limit: limit))
    print(report.rendered())
    if let json {
      try AtomicFile.write(try report.json(), to: json)
      print("  Everything, raw samples included, is in \(json).")
    }
  }

  private var limit: Int { trees ?? (quick ? 16 : 64) }

  private func measure(_ forest: Forest) async throws -> ForestReport {
    let device = try self.device.map(Device.named) ?? Device.default()
    // What can fail before the minutes of measuring does so now.
    if let json, let obstacle = AtomicFile.obstacle(to: json) {
      throw InputError("--json was given \"\(json)\", \(obstacle)")
    }
    let line = ProgressLine()
    let parameters = try Parameters.random(
      hidden: hidden, vocabularyCount: forest.vocabularyCount, seed: seed)
    let network = try TreeLSTM(parameters, on: device)
    line.update("verifying every node")
    defer { line.clear() }
    let verification = try await Verification(forest, network, parameters)
    let measurement = Measurement(forest: forest, network: network, device: device)
    var counters: [ForestPath: DeviceCounters] = [:]
    for path in ForestPath.allCases {
      line.update("counting, \(path.title)")
      counters[path] = try await measurement.counted(path)
    }
    var settings = Interleaved.Settings()
    settings.rounds = quick ? 5 : 11
    settings.minimumOperations = 1
    let results = try await measurement.measured(settings, verification) {
      line.update("trees", $0)
    }
    let driver = (device.backend as? VulkanBackend)?.device.physical.driver ?? "no driver"
    guard
      let report = ForestReport(
        measurement, .captured(device: device.name, driver: driver), hidden: hidden, seed: seed,
        verification, counters, results)
    else { throw InputError("a path has no figure") }
    return report
  }

  /// Ends with one line and exit code 1 for whatever goes wrong; what the parser refuses ends with
  /// 64 and where to find help, instead of all of it.
  static func main() async {
    Terminal.openStandardDescriptors()
    let command: Self
    do {
      command = try parse()
    } catch {
      if exitCode(for: error) == .success { exit(withError: error) }
      Terminal.fail("Trees", message(for: error), isUsage: true)
    }
    do {
      try await command.run()
      if let failure = Terminal.printingFailure() { throw failure }
    } catch {
      Terminal.fail("Trees", message(for: error))
    }
  }
}
