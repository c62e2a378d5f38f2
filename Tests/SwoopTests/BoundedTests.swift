import Swoop
import SwoopCheck
import Testing

/// The bounds of programs must hold for whatever their operands may be.
@Suite struct BoundedTests {
  /// An argmax is held to one index only where the gap is larger than the error.
  @Test func closeArgmaxesHaveSeveralAnswers() {
    func bounded(_ values: [Double], _ bound: Double) -> Bounded {
      var x = Bounded(exact: Exact(shape: [values.count], values: values, type: .float32))
      x.bounds = values.map { _ in bound }
      return x
    }
    let options = Reference.Options(axes: [0])
    let near = Bounded.apply(.argmax, [bounded([1, 3, 2, 2.9375], 0.125)], options, as: .int32)
    #expect((0..<4).map { near.accepts(Double($0), at: 0) } == [false, true, false, true])
    let far = Bounded.apply(.argmax, [bounded([1, 3, 2, 2.9375], 0.03)], options, as: .int32)
    #expect((0..<4).map { far.accepts(Double($0), at: 0) } == [false, true, false, false])
    let tied = Bounded.apply(.argmax, [bounded([1, 3, 2, 3], 0)], options, as: .int32)
    #expect((0..<4).map { tied.accepts(Double($0), at: 0) } == [false, true, false, false])
  }

  /// Ways in which operands lie: within the domain of every function, on both sides of 0, and
  /// beyond 1.
  private static let ranges = [0.1...0.9, -3...3, 1.2...3]

  /// An operand somewhere in a range, known to a width.
  private static func operand(
    _ shape: [Int], _ range: ClosedRange<Double>, _ width: Double, _ generator: inout TestGenerator
  ) -> Bounded {
    let values = (0..<shape.reduce(1, *)).map { _ in Double.random(in: range, using: &generator) }
    var operand = Bounded(exact: Exact(shape: shape, values: values, type: .float32))
    if width > 0 {
      operand.bounds = values.map { _ in Double.random(in: 0...width, using: &generator) }
    }
    return operand
  }

  /// Somewhere within the bounds; mostly at their ends, where the distances are largest.
  private static func moved(_ operand: Bounded, _ generator: inout TestGenerator) -> Exact {
    let values = zip(operand.values, operand.bounds).map { value, bound in
      value + bound * max(-1, min(1, Double.random(in: -3...3, using: &generator)))
    }
    return Exact(shape: operand.shape, values: values, type: operand.type)
  }

  /// Bounds hold for operands anywhere within theirs: tried at random places. Those of bits are
  /// for what is known exactly alone.
  @Test(
    arguments: OperationTable.lines.filter {
      RandomProgram.operations.contains($0.operation)
        && ![.argmax, .argmin, .oneHot].contains($0.operation)
        && !$0.operation.name.hasPrefix("bitwise") && !$0.operation.name.hasPrefix("shift")
    })
  func boundsCoverTheirOperands(_ line: OperationLine) {
    var generator = TestGenerator(seed: 5)
    var known = 0
    for range in Self.ranges {
      for width in [1e-6, 1e-3, 0.1] {
        let form = Self.form(of: line.operation)
        var operands = form.shapes.map { Self.operand($0, range, width, &generator) }
        if !form.indices.isEmpty {
          let indices = form.indices.map(Double.init)
          operands.append(Bounded(exact: Exact(shape: [3], values: indices, type: .int32)))
        }
        if line.operation == .takeAlong {
          let indices = (0..<12).map { Double($0 % 5) }
          operands.append(Bounded(exact: Exact(shape: [4, 3], values: indices, type: .int32)))
        }
        let type = line.reference(operands.map(\.centre), form.options).type
        let expected = Bounded.apply(line.operation, operands, form.options, as: type)
        for _ in 0..<50 {
          let moved = operands.map { Self.moved($0, &generator) }
          for (index, element) in line.reference(moved, form.options).elements.enumerated() {
            guard let isWithin = expected.accepts(element.value, at: index) else { continue }
            known += 1
            #expect(isWithin, "\(line), \(range), \(width)")
          }
        }
      }
    }
    #expect(known > 1000, "\(line): \(known)")
  }

