import Swoop
import SwoopCheck
import SwoopCore
import Testing

/// Dropout: which elements, by how much, and the same everywhere.
@Suite struct DropoutTests {
  /// Whether each element is kept, of the key's numbers as they are defined.
  private static func kept(_ count: Int, _ key: RandomKey, _ rate: Float) -> [Bool] {
    (0..<count).map { place in
      let word = key.block(UInt32(place / 4), RandomKey.numbers)[place % 4]
      return Double(word >> 8) * 0x1p-24 < Double(1 - rate)
    }
  }

  private static let rates: [Float] = [0.1, 0.25, 0.5, 0.9, 0x1p-24, 1 - 0x1p-24]

  @Test(arguments: TestDevices.all) func isItsDefinition(_ device: Device) throws {
    let key = RandomKey(seed: 17)
    for shape in [[], [1], [7], [3, 5, 7], [0], [40, 300]] as [Shape] {
      let count = shape.elementCount
      let x = (0..<count).map { Float($0 % 17) - 8.3 }
      for rate in Self.rates {
        let result = try Tensor(x, shape: shape, on: device).dropout(key: key, rate: rate)
        #expect(result.shape == shape && result.elementType == .float32)
        let scale = 1 / (1 - rate)
        let expected = zip(x, Self.kept(count, key, rate)).map { $1 ? $0 * scale : 0 }
        #expect(
          try result.blockingArray(as: Float.self).map(\.bitPattern) == expected.map(\.bitPattern),
          "\(shape), rate \(rate)")
        // Rounded once: neither is the scale a float16.
        let half = x.map { Float16($0) }
        let narrow = try Tensor(half, shape: shape, on: device).dropout(key: key, rate: rate)
        #expect(
          try narrow.blockingArray(as: Float16.self)
            == zip(half, Self.kept(count, key, rate)).map { $1 ? Float16(Float($0) * scale) : 0 },
          "\(shape), rate \(rate)")
      }
    }
  }

  @Test(arguments: TestDevices.vulkan, ElementType.allCases)
  func everyDeviceAndPathGivesTheSameBits(_ device: Device, _ type: ElementType) throws {
    let x = (0..<1003).map { Float($0 % 200) * 0.37 }
    let keys = RandomKey(seed: 5).split(3)
    func results(on device: Device) throws -> [Tensor] {
      let tensor = try Tensor(x, shape: [17, 59], on: device).cast(to: type).transposed()
      return try keys.map { try tensor.dropout(key: $0, rate: 0.3) }
    }
    let expected = try results(on: .cpu).map { try $0.bits() }
    #expect(Set(expected).count == 3)
    for route in OperationTests.Route.allCases {
      let tensors = try route.run(on: device) { try results(on: device) }
      #expect(tensors.allSatisfy { $0.elementType == (type.isFloatingPoint ? type : .float32) })
      #expect(try tensors.map { try $0.bits() } == expected, "\(route)")
    }
  }

  @Test func theMeanStays() throws {
    let count = 1 << 18
    let ones = try Tensor.ones([count], on: .cpu)
    for (key, rate) in zip(RandomKey(seed: 23).split(3), [0.1, 0.5, 0.8] as [Float]) {
      let list = try ones.dropout(key: key, rate: rate).blockingArray(as: Float.self)
      let kept = Double(list.count { $0 != 0 })
      let (n, p) = (Double(count), Double(1 - rate))
      #expect(abs(kept - n * p) < 5 * (n * p * (1 - p)).squareRoot())
      #expect(Set(list) == [0, 1 / (1 - rate)])
    }
  }

  @Test(arguments: TestDevices.all) func gradientsAreSlopes(_ device: Device) throws {
    var generator = TestGenerator(seed: 43)
    let key = RandomKey(seed: 3)
    let operands = DerivativeTests.operands([[6, 5], [5]], in: -2...2, &generator)
    let kept = Self.kept(30, key, 0.4)
    #expect(kept.contains(true) && kept.contains(false))
    let mask = Exactly([6, 5], kept.map { $0 ? 1 / 0.6 : 0 })
    try expectSlopes(
      "dropout", on: device, at: operands, roundings: 64,
      of: { x in
        Exactly.map(
          [x[0], mask, x[1]], slopes: { [$0[1] * $0[2], 0, $0[0] * $0[1]] },
          { $0[0] * $0[1] * $0[2] }
        ).sum()
      }, apply: { try ($0[0].dropout(key: key, rate: 0.4) * $0[1]).sum() })
    // Not even the gradient of what has none.
    let wild = try Tensor([Float](repeating: .infinity, count: 30), shape: [6, 5], on: device)
    let slope = try gradient(at: wild) { try $0.dropout(key: key, rate: 0.4).square().sum() }
    #expect(
      try slope.blockingArray(as: Float.self) == kept.map { $0 ? Float.infinity : 0 })
  }

  @Test(arguments: TestDevices.all) func aModelDropsTheSame(_ device: Device) async throws {
    let key = RandomKey(seed: 9)
    let model = Coalescer(on: device) { try $0.dropout(key: key, rate: 0.5) + 1 }
    let samples = try (0..<20).map { try Tensor.random([37], seed: UInt64($0), on: device) }
    let results = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for (index, sample) in samples.enumerated() {
        group.addTask { (index, try await model(sample).array(as: Float.self)) }
      }
      return try await group.reduce(into: [Int: [Float]]()) { $0[$1.0] = $1.1 }
    }
    for (index, sample) in samples.enumerated() {
      let alone = try await (sample.dropout(key: key, rate: 0.5) + 1).array(as: Float.self)
      #expect(results[index] == alone)
    }
    await model.shutdown()
  }

  @Test(arguments: TestDevices.all) func ratesAreChecked(_ device: Device) throws {
    let x = try Tensor([1, .infinity, .nan] as [Float], on: device)
    let key = RandomKey(seed: 1)
    #expect(try x.dropout(key: key, rate: 0).node === x.node)
    let integers = try Tensor([1, 2], on: device).dropout(key: key, rate: 0)
    #expect(integers.elementType == .float32)
    for rate in [1, 1.5, -0.1, .nan, .infinity, -.infinity] as [Float] {
      let error = #expect(throws: TensorError.self) { try x.dropout(key: key, rate: rate) }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains("dropout was given rate \(rate)") == true)
    }
  }
}
