import Swoop

/// Makes a failing batch of programs small: greedily, until nothing smaller fails.
struct ProgramShrinker {
  /// The failure of programs that are run together, if they fail.
  let failure: ([RandomProgram]) -> ProgramFailure?
  /// A limit for failures that come and go.
  var mostAttempts = 2000

  struct Shrunk {
    var programs: [RandomProgram]
    var failure: ProgramFailure
    var attempts = 0
  }

  /// - Returns: nil if the programs do not fail again.
  func shrink(_ programs: [RandomProgram], near suspect: Int?) -> Shrunk? {
    guard let failure = failure(programs) else { return nil }
    var shrunk = Shrunk(programs: programs, failure: failure, attempts: 1)
    if let suspect = failure.program ?? suspect { _ = attempt([programs[suspect]], &shrunk) }
    var isSmaller = true
    while isSmaller {
      isSmaller = dropPrograms(&shrunk)
      for place in shrunk.programs.indices {
        while reduce(place, &shrunk) { isSmaller = true }
      }
    }
    return shrunk
  }

  private func attempt(_ programs: [RandomProgram], _ shrunk: inout Shrunk) -> Bool {
    guard shrunk.attempts < mostAttempts, !programs.isEmpty else { return false }
    shrunk.attempts += 1
    guard let failure = failure(programs) else { return false }
    shrunk.programs = programs
    shrunk.failure = failure
    return true
  }

  /// Leaves out runs of programs, long ones first.
  private func dropPrograms(_ shrunk: inout Shrunk) -> Bool {
    var hasDropped = false
    var length = shrunk.programs.count / 2
    while length > 0 {
      var start = 0
      while start < shrunk.programs.count, shrunk.programs.count > 1 {
        var rest = shrunk.programs
        rest.removeSubrange(start..<min(start + length, rest.count))
        if attempt(rest, &shrunk) { hasDropped = true } else { start += length }
      }
      length /= 2
    }
    return hasDropped
  }

  private func reduce(_ place: Int, _ shrunk: inout Shrunk) -> Bool {
    let program = shrunk.programs[place]
    for smaller in program.reductions where smaller.size < program.size {
      var programs = shrunk.programs
      programs[place] = smaller
      if attempt(programs, &shrunk) { return true }
    }
    return false
  }
}

extension RandomProgram {
  /// Programs that may be smaller: a step as the result, a step that one of its operands or a
  /// leaf stands in for.
  var reductions: [RandomProgram] {
    let needed = reachable.sorted()
    let last = steps.count - 1
    var found = needed.filter { $0 != last }.map { pruned(to: $0) }
    for index in needed.reversed() {
      if case .leaf = steps[index].kind { continue }
      for operand in Set(steps[index].operands).sorted() where index != last {
        guard steps[operand].shape == steps[index].shape, steps[operand].type == steps[index].type
        else { continue }
        var program = self
        for later in program.steps.indices {
          program.steps[later].operands = program.steps[later].operands.map {
            $0 == index ? operand : $0
          }
        }
        found.append(program.pruned(to: last))
      }
      var program = self
      program.steps[index].kind = .leaf(.own(numbers(for: index), seed: UInt64(index)))
      program.steps[index].operands = []
      found.append(program.pruned(to: last))
    }
    return found
  }

  /// What a leaf in the place of a step is to be: one that is an index stays in range.
  private func numbers(for index: Int) -> Numbers {
    for step in steps where step.operands.contains(index) {
      if case .operation(.oneHot, let options) = step.kind { return .indices(options.words[0]) }
    }
    return .near
  }
}