  private static func form(
    of operation: TensorOperation
  ) -> (shapes: [[Int]], indices: [Int], options: Reference.Options) {
    switch operation {
    case .matmul: ([[4, 5], [5, 3]], [], .init())
    case .linear: ([[4, 5], [5, 3], [3]], [], .init())
    case .clip, .where: ([[4, 5], [5], [4, 1]], [], .init())
    case .sum, .mean, .max, .min, .prod, .anyOf, .allOf, .softmax, .logSoftmax:
      ([[4, 5]], [], .init(axes: [1]))
    case .cumulativeSum, .cumulativeProduct, .cumulativeMax: ([[4, 5]], [], .init(axis: 0))
    case .normalize: ([[4, 5]], [], .init(scalars: [0.5], words: [1]))
    case .cast: ([[4, 5]], [], .init(type: .int32))
    case .take: ([[4, 5]], [0, -1, 3], .init(axis: 1))
    case .takeAlong: ([[4, 5]], [], .init(axis: 1))
    case .scatter, .scatterAdd: ([[4, 5], [4, 3]], [2, 0, 2], .init(axis: 1))
    case .concatenate: ([[4, 5], [2, 5]], [], .init(axis: 0))
    case .replace: ([[4, 5], [2, 5]], [], .init(words: [0, 3, 2, 0, 5, 1]))
    default:
      ProgramBuilder.pairs.contains(operation)
        ? ([[4, 5], [5]], [], .init()) : ([[4, 5]], [], .init())
    }
  }

  @Test(arguments: RandomProgram.Composite.allCases.filter { $0 != .argsort })
  func boundsOfCompositesCoverTheirOperands(_ composite: RandomProgram.Composite) {
    var generator = TestGenerator(seed: 6)
    var known = 0
    for range in Self.ranges {
      for width in [1e-6, 1e-3, 0.1] {
        let operands = [[4, 5], [5]].map { Self.operand($0, range, width, &generator) }
        let options =
          RandomProgram.Composite.overAxes.contains(composite)
          ? Reference.Options(axes: [1]) : .init(axis: 1, words: [1, 3])
        let type: ElementType = composite == .searchSorted ? .int32 : .float32
        let expected = Bounded.composed(composite, operands, options, as: type)
        for _ in 0..<50 {
          let moved = operands.map { Bounded(exact: Self.moved($0, &generator)) }
          let results = Bounded.composed(composite, moved, options, as: type)
          for (index, value) in results.values.enumerated() {
            guard let isWithin = expected.accepts(value, at: index) else { continue }
            known += 1
            #expect(isWithin, "\(composite), \(range), \(width)")
          }
        }
      }
    }
    #expect(known > 500, "\(composite): \(known)")
  }

  /// What errors may decide has no bound, or one that leaves both answers.
  @Test func jumpsAndPolesAreNotClaimed() {
    func bounded(_ value: Double, _ bound: Double) -> Bounded {
      Bounded([1], .float32, [value], [bound])
    }
    func bound(_ operation: TensorOperation, _ operands: Bounded...) -> Double {
      Bounded.apply(operation, operands, as: operation == .less ? .bool : .float32).bounds[0]
    }
    #expect(bound(.floor, bounded(1.5, 0.4)) == 0)
    #expect(bound(.floor, bounded(1.99, 0.02)) == 1)
    #expect(bound(.less, bounded(1, 0.1), bounded(2, 0.1)) == 0)
    #expect(bound(.less, bounded(1, 0.6), bounded(2, 0.6)) == 1)
    #expect(bound(.reciprocal, bounded(0.1, 0.2)).isNaN)
    #expect(bound(.tan, bounded(1.5, 0.1)).isNaN)
    #expect(bound(.log, bounded(0.1, 0.2)).isNaN)
    #expect(bound(.atan2, bounded(0, 0.1), bounded(-1, 0.1)).isNaN)
    #expect(bound(.atan2, bounded(0, 0.1), bounded(1, 0.1)) < 0.2)
    #expect(bound(.remainder, bounded(3, 0.1), bounded(1, 0)).isNaN)
    #expect(bound(.remainder, bounded(3.5, 0.1), bounded(1, 0)) < 0.11)
    // The turning point counts.
    #expect(bound(.square, bounded(0, 2)) >= 4)
    #expect(bound(.abs, bounded(1, 2)) >= 2)
  }
}
