import Glibc
import SwoopCheck
import Testing

@testable import Swoop

/// Views against plain index arithmetic: thousands of random ones, as they are and as operands.
@Suite struct ViewTests {
  static let seed: UInt64 = {
    getenv("SWOOP_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? 20_240
  }()

  /// Random views; `SWOOP_TEST_VIEWS` sets how many, the other tests here take a share of it.
  static let count: Int = {
    getenv("SWOOP_TEST_VIEWS").flatMap { Int(String(cString: $0)) } ?? 2400
  }()

  /// A tensor and what it should be.
  struct Pair {
    var tensor: Tensor
    var plain: PlainArray
    var steps: [String] = []

    init(_ plain: PlainArray, _ type: ElementType, _ device: Device) throws {
      self.plain = plain
      tensor = try Tensor(plain.values, shape: Shape(plain.shape), on: device).cast(to: type)
    }

    /// One view of it more.
    mutating func step(using generator: inout TestGenerator) throws {
      func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
      let rank = plain.shape.count
      switch number(0...6) {
      case 0:
        let axes = Array(0..<rank).shuffled(using: &generator)
        tensor = try tensor.transposed(axes)
        plain = plain.transposed(axes)
        steps.append("transposed \(axes)")
      case 1:
        let axes = (0..<rank).filter { _ in Bool.random(using: &generator) }
        for axis in axes { tensor = try tensor.flipped(axis) }
        plain = plain.flipped(axes)
        steps.append("flipped \(axes)")
      case 2:
        var target = plain.shape.map { $0 == 1 && number(0...1) == 0 ? number(0...3) : $0 }
        if rank < 5, number(0...1) == 0 { target.insert(number(1...3), at: 0) }
        guard target.reduce(1, *) <= 5000 else { return }
        tensor = try tensor.broadcast(to: Shape(target))
        plain = plain.broadcast(target)
        steps.append("broadcast \(target)")
      case 3:
        let target = factors(plain.values.count, using: &generator)
        tensor = try tensor.reshaped(target)
        plain = plain.reshaped(target)
        steps.append("reshaped \(target)")
      default:
        var picks = plain.shape.map { PlainIndex.random($0, using: &generator) }
        if picks.count < 6, number(0...3) == 0 {
          picks.insert(.newAxis, at: number(0...picks.count))
        }
        tensor = try tensor.selecting(picks.map(\.index))
        plain = plain.selecting(picks)
        steps.append("\(picks)")
      }
    }

    private func factors(_ count: Int, using generator: inout TestGenerator) -> [Int] {
      if count == 0 { return [0, 3] }
      var (left, result) = (count, [Int]())
      for prime in [2, 3, 5, 7] where result.count < 5 {
        while left % prime == 0, result.count < 5 {
          left /= prime
          result.append(prime)
        }
      }
      result.append(left)
      result.shuffle(using: &generator)
      while result.count > 1, Bool.random(using: &generator) {
        let last = result.removeLast()
        result[result.count - 1] *= last
      }
      return result
    }
  }

  private static let types: [ElementType] = [.int32, .float32, .int32, .float32, .uint8, .float16]

  @Test(arguments: TestDevices.all)
  func randomViewsAreRight(_ device: Device) throws {
    var generator = TestGenerator(seed: Self.seed)
    for number in 0..<Self.count {
      let rank = Int.random(in: 0...4, using: &generator)
      let shape = (0..<rank).map { _ in
        Int.random(in: number % 9 == 0 ? 0...3 : 1...6, using: &generator)
      }
      let type = Self.types[Int.random(in: 0..<6, using: &generator)]
      var pair = try Pair(PlainArray(counting: shape), type, device)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        try pair.step(using: &generator)
      }
      let label = "\(shape) \(type) \(pair.steps), seed \(Self.seed), number \(number)"
      try check(pair, type, label, using: &generator)
    }
  }

