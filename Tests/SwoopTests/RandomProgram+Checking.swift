import Swoop
import SwoopCheck

/// What is wrong with a program on a path.
struct ProgramFailure: Sendable, CustomStringConvertible {
  let path: ProgramPath
  /// Its place among the programs that were run together; nil if the run itself failed.
  let program: Int?
  let description: String
}

/// The property: every path gives bitwise what the per-op path gives, and that is within the
/// bound of the reference.
struct ProgramCheck {
  let runner: ProgramRunner
  /// Whether matrix products are bitwise the same on every path; OpenBLAS does not promise it.
  var productsAreExact = true

  /// How close results came to their bounds.
  struct Summary: Sendable, CustomStringConvertible {
    var programs = 0
    var elements = 0
    var unknown = 0
    /// Elements whose bound is at most 10⁻³ of their value, or of 1.
    var tight = 0
    var worst = 0.0
    var reasons: [String: Int] = [:]

    var description: String {
      let why = reasons.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
      return "\(programs) programs, \(elements) elements within their bounds, \(tight) of these "
        + "bounds tight, worst error \((worst * 1000).rounded() / 1000) of its bound; "
        + "\(unknown) elements without a bound (first: \(why.joined(separator: ", ")))"
    }
  }

  /// The first failure of these programs, run together by each of the paths.
  func failure(
    of programs: [RandomProgram], on paths: [ProgramPath], _ summary: inout Summary
  ) -> ProgramFailure? {
    let alone: ProgramBits
    do {
      alone = try runner(programs, .perOp)
    } catch {
      return ProgramFailure(path: .perOp, program: nil, description: "\(error)")
    }
    let isBounded = paths.contains(.perOp) || !productsAreExact
    let expected = isBounded ? programs.map { $0.expected(ProgramData.calls[$0.boundedCall]) } : []
    for path in paths {
      do {
        let results = path == .perOp ? alone : try runner(programs, path)
        for (index, program) in programs.enumerated() {
          let difference: String?
          if path == .perOp || (!productsAreExact && program.hasFloatProduct) {
            difference = outside(program, results[index], expected[index], path, &summary)
          } else {
            difference = self.difference(program, results[index], alone[index], path)
          }
          if let difference {
            return ProgramFailure(path: path, program: index, description: difference)
          }
        }
      } catch {
        return ProgramFailure(path: path, program: nil, description: "\(error)")
      }
    }
    return nil
  }

  private func difference(
    _ program: RandomProgram, _ results: [[UInt32]], _ alone: [[UInt32]], _ path: ProgramPath
  ) -> String? {
    for (place, call) in path.calls.enumerated() {
      let (result, own) = (results[place], alone[call])
      guard result != own else { continue }
      guard result.count == own.count else {
        return "\(result.count) elements instead of \(own.count)"
      }
      let index = result.indices.first { result[$0] != own[$0] } ?? 0
      return "element \(index) is \(program.value(result[index])) "
        + "(0x\(String(result[index], radix: 16))) instead of \(program.value(own[index])) "
        + "(0x\(String(own[index], radix: 16))) as alone; \(ProgramData.calls[call])"
    }
    return nil
  }

  private func outside(
    _ program: RandomProgram, _ results: [[UInt32]], _ expected: Bounded, _ path: ProgramPath,
    _ summary: inout Summary
  ) -> String? {
    guard let place = path.calls.firstIndex(of: program.boundedCall) else { return nil }
    let result = results[place]
    guard expected.shape == program.result.shape, expected.type == program.result.type,
      result.count == expected.values.count
    else { return "the reference gives \(expected.shape) \(expected.type)" }
    if path == .perOp {
      summary.programs += 1
      for (reason, count) in expected.reasons {
        summary.reasons[reason.rawValue, default: 0] += count
      }
    }
    for (index, bits) in result.enumerated() {
      let value = program.value(bits)
      let bound = expected.bounds[index]
      switch expected.accepts(value, at: index) {
      case nil: summary.unknown += 1
      case true?:
        summary.elements += 1
        let exact = expected.values[index]
        if bound <= 1e-3 * max(1, abs(exact)) { summary.tight += 1 }
        if bound > 0 { summary.worst = max(summary.worst, abs(value - exact) / bound) }
      case false?:
        return "element \(index) is \(value), which is not within \(bound) of "
          + "\(expected.values[index]); \(ProgramData.calls[program.boundedCall])"
      }
    }
    return nil
  }
}

extension RandomProgram {
  /// The call whose results are compared with the reference: one, because they are bitwise the
  /// same on all paths, and the reference takes longer than any of them. The sample's seed
  /// decides, which stays the same while a program shrinks.
  fileprivate var boundedCall: Int {
    guard case .leaf(.sample(_, let seed)) = steps[0].kind else { return 0 }
    return ProgramData.coalesced[Int(seed % UInt64(ProgramData.coalesced.count))]
  }

  fileprivate var hasFloatProduct: Bool {
    contains(.matmul) || contains(.linear)
  }

  fileprivate func value(_ bits: UInt32) -> Double {
    result.type.isWhole
      ? Double(Int32(bitPattern: bits)) : Double(Float(bitPattern: bits))
  }
}
