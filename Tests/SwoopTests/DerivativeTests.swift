import Swoop
import SwoopCheck
import SwoopCore
import Testing

/// Every derivative, on both back ends, against central differences in double precision.
@Suite struct DerivativeTests {
  @Test func everyRowSaysWhetherItHasADerivative() {
    for operation in TensorOperation.all {
      #expect(operation.derivative != nil, "\(operation.name) says nothing about its derivative")
      #expect(operation.hasDerivative == DerivativeTests.checked.contains(operation))
    }
    #expect(DerivativeTests.checked.isSubset(of: TensorOperation.all))
  }

  private static let checked = Set(DerivativeTable.lines.map(\.operation))

  /// What is called a constant must be integers or truth values.
  @Test func discreteRowsGiveNoFloats() throws {
    for operation in TensorOperation.all {
      guard case .discrete = operation.derivative else { continue }
      let types: [ElementType] = [.float32, .float16, .int32]
      var taken = 0
      for type in types {
        for arity in 1...3 {
          let operands = Array(repeating: TensorForm([2], type), count: arity)
          var attributes = Attributes()
          attributes.axes = [0]
          // What sorts are told.
          attributes.words = [0, 2, 0]
          guard let result = try? operation.infer(operands, attributes, operation.name) else {
            continue
          }
          taken += 1
          #expect(!result.elementType.isFloatingPoint, "\(operation.name)")
        }
      }
      #expect(taken > 0, "\(operation.name)")
    }
  }

  /// Operands whose elements all differ, from each other and from 0, by far more than a step.
  static func operands(
    _ shapes: [[Int]], in range: ClosedRange<Double>, _ generator: inout TestGenerator
  ) -> [Exactly] {
    let counts = shapes.map { $0.reduce(1, *) }
    let count = counts.reduce(0, +)
    let gap = (range.upperBound - range.lowerBound) / Double(count)
    // In the middle of equal parts; 0 is between two of an even number, and an odd one is moved.
    let shift = count % 2 == 0 ? 0.5 : 0.25
    var numbers = (0..<count).map {
      // The value that a float32 really has.
      Double(Float(range.lowerBound + (Double($0) + shift) * gap))
    }
    numbers.shuffle(using: &generator)
    return zip(shapes, counts).map { shape, count in
      defer { numbers.removeFirst(count) }
      return Exactly(shape, Array(numbers.prefix(count)))
    }
  }

  @Test(arguments: TestDevices.all, DerivativeTable.lines)
  func isTheSlope(_ device: Device, _ line: DerivativeLine) throws {
    var generator = TestGenerator(seed: 11)
    var worst = 0.0
    for shapes in line.shapes {
      let exact = DerivativeTests.operands(shapes, in: line.range, &generator)
      let size = line.exact(exact).shape
      // Different for each element of the result, so that none can be taken for another.
      let weights = DerivativeTests.operands([size], in: 0.5...1.5, &generator)[0]
      let slopes = Exactly.slopes(
        of: { operands in
          Exactly.map([line.exact(operands), weights], slopes: { [$0[1], 0] }) { $0[0] * $0[1] }
            .sum()
        }, at: exact,
        roundings: line.roundings + 2 * (exact.map(\.values.count).max() ?? 0) + size.reduce(1, *))
      let factors = try weights.tensor(on: device)
      let gradients = try gradient(at: exact.map { try $0.tensor(on: device) }) { operands in
        let result = try line.apply(operands)
        #expect(Array(result.shape) == size, "\(line)")
        return try (result * factors).sum()
      }
      for (index, tensor) in gradients.enumerated() {
        try #require(Array(tensor.shape) == shapes[index], "\(line) of \(shapes)")
        #expect(tensor.elementType == .float32)
        let values = try tensor.blockingArray(as: Float.self)
        for (slope, value) in zip(slopes[index], values) {
          let ratio = abs(Double(value) - slope.value) / slope.bound
          #expect(
            ratio <= 1,
            "\(line) of \(shapes), operand \(index) on \(device): \(value) instead of \(slope)")
          worst = max(worst, ratio)
        }
      }
    }
    print("derivative of \(line) on \(device): worst error \(worst) of its bound")
  }
}

extension Exactly {
  func tensor(on device: Device) throws -> Tensor {
    try Tensor(values.map { Float($0) }, shape: Shape(shape), on: device)
  }
}
