import Swoop
import SwoopCheck
import Testing

/// The generator, the reference and the shrinker must be able to find something.
@Suite struct RandomProgramMachineryTests {
  private static let programs = RandomProgram.programs(0..<300, seed: 1)

  // MARK: Generating

  @Test func oneSeedGivesTheSameProgramsAndAnotherGivesOthers() {
    let texts = Self.programs.map(\.description)
    #expect(texts == RandomProgram.programs(0..<300, seed: 1).map(\.description))
    #expect(
      Array(texts[100..<200]) == RandomProgram.programs(100..<200, seed: 1).map(\.description))
    let others = RandomProgram.programs(0..<300, seed: 2).map(\.description)
    #expect(zip(texts, others).count { $0 == $1 } < 10)
    #expect(Set(texts).count > 290)
  }

  @Test func everyOperationOccurs() {
    for operation in RandomProgram.operations {
      let count = Self.programs.count { $0.contains(operation) }
      #expect(count >= 6, "\(operation.name) is in \(count) of \(Self.programs.count) programs")
    }
  }

  @Test func programsAreOfManyKinds() {
    func share(_ condition: (RandomProgram) -> Bool) -> Int {
      Self.programs.count(where: condition)
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
    #expect(shared > 60)
    // Views of views, and operations on them.
    let views = share { program in
      program.reachable.contains { index in
        program.steps[index].operands.contains {
          if case .transposed = program.steps[$0].kind { true } else { false }
        }
      }
    }
    #expect(views > 10)
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
    for start in stride(from: 0, to: 300, by: 30) {
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

  // MARK: Bounds

  /// An argmax is held to one index only where the gap is larger than the error.
  @Test func closeArgmaxesHaveSeveralAnswers() {
    func bounded(_ values: [Double], _ bound: Double) -> Bounded {
      var x = Bounded(exact: Exact(shape: [values.count], values: values, type: .float32))
      x.bounds = values.map { _ in bound }
      return x
    }
    let options = Reference.Options(axes: [0])
    let near = Bounded.apply(.argmax, [bounded([1, 3, 2, 2.9375], 0.125)], options)
    #expect((0..<4).map { near.accepts(Double($0), at: 0) } == [false, true, false, true])
    let far = Bounded.apply(.argmax, [bounded([1, 3, 2, 2.9375], 0.03)], options)
    #expect((0..<4).map { far.accepts(Double($0), at: 0) } == [false, true, false, false])
    let tied = Bounded.apply(.argmax, [bounded([1, 3, 2, 3], 0)], options)
    #expect((0..<4).map { tied.accepts(Double($0), at: 0) } == [false, true, false, false])
  }

  /// Bounds hold for operands anywhere within theirs: tried at random places.
  @Test(
    arguments: OperationTable.lines.filter {
      $0.operation != .argmax && RandomProgram.operations.contains($0.operation)
    })
  func boundsCoverTheirOperands(_ line: OperationLine) {
    var generator = TestGenerator(seed: 5)
    for width in [1e-6, 1e-3, 0.1] {
      let shapes: [[Int]] =
        switch line.operation {
        case .add, .subtract, .multiply, .divide: [[4, 5], [5]]
        case .matmul: [[4, 5], [5, 3]]
        case .linear: [[4, 5], [5, 3], [3]]
        default: [[4, 5]]
        }
      let options = Reference.Options(
        axes: [.sum, .mean, .max, .softmax].contains(line.operation) ? [1] : [],
        type: line.operation == .cast ? .int32 : nil)
      let operands = shapes.map { shape in
        let values = (0..<shape.reduce(1, *)).map { _ in
          Double.random(in: 0.5...3, using: &generator)
        }
        var operand = Bounded(exact: Exact(shape: shape, values: values, type: .float32))
        operand.bounds = values.map { _ in Double.random(in: 0...width, using: &generator) }
        return operand
      }
      let expected = Bounded.apply(line.operation, operands, options)
      for _ in 0..<50 {
        let moved = operands.map { operand in
          let values = zip(operand.values, operand.bounds).map { value, bound in
            // Mostly the ends, where the distances are largest.
            value + bound * max(-1, min(1, Double.random(in: -3...3, using: &generator)))
          }
          return Exact(shape: operand.shape, values: values, type: .float32)
        }
        for (index, element) in line.reference(moved, options).elements.enumerated() {
          #expect(expected.accepts(element.value, at: index) == true, "\(line), \(width)")
        }
      }
    }
  }
}
