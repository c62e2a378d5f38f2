import Swoop
import SwoopCheck
import Testing

/// The generator, the reference and the shrinker must be able to find something.
@Suite struct RandomProgramMachineryTests {
  private static let programs = RandomProgram.programs(0..<1200, seed: 1, of: RandomProgram.moves)

  // MARK: Generating

  @Test func oneSeedGivesTheSameProgramsAndAnotherGivesOthers() {
    func texts(_ numbers: Range<Int>, _ seed: UInt64) -> [String] {
      RandomProgram.programs(numbers, seed: seed, of: RandomProgram.moves).map(\.description)
    }
    let own = Self.programs[..<300].map(\.description)
    #expect(own == texts(0..<300, 1))
    #expect(Array(own[100..<200]) == texts(100..<200, 1))
    let others = texts(0..<300, 2)
    #expect(zip(own, others).count { $0 == $1 } < 10)
    #expect(Set(own).count > 290)
  }

  @Test func everyOperationOccurs() {
    func expect(_ name: String, _ condition: (RandomProgram) -> Bool) {
      let count = Self.programs.count(where: condition)
      #expect(count >= 6, "\(name) is in \(count) of \(Self.programs.count) programs")
    }
    for operation in RandomProgram.operations {
      expect(operation.name) { $0.contains(operation) }
    }
    for composite in RandomProgram.Composite.allCases {
      expect(composite.rawValue) { $0.contains(composite) }
    }
    for name in [
      "transposed", "reshaped", "sliced", "flipped", "broadcast", "squeezed", "expanded", "padded",
      "tiled", "repeated", "stacked",
    ] {
      expect(name) { program in
        program.reachable.contains {
          guard case .rearranged(let rearrangement) = program.steps[$0].kind else { return false }
          return "\(rearrangement)".hasPrefix(name)
        }
      }
    }
    for type in ElementType.allCases {
      expect("\(type)") { program in
        program.reachable.contains { program.steps[$0].type == type }
      }
    }
  }

  @Test func programsAreOfManyKinds() {
    func share(_ condition: (RandomProgram) -> Bool) -> Int {
      Self.programs[..<300].count(where: condition)
    }
    func hasLeaf(_ program: RandomProgram, _ condition: (RandomProgram.Leaf) -> Bool) -> Bool {
      program.reachable.contains {
        if case .leaf(let leaf) = program.steps[$0].kind { condition(leaf) } else { false }
      }
    }
    #expect(share { hasLeaf($0) { if case .sample = $0 { true } else { false } } } > 250)
    #expect(share { hasLeaf($0) { if case .weight = $0 { true } else { false } } } > 60)
    #expect(share { hasLeaf($0) { if case .own = $0 { true } else { false } } } > 60)
    #expect(share { $0.result.shape.isEmpty } > 10)
    #expect(share { $0.result.shape.contains(0) } > 3)
    #expect(share { $0.result.type == .int32 } > 30)
    // A step that several others need.
    let shared = share { program in
      let uses = program.reachable.flatMap { Set(program.steps[$0].operands) }
      return Set(uses).count < uses.count
    }
    #expect(shared > 40)
    // Views of views, and operations on them.
    let views = share { program in
      program.reachable.contains { index in
        program.steps[index].operands.contains {
          if case .rearranged = program.steps[$0].kind { true } else { false }
        }
      }
    }
    #expect(views > 20)
    #expect(share { $0.size.operations >= 4 } > 100)
  }

  // MARK: Finding

  /// Runs on the CPU, and then changes what `spoil` says.
  private func planted(
    _ spoil: @escaping ([RandomProgram], ProgramPath, inout ProgramBits) -> Void
  ) -> ProgramCheck {
    let runner = ProgramPath.runner(on: .cpu, SharedWeights(.cpu))
    return ProgramCheck { programs, path in
      var bits = try runner(programs, path)
      spoil(programs, path, &bits)
      return bits
    }
  }

