import RealModule
import Swoop
import SwoopCheck
import Testing

/// The cross entropy against its definition in double precision.
@Suite struct CrossEntropyTests {
  private static let cases: [(samples: [Int], classes: Int)] = [
    ([7], 5), ([], 4), ([2, 3], 1), ([40], 33), ([3, 2, 2], 10),
  ]

  private struct Problem {
    let shape: [Int]
    let samples: Int
    let logits: [Float]
    let labels: [Int32]
    let probabilities: [Float]

    init(_ samples: [Int], _ classes: Int) throws {
      shape = samples + [classes]
      let count = samples.reduce(1, *)
      self.samples = count
      logits = try NetworkFunctionTests.values(count * classes, 31).map { $0 * 3 }
      labels = (0..<count).map { sample in
        let label = (sample * 7 + 2) % classes
        return Int32(sample % 4 == 3 ? label - classes : label)
      }
      let weights = try NetworkFunctionTests.values(count * classes, 32).map { abs($0) }
      probabilities = (0..<count).flatMap { sample in
        let own = weights[sample * classes..<(sample + 1) * classes]
        // Some are certainly not.
        return own.map { $0 < 0.2 ? 0 : $0 / own.reduce(0, +) }
      }
    }

    /// The loss of each sample, and how far from it a loss in float32 may be.
    func losses(byLabels: Bool) -> [(value: Double, bound: Double)] {
      let classes = shape.last ?? 1
      return (0..<samples).map { sample in
        let first = sample * classes
        let line = logits[first..<first + classes].map { Double($0) }
        let largest = line.max() ?? 0
        let logarithm = largest + .log(line.reduce(0) { $0 + .exp($1 - largest) })
        let own = Int(labels[sample]) + (labels[sample] < 0 ? classes : 0)
        let weights = line.indices.map {
          byLabels ? ($0 == own ? 1 : 0) : Double(probabilities[first + $0])
        }
        // Exponentials are off by 3 + 2|x| units for |x| ≤ 12, their sum by γₙ, its logarithm and
        // the differences by a few; then n products are added up.
        let largestTerm = line.map { logarithm - $0 }.max() ?? 0
        let error = Double(classes + 32) * 0x1p-23 + 8 * 0x1p-24 * largestTerm
        let total = weights.reduce(0, +)
        return (
          zip(weights, line).reduce(0) { $0 + $1.0 * (logarithm - $1.1) },
          total * (error + Double(classes) * 0x1p-24 * largestTerm)
        )
      }
    }
  }

  @Test(arguments: TestDevices.all, [true, false])
  func isItsDefinition(_ device: Device, byLabels: Bool) throws {
    for (samples, classes) in Self.cases {
      let problem = try Problem(samples, classes)
      let losses = problem.losses(byLabels: byLabels)
      let count = Double(losses.count)
      let (sum, error) = losses.reduce((0.0, 0.0)) { ($0.0 + $1.value, $0.1 + $1.bound) }
      // Losses are not negative.
      let sumError = error + count * 0x1p-23 * sum
      let expected: [Tensor.Reduction: [(value: Double, bound: Double)]] = [
        .none: losses, .sum: [(sum, sumError)], .mean: [(sum / count, sumError / count * 2)],
      ]
      for reduction in Tensor.Reduction.allCases {
        var bits: [UInt32]?
        for route in OperationTests.Route.allCases {
          let result = try route.run(on: device) {
            let targets =
              byLabels
              ? try Tensor(problem.labels, shape: Shape(samples), on: device)
              : try Tensor(problem.probabilities, shape: Shape(problem.shape), on: device)
            return try Tensor(problem.logits, shape: Shape(problem.shape), on: device)
              .crossEntropy(targets, reduction: reduction)
          }
          #expect(Array(result.shape) == (reduction == .none ? samples : []))
          #expect(result.elementType == .float32)
          let values = try result.blockingArray(as: Float.self)
          for (value, exact) in zip(values, expected[reduction] ?? []) {
            #expect(
              abs(Double(value) - exact.value) <= exact.bound,
              "\(problem.shape), \(reduction): \(value) instead of \(exact)")
          }
          let own = values.map(\.bitPattern)
          if let bits { #expect(bits == own, "\(route)") }
          bits = own
        }
      }
    }
  }

