import ArgumentParser
import Swoop
import SwoopCheck
import SwoopLab
import VulkanBackend

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Holds every operation on a device to its error bound.",
    discussion: """
      Every operation with every element type on many shapes: empty, scalar, odd primes, around \
      the sizes of tiles and workgroups, views, broadcasts, batches, large. Each result element \
      is held against a bound from theory around the result in double precision; products of \
      float32 also against OpenBLAS' sgemm and dgemm. A failure does not stop it.

      Exit codes: 0 if every result is within its bound, 1 if one is not, 2 if it could not be \
      checked (no such device, a file that could not be written after all), 64 for wrong arguments \
      (a type that a named operation does not have, a place where no file can be written).
      """)

  @Option(
    parsing: .unconditional,
    help: "A device by name, part of a name or index; else SWOOP_DEVICE, else the best.")
  var device: String?

  @Option(
    help: "What to compare with: double, or cpu: the CPU back end, which may be as far off.")
  var against = Check.Reference.double

  @Option(
    parsing: .upToNextOption,
    help: "Operations by name; all without it. `swoop operations` lists them.")
  var operation: [String] = []

  @Option(
    parsing: .upToNextOption,
    help:
      "Element types, of \(ElementType.allCases.map(\.rawValue).joined(separator: ", ")); all without it."
  )
  var elementType: [ElementType] = []

  @Option(help: "Decides all elements and the random shapes.")
  var seed: UInt64?

  @Option(help: "Where to write everything as JSON.")
  var json: String?

  func validate() throws {
    for name in operation {
      guard let line = OperationTable.lines.first(where: { $0.operation.name == name }) else {
        let names = OperationTable.lines.map(\.operation.name).joined(separator: ", ")
        if let function = FunctionTable.lines.first(where: { $0.name == name }),
          !function.operations.isEmpty
        {
          let parts = function.operations.map(\.name).joined(separator: ", ")
          throw ValidationError(
            "\(name) is made of \(parts), which can be checked; it is no operation itself")
        }
        throw ValidationError("there is no operation \(name); there are \(names)")
      }
      // Nothing would be checked, and nothing be wrong.
      if !elementType.isEmpty, !line.types.contains(where: elementType.contains) {
        let types = elementType.map(\.rawValue).joined(separator: " or ")
        let own = line.types.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\(name) has no \(types); it has \(own)")
      }
    }
    if let json, let obstacle = AtomicFile.obstacle(to: json) {
      throw ValidationError("--json was given \"\(json)\", \(obstacle)")
    }
  }

  func run() throws {
    do {
      let device = try self.device.map { try Device.named($0) } ?? Device.default()
      var check = Check(device)
      check.companions = try Check.companions(
        of: device, cores: Report.Environment.usableCores)
      check.against = against
      if !operation.isEmpty {
        check.lines = check.lines.filter { operation.contains($0.operation.name) }
      }
      if !elementType.isEmpty { check.types = elementType }
      check.seed = seed ?? UInt64.random(in: 0...UInt64(UInt32.max))
      try report(check, on: device)
    } catch {
      throw fail(error)
    }
  }

  private func report(_ check: Check, on device: Device) throws {
    let driver = (device.backend as? VulkanBackend)?.device.physical.driver ?? "OpenBLAS and loops"
    print("\(device.name), \(driver); against \(check.against.rawValue), seed \(check.seed)\n")
    let line = ProgressLine()
    let clock = ContinuousClock()
    let start = clock.now
    let results = check.run { progress in
      let share = progress.completed * 100 / max(progress.total, 1)
      line.update("\(share) %, \(progress.operation) of \(progress.type)")
    }
    line.clear()
    let seconds = (clock.now - start) / .seconds(1)
    let report = CheckReport(
      environment: .captured(device: device.name, driver: driver),
      against: check.against.rawValue, seed: check.seed, seconds: seconds, results: results)
    for text in report.lines(Style(hasColours: Terminal.showsColours(1))) { print(text) }
    if let json {
      try AtomicFile.write(try report.json(), to: json)
      print("Everything is in \(json).")
    }
    if !results.passed { throw ExitCodes.broken }
  }
}

extension Check.Reference: ExpressibleByArgument {}
extension ElementType: ExpressibleByArgument {}