  /// The first batch of programs that fails, made small.
  private func found(_ check: ProgramCheck, on path: ProgramPath) -> ProgramShrinker.Shrunk? {
    let shrinker = ProgramShrinker { programs in
      var summary = ProgramCheck.Summary()
      return check.failure(of: programs, on: [path], &summary)
    }
    for start in stride(from: 0, to: Self.programs.count, by: 30) {
      let programs = Self.programs[start..<start + 30].filter {
        // What OpenBLAS does not promise would be found as well.
        !$0.contains(.matmul) && !$0.contains(.linear)
      }
      if let shrunk = shrinker.shrink(programs, near: nil) { return shrunk }
    }
    return nil
  }

  @Test func aWrongOperationIsFoundAndShrunk() throws {
    func isWrong(_ program: RandomProgram) -> Bool {
      !program.result.shape.contains(0) && program.contains(.max) { $0.axes == [0] }
    }
    let check = planted { programs, path, bits in
      guard path == .batched else { return }
      for (index, program) in programs.enumerated() where isWrong(program) {
        bits[index][1][0] ^= 1
      }
    }
    let shrunk = try #require(found(check, on: .batched))
    #expect(shrunk.programs.count == 1)
    #expect(isWrong(shrunk.programs[0]))
    #expect(shrunk.programs[0].size.steps <= 3, "\(shrunk.programs[0])")
    #expect(shrunk.failure.description.contains("element 0 "))
    #expect(shrunk.programs[0].description.contains(".max(0"))
    #expect(found(check, on: .recorded) == nil)
  }

  /// What goes wrong only where two operations meet in a batch leaves both, each as small as
  /// it can be.
  @Test func aFaultOfTwoProgramsKeepsBoth() throws {
    let check = planted { programs, path, bits in
      guard path == .batched, let other = programs.firstIndex(where: { $0.contains(.tanh) }),
        let victim = programs.firstIndex(where: {
          !$0.contains(.tanh) && $0.contains(.sum) && !$0.result.shape.contains(0)
        }), other != victim
      else { return }
      bits[victim][0][0] ^= 0x8000_0000
    }
    let shrunk = try #require(found(check, on: .batched))
    #expect(shrunk.programs.count == 2)
    #expect(shrunk.programs.allSatisfy { $0.size.steps <= 2 })
    #expect(shrunk.programs.contains { $0.contains(.tanh) })
    #expect(shrunk.programs.contains { $0.contains(.sum) })
  }

  /// A result that is the same on every path but off by little is the reference's to find.
  @Test func aSmallErrorIsFound() throws {
    let check = planted { programs, _, bits in
      for (index, program) in programs.enumerated()
      where program.contains(.softmax) && program.result.type == .float32 {
        for call in bits[index].indices {
          // 2⁻¹² of its value.
          bits[index][call] = bits[index][call].map { $0 & 0x7F80_0000 == 0 ? $0 : $0 ^ 0x800 }
        }
      }
    }
    #expect(found(check, on: .batched) == nil)
    let shrunk = try #require(found(check, on: .perOp))
    #expect(shrunk.programs.count == 1)
    #expect(shrunk.programs[0].size.steps <= 2, "\(shrunk.programs[0])")
    #expect(shrunk.failure.description.contains("not within"))
  }

  @Test func aRunThatThrowsIsShrunkToo() throws {
    let runner = ProgramPath.runner(on: .cpu, SharedWeights(.cpu))
    let check = ProgramCheck { programs, path in
      if path == .lazy, programs.contains(where: { $0.contains(.exp) }) {
        throw RunFailure("planted")
      }
      return try runner(programs, path)
    }
    let shrunk = try #require(found(check, on: .lazy))
    #expect(shrunk.programs.count == 1)
    #expect(shrunk.programs[0].size.steps <= 2)
    #expect(shrunk.failure.description == "planted")
  }
}