  private func check(
    _ pair: Pair, _ type: ElementType, _ label: String, using generator: inout TestGenerator
  ) throws {
    let (tensor, plain) = (pair.tensor, pair.plain)
    try #require(Array(tensor.shape) == plain.shape, "\(label)")
    #expect(try numbers(tensor) == plain.values, "\(label)")
    // Both operands views, of different steps.
    let turned = try tensor.flipped()
    let doubled = zip(plain.values, plain.flipped(Array(plain.shape.indices)).values).map {
      $0 + $1
    }
    #expect(try numbers(tensor + turned) == doubled, "\(label), add")
    guard type.byteCount == 4 else { return }
    let axes = plain.shape.indices.filter { _ in Bool.random(using: &generator) }
    if !axes.isEmpty {
      var attributes = Attributes()
      attributes.axes = axes
      let sum = try Tensor.make(.sum, [tensor], attributes)
      #expect(try numbers(sum) == plain.sum(axes).values, "\(label), sum over \(axes)")
    }
    guard plain.shape.count >= 2 else { return }
    let device = tensor.device
    let right = PlainArray(counting: [plain.shape[plain.shape.count - 1], 3])
    let weight = try Tensor(right.values, shape: Shape(right.shape), on: device).cast(to: type)
    #expect(
      try numbers(tensor.matmul(weight)) == plain.matmul(right).values, "\(label), matmul")
    if plain.shape.count == 2 {
      let left = PlainArray(counting: [4, plain.shape[0]])
      let rows = try Tensor(left.values, shape: Shape(left.shape), on: device).cast(to: type)
      #expect(
        try numbers(rows.matmul(tensor)) == left.matmul(plain).values, "\(label), on the right")
    }
  }

  private func numbers(_ tensor: Tensor) throws -> [Int32] {
    switch tensor.elementType {
    case .float32: try tensor.blockingArray(as: Float.self).map { Int32($0) }
    case .float16: try tensor.blockingArray(as: Float16.self).map { Int32($0) }
    case .bfloat16: try tensor.blockingArray(as: BFloat16.self).map { Int32(Float($0)) }
    case .int32: try tensor.blockingArray(as: Int32.self)
    case .uint8: try tensor.blockingArray(as: UInt8.self).map { Int32($0) }
    case .bool: try tensor.blockingArray(as: Bool.self).map { $0 ? 1 : 0 }
    }
  }

  @Test(arguments: TestDevices.all)
  func randomReplacementsAreRight(_ device: Device) throws {
    var generator = TestGenerator(seed: Self.seed)
    for number in 0..<Self.count / 4 {
      let rank = Int.random(in: 0...4, using: &generator)
      let shape = (0..<rank).map { _ in Int.random(in: 1...7, using: &generator) }
      let type = ElementType.allCases[number % 5]
      var pair = try Pair(PlainArray(counting: shape), type, device)
      for _ in 0..<number % 3 { try pair.step(using: &generator) }
      let picks = pair.plain.shape.map { PlainIndex.random($0, using: &generator) }
      let target = PlainIndex.shape(picks)
      // Of some axes one element for all.
      let partShape = target.map { Int.random(in: 0...3, using: &generator) == 0 ? 1 : $0 }
      let part = PlainArray(counting: partShape)
      let replacement = try Tensor(part.values.map { $0 + 7 }, shape: Shape(partShape), on: device)
      let result = try pair.tensor.replacing(picks.map(\.index), with: replacement)
      let expected = pair.plain.replacing(
        picks, with: PlainArray(shape: partShape, values: part.values.map { $0 + 7 }))
      #expect(result.elementType == type && result.shape == pair.tensor.shape)
      #expect(
        try numbers(result) == expected.values,
        "\(shape) \(type) \(pair.steps) \(picks) number \(number)")
    }
  }

  @Test(arguments: TestDevices.all)
  func randomJoinsAreRight(_ device: Device) throws {
    var generator = TestGenerator(seed: Self.seed)
    for number in 0..<Self.count / 6 {
      let type = ElementType.allCases[number % 5]
      let rank = Int.random(in: 1...4, using: &generator)
      let axis = Int.random(in: 0..<rank, using: &generator)
      let common = (0..<rank).map { _ in Int.random(in: 1...5, using: &generator) }
      var (tensors, plains) = ([Tensor](), [PlainArray]())
      for _ in 0..<Int.random(in: 1...7, using: &generator) {
        var shape = common
        if number % 2 == 0 { shape[axis] = Int.random(in: 0...5, using: &generator) }
        // Every second one a view.
        let order = number % 4 < 2 ? Array(0..<rank) : Array((0..<rank).reversed())
        let stored = order.map { shape[$0] }
        let pair = try Pair(PlainArray(counting: stored), type, device)
        tensors.append(try pair.tensor.transposed(order))
        plains.append(pair.plain.transposed(order))
      }
      let expected = PlainArray.concatenated(plains, axis: axis)
      let joined = try Tensor.concatenated(tensors, axis: axis - (number % 3 == 0 ? rank : 0))
      #expect(Array(joined.shape) == expected.shape && joined.elementType == type)
      #expect(try numbers(joined) == expected.values, "number \(number)")
      let sizes = plains.map { $0.shape[axis] }
      for (part, plain) in zip(try joined.split(sizes: sizes, axis: axis), plains) {
        #expect(try numbers(part) == plain.values, "number \(number), split")
      }
      if number % 2 == 1 {
        let stacked = try Tensor.stacked(tensors, axis: axis)
        #expect(stacked.shape[axis] == tensors.count)
        for (index, plain) in plains.enumerated() {
          var indices: [any TensorIndex] = Array(repeating: AxisIndex.all, count: rank + 1)
          indices[axis] = index
          #expect(try numbers(stacked.selecting(indices)) == plain.values, "number \(number)")
        }
      }
    }
  }

  @Test(arguments: TestDevices.all)
  func manyTensorsAreOneOperation(_ device: Device) throws {
    let rows = (0..<500).map { row in (0..<3).map { Int32(row * 3 + $0) } }
    let tensors = try rows.map { try Tensor($0, shape: [3], on: device) }
    let stacked = try Tensor.stacked(tensors)
    #expect(stacked.node.operands.count == 500)
    #expect(try stacked.blockingNested() == rows)
    let bytes = try Tensor.concatenated(tensors.map { try $0.cast(to: .uint8) })
    #expect(bytes.shape == [1500])
    #expect(
      try bytes.blockingArray() == rows.flatMap { $0 }.map { UInt8(truncatingIfNeeded: $0) })
  }

  @Test(arguments: TestDevices.all)
  func paddedTiledRepeated(_ device: Device) throws {
    let x = try Tensor([[1, 2], [3, 4]], on: device)
    #expect(
      try x.padded(before: [1, 0], after: [0, 2], with: 9).blockingNested() == [
        [9, 9, 9, 9], [1, 2, 9, 9], [3, 4, 9, 9],
      ] as [[Int32]])
    let halved = try x.padded(after: [1, 0], with: 0.5)
    #expect(try halved.blockingNested() == [[1, 2], [3, 4], [0.5, 0.5]] as [[Float]])
    let bytes = try x.cast(to: .uint8).transposed().padded(before: [1, 1])
    #expect(try bytes.blockingNested() == [[0, 0, 0], [0, 1, 3], [0, 2, 4]] as [[UInt8]])
    let flags = try Tensor([true, false], on: device)
    #expect(try flags.padded(after: [1]).blockingNested() == [true, false, false])
    #expect(try flags.padded(after: [1], with: true).blockingNested() == [true, false, true])
    #expect(try flags.padded(after: [1], with: 2).blockingNested() == [1, 0, 2] as [Int32])
    #expect(
      try x.tiled(2, 2).blockingNested() == [
        [1, 2, 1, 2], [3, 4, 3, 4], [1, 2, 1, 2], [3, 4, 3, 4],
      ] as [[Int32]])
    #expect(try x.tiled(2, 1, 1).shape == [2, 2, 2])
    #expect(try x.repeated(2, axis: 1).blockingArray() == [1, 1, 2, 2, 3, 3, 4, 4] as [Int32])
    #expect(try x.repeated(0, axis: 0).shape == [0, 2])
    // More axes than one view has room for.
    let deep = PlainArray(counting: [2, 1, 2, 2, 1, 2, 1, 2])
    let tensor = try Tensor(deep.values, shape: Shape(deep.shape), on: device)
    let counts = [2, 3, 1, 2, 1, 2, 2, 2]
    let tiled = PlainArray(zip(deep.shape, counts).map { $0 * $1 }) { place in
      deep[zip(place, deep.shape).map { $0 % $1 }]
    }
    #expect(try numbers(tensor.tiled(counts)) == tiled.values)
  }

  /// What steps of a shape can reach is not copied.
  @Test func reshapingAViewCopiesNothing() throws {
    let x = try Tensor(PlainArray(counting: [4, 6, 10]).values, shape: [4, 6, 10], on: .cpu)
    func sharesNode(_ view: Tensor) -> Bool { view.node === x.node }
    #expect(try sharesNode(x.transposed(2, 0, 1).reshaped(5, 2, 24)))
    #expect(try sharesNode(x[.all, .slice(by: 2)].reshaped(12, 10)))
    #expect(try sharesNode(x.flipped().reshaped(8, 3, 10)))
    #expect(try sharesNode(x[1, 2...].reshaped(2, 1, 2, 10)))
    #expect(try sharesNode(x.flipped(0, 1, 2).reshaped(240)))
    #expect(try !sharesNode(x.transposed().reshaped(240)))
    #expect(try !sharesNode(x[.all, ..<5].reshaped(20, 10)))
    let row = try Tensor([1, 2, 3], on: .cpu).broadcast(to: [4, 3])
    #expect(
      try row.reshaped(2, 2, 3).blockingArray() == [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3] as [Int32])
  }

  @Test(arguments: TestDevices.all)
  func axesComeAndGo(_ device: Device) throws {
    let x = try Tensor([[1, 2, 3], [4, 5, 6]], on: device)
    #expect(try x.expandingDimensions(0, -1).shape == [1, 2, 3, 1])
    #expect(try x.expandingDimensions(0, -1).squeezed().shape == [2, 3])
    #expect(try x.expandingDimensions(0, -1).squeezed(-1).shape == [1, 2, 3])
    #expect(try x.movingAxis(0, to: -1).blockingArray() == [1, 4, 2, 5, 3, 6] as [Int32])
    #expect(try x.swappingAxes(0, 1).flattened().blockingArray() == [1, 4, 2, 5, 3, 6] as [Int32])
    #expect(try x[1..., ..<2, .newAxis].shape == [1, 2, 1])
    #expect(try x[.ellipsis, -1].blockingArray() == [3, 6] as [Int32])
    #expect(try x[-1, .slice(by: -1)].blockingArray() == [6, 5, 4] as [Int32])
    #expect(try x[0, .slice(from: -1, to: 0, by: -2)].blockingArray() == [3] as [Int32])
    #expect(try x[.all, 1...2].blockingArray() == [2, 3, 5, 6] as [Int32])
  }
}
