import Swoop
import SwoopCheck
import Testing

extension OperationTests {
  /// Every case several times over with other elements, all pending at once: what shares a
  /// submission, or a dispatch, with others gives bitwise what it gives alone.
  @Test(arguments: TestDevices.all, OperationTable.lines)
  func companyChangesNothing(_ device: Device, _ line: OperationLine) throws {
    func results(_ route: Route) throws -> [(label: String, bits: [UInt32])] {
      let tensors = try route.run(on: device) {
        try line.cases.flatMap { operationCase in
          let samples = operationCase.samples()
          return try (0..<4).map { variant in
            var operands = try samples.map {
              try $0.rotated(by: variant).tensor(on: device)
            }
            // Half of them read what was computed just before.
            if variant % 2 == 1 { operands = try operands.map { try $0.computedAgain() } }
            let result = try line.apply(operands, operationCase.options)
            return ("\(operationCase), variant \(variant)", result)
          }
        }
      }
      return try tensors.map { ($0, try $1.bits()) }
    }
    let alone = try results(.perOp)
    for route in [Route.recorded, .batched] {
      for (expected, result) in zip(alone, try results(route)) where expected.bits != result.bits {
        let place = zip(expected.bits, result.bits).enumerated().first { $0.1.0 != $0.1.1 }
        Issue.record(
          """
          \(line) of \(result.label) on \(device), \(route), differs from the same alone, first \
          at element \(place?.offset ?? -1)
          """)
      }
    }
  }
}

extension Sample {
  fileprivate func rotated(by offset: Int) -> Sample {
    let count = elements.values.count
    return Sample(
      shape: shape, elements: elements.reordered((0..<count).map { ($0 + offset) % count }),
      form: form)
  }
}

extension Tensor {
  /// The elements' bits; NaNs count as one.
  func bits() throws -> [UInt32] {
    try hostElements().bits
  }
}

extension Tensor {
  /// The same elements, computed.
  fileprivate func computedAgain() throws -> Tensor {
    elementType == .bool ? try ~(~self) : try -(-self)
  }
}
