import Testing

@testable import Swoop

/// Wrong indices, axes and sizes are errors that say what was given and what is there.
@Suite struct IndexErrorTests {
  private func expect(
    _ code: TensorError.Code, _ parts: String..., by make: (Tensor) throws -> Any
  ) throws {
    let x = try Tensor.zeros([3, 4], on: .cpu)
    do {
      _ = try make(x)
      Issue.record("nothing was thrown, \(parts)")
    } catch let error as TensorError {
      #expect(error.code == code, "\(error)")
      for part in parts { #expect(error.message.contains(part), "\(error)") }
    }
  }

  @Test func indices() throws {
    try expect(.invalidIndex, "axis 1", "was given 4", "4 elements", "-4 ... 3") { try $0[0, 4] }
    try expect(.invalidIndex, "axis 0", "was given -4", "3 elements") { try $0[-4] }
    try expect(.invalidIndex, "axis 0", "5", "-3 ... 3") { try $0[1..<5] }
    try expect(.invalidIndex, "axis 0", "3", "-3 ... 2") { try $0[1...3] }
    try expect(.invalidIndex, "axis 1", "9") { try $0[.ellipsis, 9...] }
    try expect(.invalidIndex, "axis 1", "-5") { try $0[.newAxis, .all, ..<(-5)] }
    try expect(.invalidIndex, "axis 0", "3", "-3 ... 2") { try $0[.slice(from: 3, by: -1)] }
    try expect(.invalidIndex, "3 axes", "it has 2") { try $0[0, 0, 0] }
    try expect(.invalidIndex, "ellipsis") { try $0[.ellipsis, .ellipsis] }
    try expect(.invalidIndex, "\(Int.min)") { try $0[Int.min] }
    try expect(.invalidIndex, "axis 0", "it takes none") { try $0[0..<0][0] }
    try expect(.invalidArgument, "step of 0", "axis 1") { try $0[.all, .slice(by: 0)] }
    try expect(.invalidShape, "8 dimensions") {
      try $0.selecting(Array(repeating: AxisIndex.newAxis, count: 7))
    }
    try expect(.invalidIndex, "replacing", "axis 1", "4") { try $0.replacing(0, 4, with: 1) }
    try expect(.shapeMismatch, "replacing", "[5]", "[4]") {
      try $0.replacing(0, with: Tensor.ones([5], on: .cpu))
    }
    try expect(.invalidArgument, "replacing", "300", "uint8") {
      try $0.cast(to: .uint8).replacing(0, with: 300)
    }
  }

  @Test func axesAndSizes() throws {
    try expect(.shapeMismatch, "squeezed", "axis 1", "[3, 4]") { try $0.squeezed(1) }
    try expect(.invalidAxis, "squeezed", "2") { try $0.squeezed(2) }
    try expect(.invalidAxis, "expandingDimensions", "3") { try $0.expandingDimensions(3) }
    try expect(.invalidShape, "7 new axes") { try $0.expandingDimensions(Array(0..<7)) }
    try expect(.shapeMismatch, "broadcast", "[3, 4]", "[3, 5]") { try $0.broadcast(to: [3, 5]) }
    try expect(.shapeMismatch, "broadcast") { try $0.broadcast(to: [4]) }
    try expect(.invalidShape, "negative") { try $0.broadcast(to: [-1, 3, 4]) }
    try expect(.invalidAxis, "flipped", "twice") { try $0.flipped(1, -1) }
    try expect(.invalidArgument, "concatenated", "no tensors") { _ in try Tensor.concatenated([]) }
    try expect(.shapeMismatch, "[3, 4]", "[4, 3]") {
      try Tensor.concatenated([$0, $0.transposed()])
    }
    try expect(.invalidAxis, "concatenated", "2") { try Tensor.concatenated([$0, $0], axis: 2) }
    try expect(.shapeMismatch, "stacked", "[4, 3]") { try Tensor.stacked([$0, $0.transposed()]) }
    try expect(.invalidArgument, "split", "5", "3") { try $0.split(5) }
    try expect(.invalidArgument, "split", "[1, 1]", "3") { try $0.split(sizes: [1, 1]) }
    try expect(.invalidArgument, "split", "[4, -1]") { try $0.split(sizes: [4, -1]) }
    try expect(.invalidArgument, "padded", "[1]", "2 numbers") { try $0.padded(before: [1]) }
    try expect(.invalidArgument, "padded", "-1") { try $0.padded(after: [0, -1]) }
    try expect(.invalidShape) { try $0.padded(after: [.max, 0]) }
    try expect(.invalidArgument, "tiled", "-1") { try $0.tiled(-1) }
    try expect(.invalidShape) { try $0.tiled(1 << 40) }
    try expect(.invalidShape) { try $0.repeated(1 << 40, axis: 0) }
    try expect(.invalidArgument, "repeated", "-2") { try $0.repeated(-2, axis: 0) }
  }

  @Test func creation() throws {
    try expect(.invalidArgument, "step of 0") { _ in try Tensor.arange(from: 0, to: 1, by: 0) }
    try expect(.invalidShape) { _ in try Tensor.arange(from: 0.0, to: 1e300, on: .cpu) }
    try expect(.invalidShape) { _ in try Tensor.arange(0..<Int.max, on: .cpu) }
    try expect(.invalidArgument, "arange", "int32") { _ in
      try Tensor.arange(from: 1 << 31, to: 1 << 31 + 2, on: .cpu)
    }
    try expect(.invalidArgument, "finite") { _ in
      try Tensor.arange(from: 0, to: Double.nan, on: .cpu)
    }
    try expect(.invalidArgument, "linspace") { _ in
      try Tensor.linspace(0, .infinity, count: 3, on: .cpu)
    }
    try expect(.invalidShape) { _ in try Tensor.linspace(0, 1, count: -1, on: .cpu) }
    try expect(.invalidShape) { _ in try Tensor.eye(-1, on: .cpu) }
    try expect(.shapeMismatch, "3 bytes", "8") { _ in
      try [1, 2, 3].withUnsafeBytes {
        try Tensor(bytes: UnsafeRawBufferPointer(rebasing: $0[..<3]), shape: [2], .int32, on: .cpu)
      }
    }
    let key = RandomKey(seed: 1)
    try expect(.invalidArgument, "uniform") { _ in
      try Tensor.uniform([2], in: -3e38..<3e38, key: key, on: .cpu)
    }
    try expect(.invalidArgument, "uniform") { _ in
      try Tensor.uniform([2], in: 1..<1, key: key, on: .cpu)
    }
    try expect(.elementTypeMismatch, "int32") { _ in
      try Tensor.normal([2], as: .int32, key: key, on: .cpu)
    }
    try expect(.invalidArgument, "deviation") { _ in
      try Tensor.normal([2], deviation: -1, key: key, on: .cpu)
    }
    try expect(.invalidArgument, "1.5") { _ in
      try Tensor.bernoulli([2], probability: 1.5, key: key, on: .cpu)
    }
    try expect(.invalidArgument, "integers") { _ in
      try Tensor.integers([2], in: 0..<1 << 33, key: key, on: .cpu)
    }
    try expect(.invalidShape) { _ in try Tensor.permutation(-1, key: key, on: .cpu) }
  }
}
