import Swoop
import SwoopCheck
import Testing

extension OperationTests {
  /// A row's result does not depend on the rows beside it: not on how many there are, nor on
  /// its place among them. OpenBLAS does not promise it for matrix products.
  @Test(
    arguments: TestDevices.all,
    OperationTable.lines.filter { if case .none = $0.stacking { false } else { true } })
  func rowsDoNotDependOnTheBatch(_ device: Device, _ line: OperationLine) throws {
    for width in [1, 33, 300] {
      var generator = TestGenerator(seed: UInt64(width))
      let rows: [[Float]]
      let operandCount: Int
      var shared: [Tensor] = []
      switch line.stacking {
      case .none: return
      case .operands(let count, let values):
        operandCount = count
        rows = (0..<count).map { _ in floats(values, 256 * width, &generator) }
      case .leftRows(let hasBias):
        if device == .cpu { return }
        operandCount = 1
        rows = [floats(.moderate, 256 * width, &generator)]
        let columns = 65
        shared = [
          try Tensor(
            floats(.moderate, width * columns, &generator), shape: [width, columns], on: device)
        ]
        if hasBias {
          shared.append(
            try Tensor(floats(.moderate, columns, &generator), shape: [columns], on: device))
        }
      }
      func bits(_ range: Range<Int>) throws -> [UInt32] {
        let own = try (0..<operandCount).map {
          try Tensor(
            rows[$0][range.lowerBound * width..<range.upperBound * width],
            shape: [range.count, width], on: device)
        }
        return try line.apply(own + shared, .init(axes: [-1])).bits()
      }
      let together = try bits(0..<256)
      for size in [1, 2, 7, 16, 33, 100] {
        var pieces: [UInt32] = []
        for start in stride(from: 0, to: 256, by: size) {
          pieces += try bits(start..<Swift.min(start + size, 256))
        }
        #expect(pieces == together, "\(line) of \(size) rows of \(width) on \(device)")
      }
    }
  }

  private func floats(
    _ values: Values, _ count: Int, _ generator: inout TestGenerator
  ) -> [Float] {
    values.elements(count, .float32, &generator).values.map { Float($0) }
  }
}