  @Test(arguments: TestDevices.all) func theMeanIsMeant(_ device: Device) throws {
    let logits = try Tensor([[1, 2], [3, 1]] as [[Float]], on: device)
    let labels = try Tensor([1, 0], on: device)
    let loss = try logits.crossEntropy(labels)
    #expect(
      try loss.blockingArray(as: Float.self)
        == logits.crossEntropy(labels, reduction: .mean).blockingArray())
    // What the labels mean as probabilities.
    let certain = try logits.crossEntropy(labels.oneHot(2))
    #expect(try certain.blockingArray(as: Float.self) == loss.blockingArray())
    // Labels of another type.
    let others = try Tensor([UInt8(1), 0], on: device)
    #expect(try logits.crossEntropy(others).blockingArray(as: Float.self) == loss.blockingArray())
  }

  @Test(arguments: TestDevices.all) func extremesAreStable(_ device: Device) throws {
    let logits = try Tensor(
      [[10_000, 0, -10_000], [-3e38, 3e38, 0], [-200, -200, -200]] as [[Float]], on: device)
    let labels = try Tensor([1, 1, 2], on: device)
    let losses = try logits.crossEntropy(labels, reduction: .none).blockingArray(as: Float.self)
    #expect(losses[0] == 10_000 && losses[1] == 0)
    #expect(abs(losses[2] - 1.0986123) < 1e-5)
    let slopes = try gradient(at: logits) { try $0.crossEntropy(labels, reduction: .sum) }
      .blockingNested(as: [[Float]].self)
    #expect(slopes[0] == [1, -1, 0] && slopes[1] == [0, 0, 0])
    // A class that cannot be, with no probability to be.
    let barred = try Tensor([[0, -Float.infinity, 0]], on: device)
    for targets in [
      try Tensor([0], on: device), try Tensor([[1, 0, 0]] as [[Float]], on: device),
    ] {
      let (loss, slope) = try valueWithGradient(at: barred) { try $0.crossEntropy(targets) }
      #expect(abs(try loss.blockingScalar(as: Float.self) - 0.6931472) < 1e-6)
      let list = try slope.blockingArray(as: Float.self)
      #expect(abs(list[0] + 0.5) < 1e-6 && list[1] == 0 && abs(list[2] - 0.5) < 1e-6)
    }
    let certain = try Tensor([[1, 0, 0]] as [[Float]], on: device)
    let slope = try gradient(at: certain) { try barred.crossEntropy($0) }
      .blockingArray(as: Float.self)
    #expect(slope[1] == 0 && [slope[0], slope[2]].allSatisfy { abs($0 - 0.6931472) < 1e-6 })
    // What cannot be, and is.
    let impossible = try barred.crossEntropy(Tensor([1], on: device))
    #expect(try impossible.blockingScalar(as: Float.self) == .infinity)
  }

  @Test(arguments: TestDevices.all) func gradientsAreSlopes(_ device: Device) throws {
    var generator = TestGenerator(seed: 41)
    let labels = [3, 0, -1, 3]
    let operands = DerivativeTests.operands([[4, 5], [4, 5]], in: 0.1...3, &generator)
    for reduction in [Tensor.Reduction.mean, .sum] {
      let scale = reduction == .mean ? 0.25 : 1
      let share = { (x: Exactly) in
        Exactly.map([x.sum()], slopes: { _ in [scale] }, { -scale * $0[0] })
      }
      try expectSlopes(
        "labels", on: device, at: [operands[0]], roundings: 128,
        of: { x in
          var line = 0
          return share(
            x[0].logSoftmax().lines(1, count: 1) { own in
              defer { line += 1 }
              return [own[labels[line] < 0 ? labels[line] + 5 : labels[line]]]
            })
        },
        apply: { try $0[0].crossEntropy(Tensor(labels, on: device), reduction: reduction) })
      try expectSlopes(
        "probabilities", on: device, at: operands, roundings: 128,
        of: { x in
          share(
            Exactly.map(
              [x[0].logSoftmax(), x[1]], slopes: { [$0[1], $0[0]] }, { $0[0] * $0[1] }))
        }, apply: { try $0[0].crossEntropy($0[1], reduction: reduction) })
    }
    // Softmax less what is so: also where the label comes last in a narrow type.
    let half = try Tensor([[0, 0]] as [[Float]], as: .float16, on: device)
    let slope = try gradient(at: half) { try $0.crossEntropy(Tensor([-1], on: device)) }
    #expect(slope.elementType == .float16)
    #expect(try slope.cast(to: .float32).blockingArray(as: Float.self) == [0.5, -0.5])
  }

  @Test(arguments: TestDevices.all, OperationTests.Route.allCases)
  func labelsThatAreNoClassReachReaders(
    _ device: Device, _ route: OperationTests.Route
  ) throws {
    let logits = try Tensor.random([4, 3], seed: 5, on: device)
    for wrong in [3, -4] {
      let (loss, slope) = try route.run(on: device) {
        try valueWithGradient(at: logits) {
          try $0.crossEntropy(Tensor([0, 2, wrong, 1], on: device))
        }
      }
      for tensor in [loss, slope] {
        let error = #expect(throws: TensorError.self) {
          try tensor.blockingArray(as: Float.self)
        }
        #expect(error?.code == .indexOutOfRange)
        for part in ["index \(wrong),", "position 2 ", " 3 elements"] {
          #expect(error?.message.contains(part) == true, "\(String(describing: error))")
        }
      }
    }
  }

  @Test(arguments: TestDevices.all) func callersOfOneModelAreApart(_ device: Device) async throws {
    let label = try Tensor([Int32(2)], shape: [], on: device)
    let model = Coalescer(on: device) { try $0.crossEntropy(label, reduction: .none) }
    let samples = try (0..<40).map { try Tensor.random([6], seed: UInt64($0), on: device) }
    var alone: [Float] = []
    for sample in samples {
      alone.append(try await sample.crossEntropy(label).scalar(as: Float.self))
    }
    let losses = try await withThrowingTaskGroup(of: (Int, Float).self) { group in
      for (index, sample) in samples.enumerated() {
        group.addTask { (index, try await model(sample).scalar(as: Float.self)) }
      }
      return try await group.reduce(into: [Int: Float]()) { $0[$1.0] = $1.1 }
    }
    #expect(samples.indices.map { losses[$0] } == alone)
    await model.shutdown()
  }

  @Test(arguments: TestDevices.all) func mistakesAreErrors(_ device: Device) throws {
    let logits = try Tensor.zeros([2, 3], on: device)
    func code(_ targets: Tensor, of logits: Tensor) -> TensorError.Code? {
      #expect(throws: TensorError.self) { try logits.crossEntropy(targets) }?.code
    }
    #expect(code(try Tensor([0, 1, 2], on: device), of: logits) == .shapeMismatch)
    #expect(code(try Tensor([[0, 1]], on: device), of: logits) == .shapeMismatch)
    #expect(code(try Tensor([0.5, 0.5], on: device), of: logits) == .shapeMismatch)
    #expect(code(try Tensor([true, false], on: device), of: logits) == .elementTypeMismatch)
    let scalar = try Tensor.zeros([], on: device)
    #expect(code(scalar, of: scalar) == .shapeMismatch)
    let nobody = try Tensor.zeros([0, 3], on: device)
    let none = try Tensor([Int32](), shape: [0], on: device)
    #expect(code(none, of: nobody) == .emptyReduction)
    let sum = try nobody.crossEntropy(none, reduction: .sum)
    #expect(try sum.blockingScalar(as: Float.self) == 0)
  }
}
