import Glibc
import Swoop
import SwoopCheck
import Testing

/// Every operation, on both back ends, by every path, against the reference.
@Suite struct OperationTests {
  /// How operations are made in these tests.
  enum Route: String, CaseIterable {
    case perOp, recorded, batched
    /// Outside of a scope, where operations stay pending until they are read.
    case lazy

    func run<R>(on device: Device, _ body: () throws -> R) rethrows -> R {
      switch self {
      case .perOp: try device.blockingPerOp(body)
      case .recorded: try device.blockingRecorded(body)
      case .batched: try device.blockingBatch(body)
      case .lazy: try body()
      }
    }
  }

  @Test func everyOperationHasALine() {
    let tested = OperationTable.lines.map(\.operation)
    #expect(Set(tested) == Set(TensorOperation.all))
    #expect(tested.count == TensorOperation.all.count)
    for line in OperationTable.lines { #expect(!line.cases.isEmpty, "\(line)") }
  }

  /// What an operation takes and nobody tries may be wrong on every device.
  @Test(arguments: OperationTable.lines)
  func everyElementTypeThatItTakesIsTried(_ line: OperationLine) throws {
    // The operand of a random row is but a shape.
    if case .random = line.operation.family { return }
    let model = try #require(line.cases.first { $0.elementCount > 0 })
    for type in ElementType.allCases where !line.types.contains(type) {
      // Operands of the case's own type are its data; others are indices, conditions.
      let operands = model.operands.map { operand in
        operand.type == model.type
          ? Operand(operand.shape, operand.form, .within(0...1), type) : operand
      }
      let tensors = try OperationCase(operands).samples().map { try $0.tensor(on: .cpu) }
      let isTaken = (try? line.apply(tensors, model.options)) != nil
      #expect(!isTaken, "\(line) takes \(type), which none of its cases has")
    }
  }

  /// `SWOOP_TEST_OPERATIONS` names those that the slowest of CI's jobs takes; all without it.
  private static let chosen: [OperationLine] = {
    guard let wish = getenv("SWOOP_TEST_OPERATIONS") else { return OperationTable.lines }
    let names = String(cString: wish).split(separator: ",").map(String.init)
    return OperationTable.lines.filter { names.contains($0.operation.name) }
  }()

  @Test(arguments: TestDevices.all, chosen)
  func isRight(_ device: Device, _ line: OperationLine) throws {
    var worst = 0.0
    var worstCase = ""
    var count = 0
    for operationCase in line.cases {
      let samples = operationCase.samples()
      let expected = line.reference(samples.map(\.exact), operationCase.options)
      var bits: [UInt32]?
      for route in Route.allCases {
        let result = try Result(device, line, samples, operationCase.options, route)
        let label = "\(line) of \(operationCase) on \(device), \(route)"
        try #require(result.shape == expected.shape, "\(label)")
        try #require(result.type == expected.type, "\(label)")
        try #require(result.values.count == expected.elements.count, "\(label)")
        let ratio = expect(result, expected, label)
        if ratio > worst { (worst, worstCase) = (ratio, "\(operationCase)") }
        if let bits { #expect(result.bits == bits, "\(label) differs from per-op") }
        bits = result.bits
        count += result.values.count
      }
    }
    let rounded = (worst * 1000).rounded() / 1000
    let place = worstCase.isEmpty ? "" : ", of \(worstCase)"
    print(
      "\(line) on \(device): \(line.cases.count) cases, \(count) elements, "
        + "worst error \(rounded) of its bound\(place)")
  }

  /// Records the first wrong element; the worst error in units of its bound.
  private func expect(_ result: Result, _ expected: Expected, _ label: String) -> Double {
    var worst = 0.0
    var wrong: [Int] = []
    for index in expected.elements.indices {
      let ratio = expected.ratio(of: result.values[index], at: index)
      // Neither is a NaN.
      if !(ratio <= 1) { wrong.append(index) }
      worst = Swift.max(worst, ratio)
    }
    if let first = wrong.first {
      let element = expected.elements[first]
      Issue.record(
        """
        \(label): \(wrong.count) of \(expected.elements.count) elements are wrong; the first is \
        element \(first), \(result.values[first]) instead of \(element.value) ± \(element.bound), \
        \(expected.ratio(of: result.values[first], at: first)) times its bound
        """)
    }
    return worst
  }

  /// What became of one application.
  private struct Result {
    let shape: [Int]
    let type: ElementType
    let values: [Double]
    /// NaNs count as one.
    let bits: [UInt32]

    init(
      _ device: Device, _ line: OperationLine, _ samples: [Sample], _ options: OperationOptions,
      _ route: Route
    ) throws {
      let operands = try samples.map { try $0.tensor(on: device) }
      let tensor = try route.run(on: device) { try line.apply(operands, options) }
      if route == .lazy, let operation = tensor.node.computed {
        #expect(operation == line.operation)
      }
      shape = Array(tensor.shape)
      type = tensor.elementType
      (values, bits) = try tensor.hostElements()
    }
  }
}

extension Node {
  /// The operation of a pending node; before the cast where a result is narrowed.
  fileprivate var computed: TensorOperation? {
    let operation = interned?.signature.operation
    if operation == .cast, let before = operands.first?.node.interned {
      return before.signature.operation
    }
    return operation
  }
}
