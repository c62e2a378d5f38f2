import ArgumentParser
import Glibc
import Swoop
import SwoopLab
import VulkanBackend

@main
struct BatchVsThread: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "BatchVsThread",
    abstract: "Should I batch or thread my GPU work? Measures both on this machine.",
    discussion: """
      Threads and tasks that wait for each operation; batches recorded, batched and stacked by \
      hand; and concurrent callers of a coalescer, beside a hand-stacked replay of the batches \
      that it made of them. Every figure is the median of interleaved rounds with a 95 % interval, every result is \
      verified against the CPU. Exit code 0 if all was measured and every result is right.
      """)

  @Flag(help: "A subset in under a minute: batches 1, 8, 32, 256, fewer callers and rounds.")
  var quick = false

  @Flag(help: "As many and as long rounds as tight intervals need: tens of minutes.")
  var full = false

  @Option(
    parsing: .unconditional,
    help: "A device by name, part of a name or index; else SWOOP_DEVICE, else the best.")
  var device: String?

  @Option(help: "One of \(Workload.names.joined(separator: ", ")); give it again for more.")
  var workload: [String] = Workload.names

  @Option(help: "Numbers of threads, separated by commas.")
  var threads: String?

  @Option(help: "Batch sizes, separated by commas.")
  var batches: String?

  @Option(help: "Where to write everything as JSON, raw samples included.")
  var json: String?

  @Option(help: "The folder with the digits; else SWOOP_DATA, else the source tree's.")
  var data: String?

  func validate() throws {
    if data?.isEmpty == true { throw ValidationError("--data was given \"\"; it takes a folder") }
    if quick, full { throw ValidationError("--quick and --full exclude each other") }
    for name in workload where !Workload.names.contains(name) {
      throw ValidationError(
        "there is no workload \"\(name)\"; there are \(Workload.names.joined(separator: ", "))")
    }
    if Set(workload).count < workload.count { throw ValidationError("a workload was given twice") }
    _ = try numbers(threads, "--threads", upTo: 1024)
    _ = try numbers(batches, "--batches", upTo: 65_536)
  }

  private func numbers(_ text: String?, _ option: String, upTo limit: Int) throws -> [Int]? {
    guard let text else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { Int($0) }
    guard values.count == parts.count, !values.isEmpty,
      values.allSatisfy({ $0 >= 1 && $0 <= limit }), Set(values).count == values.count
    else {
      throw ValidationError(
        "\(option) was given \"\(text)\"; it takes different whole numbers from 1 to \(limit), "
          + "separated by commas")
    }
    return values.sorted()
  }

  func run() async throws {
    let start = ContinuousClock.now
    let device = try self.device.map { try Device.named($0) } ?? Device.default()
    guard let backend = device.backend as? VulkanBackend else {
      throw ValidationError("BatchVsThread measures Vulkan devices; \(device.name) is none")
    }
    var plan = Plan(quick ? .quick : full ? .full : .normal)
    plan.threads = try numbers(threads, "--threads", upTo: 1024) ?? plan.threads
    plan.batches = try numbers(batches, "--batches", upTo: 65_536) ?? plan.batches

    // What can fail before the minutes of measuring does so now.
    let loaded = try workload.map { try load($0, samples: plan.samples) }
    for workload in loaded { try await Verification.requireLearnt(workload) }
    if let json, let obstacle = AtomicFile.obstacle(to: json) {
      throw ValidationError("--json was given \"\(json)\", \(obstacle)")
    }

    let line = ProgressLine()
    var complaints: [String] = []
    var workloads: [Report.Workload] = []
    for (index, workload) in loaded.enumerated() {
      // A share of the time that is left, so that what one workload spares the next ones have.
      let weights = loaded[index...].reduce(0) { $0 + $1.weight }
      let end = plan.limit.map { limit in
        ContinuousClock.now + max(.zero, start + limit - .now) * (workload.weight / weights)
      }
      let measurement = Measurement(workload: workload, device: device, plan: plan, end: end) {
        complaints.append($0)
      }
      workloads.append(try await measurement.run { line.update(workload.name, $0) })
      line.clear()
    }
    let report = Report(
      environment: .captured(device: device.name, driver: backend.device.physical.driver),
      workloads: workloads)
    print(report.rendered(colours: Terminal.showsColours(1)))
    if let json {
      try AtomicFile.write(try report.json(), to: json)
      print("Everything, raw samples included, is in \(json).")
    }
    for complaint in complaints { print("WRONG RESULTS: \(complaint)") }
    if let failure = Terminal.printingFailure() {
      Terminal.complain("BatchVsThread", "\(failure)")
      leave(EXIT_FAILURE)
    }
    leave(report.passed ? EXIT_SUCCESS : EXIT_FAILURE)
  }

  /// Ends the process without its exit handlers: after the tens of thousands of threads that were
  /// measured, that of NVIDIA's driver 580.159 turns for minutes.
  private func leave(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
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
      Terminal.fail("BatchVsThread", message(for: error), isUsage: true)
    }
    do {
      try await command.run()
    } catch {
      Terminal.fail("BatchVsThread", message(for: error))
    }
  }

  private func load(_ name: String, samples: Int) throws -> Workload {
    switch name {
    case "add": .add()
    case "linear": .linear()
    case "mlp": .mlp(samples: samples)
    default: try .digits(data)
    }
  }
}
