import RealModule
import Swoop
import SwoopCheck
import SwoopCore
import Testing

@Suite struct GradientCompositionTests {
  /// Programs, what they are given, and their slopes.
  private static let programs:
    [(program: Composition, operands: [Exactly], slopes: [[Exactly.Slope]])] = {
      var generator = TestGenerator(seed: 23)
      return (0..<24).map { _ in
        let program = Composition(&generator)
        let operands = DerivativeTests.operands(program.shapes, in: -1...1, &generator)
        // Forwards and backwards, up to fifty roundings a step, and as many as it has terms.
        let roundings = 2 * 50 * (program.steps.count + 1) + 4 * operands[0].values.count
        return (
          program, operands,
          Exactly.slopes(of: program.run, at: operands, roundings: roundings)
        )
      }
    }()

  @Test(arguments: TestDevices.all) func gradientsAreSlopes(_ device: Device) throws {
    let programs = GradientCompositionTests.programs
    var worst = 0.0
    var checked = 0
    for (number, (program, exact, slopes)) in programs.enumerated() {
      let operands = try exact.map { try $0.tensor(on: device) }
      var bits: [[UInt32]]?
      for route in OperationTests.Route.allCases {
        let (value, gradients) = try route.run(on: device) {
          try valueWithGradient(at: operands, of: program.run)
        }
        let results = try ([value] + gradients).map {
          try $0.blockingArray(as: Float.self).map(\.bitPattern)
        }
        if let bits { #expect(bits == results, "program \(number), \(route): \(program)") }
        bits = results
      }
      for (index, list) in slopes.enumerated() {
        let values = (bits ?? [])[index + 1].map { Float(bitPattern: $0) }
        try #require(values.count == list.count)
        for (slope, value) in zip(list, values) {
          // A kink nearer than the step: the difference is no slope.
          guard slope.bound < 1e-2 else { continue }
          let ratio = abs(Double(value) - slope.value) / slope.bound
          #expect(
            ratio <= 1, "program \(number) on \(device), operand \(index): \(value), \(slope)")
          worst = max(worst, ratio)
          checked += 1
        }
      }
    }
    // Most of them.
    #expect(checked > 20 * programs.count)
    print("compositions on \(device): \(checked) slopes, worst error \(worst) of its bound")
  }

  /// The gradient of a sum of squares of a gradient, against differences of exact gradients.
  @Test(arguments: TestDevices.all) func secondDerivatives(_ device: Device) throws {
    var generator = TestGenerator(seed: 29)
    let exact = DerivativeTests.operands([[4, 3, 2], [2]], in: -1...1, &generator)
    // Σ tanh(x v) over a view, and its slope with regard to x: v (1 - tanh²).
    let program = { (x: [Exactly]) -> Exactly in
      let shape = x[0].shape
      let view = x[0].picking([2, 2, 1]) { place in
        [2 * place[1] + 1, 2 * place[2] + 1, shape[2] - 1 - place[0]]
      }
      let scale = x[1].reshaped([2, 1, 1])
      return Exactly.map(
        [view, scale],
        slopes: { [4 * $0[1] * $0[1], 2 + 4 * abs($0[0] * $0[1])] }
      ) { $0[1] * (1 - .pow(.tanh($0[0] * $0[1]), 2)) }.sum()
    }
    let slopes = Exactly.slopes(of: program, at: exact, roundings: 400)
    let operands = try exact.map { try $0.tensor(on: device) }
    let seconds = try gradient(at: operands) { x in
      try gradient(at: x[0]) { variable in
        try (variable.sparseView() * x[1].reshaped(2, 1, 1)).tanh().sum()
      }.sum()
    }
    for (index, list) in slopes.enumerated() {
      let values = try seconds[index].blockingArray(as: Float.self)
      for (slope, value) in zip(list, values) {
        #expect(abs(Double(value) - slope.value) <= slope.bound, "\(index): \(value), \(slope)")
      }
    }
    #expect(try seconds[0].blockingArray(as: Float.self).contains { abs($0) > 0.01 })
  }
}
