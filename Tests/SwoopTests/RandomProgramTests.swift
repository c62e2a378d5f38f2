import Glibc
import Swoop
import Testing

/// Random programs, many together: bitwise the same on every path, and within the bound of the
/// reference. `SWOOP_TEST_SEED` chooses others, `SWOOP_TEST_PROGRAMS` their number.
@Suite struct RandomProgramTests {
  static let seed = number("SWOOP_TEST_SEED") ?? 20_261
  static let count = Int(number("SWOOP_TEST_PROGRAMS") ?? 2000)
  /// Run side by side.
  private static let parts = 4
  /// Programs that are run together.
  private static let together = 50
  /// One program in so many is made of every operation there is: on the CPU all are. A device has
  /// to compile three kernels or so for each step of those.
  private static func wide(on device: Device) -> Int { device == .cpu ? 1 : 32 }
  /// How many of a part's also have their chains of elementwise operations fused.
  private static let fused = 8

  @Test(arguments: TestDevices.all, 0..<parts)
  func everyPathGivesTheSameWithinTheBound(_ device: Device, _ part: Int) throws {
    let own = Self.count * part / Self.parts..<Self.count * (part + 1) / Self.parts
    let weights = SharedWeights(device)
    let check = ProgramCheck(
      runner: ProgramPath.runner(on: device, weights), productsAreExact: device != .cpu)
    var summary = ProgramCheck.Summary()
    for start in stride(from: own.lowerBound, to: own.upperBound, by: Self.together) {
      let numbers = start..<min(start + Self.together, own.upperBound)
      let programs = RandomProgram.programs(
        numbers, seed: Self.seed, wide: Self.wide(on: device))
      // Every fused chain is a kernel to compile.
      let few = start == own.lowerBound ? Array(programs.prefix(Self.fused)) : []
      guard
        let failure = check.failure(of: programs, on: ProgramPath.unfused, &summary)
          ?? check.failure(of: few, on: [.fused, .fusedTrace], &summary)
      else { continue }
      Issue.record("\(Self.report(failure, programs, numbers, device, check))")
      return
    }
    print("random programs on \(device), part \(part): \(summary)")
    // The bounds would be worth little if they were wide, or unknown, for most. A few programs
    // say nothing about that.
    guard own.count >= 200 else { return }
    #expect(summary.elements >= 8 * summary.unknown)
    #expect(summary.tight * 10 >= summary.elements * 9)
  }

  private static func report(
    _ failure: ProgramFailure, _ programs: [RandomProgram], _ numbers: Range<Int>,
    _ device: Device, _ check: ProgramCheck
  ) -> String {
    let shrinker = ProgramShrinker { programs in
      var summary = ProgramCheck.Summary()
      return check.failure(of: programs, on: [failure.path], &summary)
    }
    let head =
      "SWOOP_TEST_SEED=\(seed), programs \(numbers) on \(device), path \(failure.path): "
    guard let shrunk = shrinker.shrink(programs, near: failure.program) else {
      let program = failure.program.map { "\n\(programs[$0])" } ?? ""
      return head + "\(failure)\nIt did not fail again." + program
    }
    let texts = shrunk.programs.enumerated().map { "// program \($0)\n\($1)" }
    let place = shrunk.failure.program.map { "program \($0), " } ?? ""
    return head + "\(place)\(shrunk.failure)\n" + texts.joined(separator: "\n")
  }

  private static func number(_ name: String) -> UInt64? {
    getenv(name).flatMap { UInt64(String(cString: $0)) }
  }
}
