import Swoop
import Testing

@Suite struct CreationTests {
  @Test(arguments: TestDevices.all)
  func numbersAndArrays(_ device: Device) async throws {
    let whole = try Tensor([[1, 2], [3, 4]], on: device)
    #expect(whole.shape == [2, 2] && whole.elementType == .int32 && whole.device == device)
    #expect(try await whole.array() == [1, 2, 3, 4] as [Int32])
    let fractions = try Tensor([1, 2.5], on: device)
    #expect(fractions.elementType == .float32)
    #expect(try await fractions.array() == [1, 2.5] as [Float])
    let one = try Tensor(7, on: device)
    #expect(one.shape == [] && one.shape.rank == 0)
    #expect(try await one.scalar(as: Int32.self) == 7)
    #expect(try await Tensor(Float(0.1), on: device).scalar(as: Float.self) == 0.1)
    let deep = try Tensor([[[1.0, 2]], [[3, 4]], [[5, 6]]], on: device)
    #expect(deep.shape == [3, 1, 2])
    #expect(try await deep.array() == [1, 2, 3, 4, 5, 6] as [Float])
    let floats: [[Float]] = [[1, 2, 3]]
    #expect(try await Tensor(floats, on: device).nested() == floats)
    let integers: [[Int32]] = [[1], [-2]]
    #expect(try await Tensor(integers, on: device).nested() == integers)
  }

  @Test func emptyArraysHaveShapes() throws {
    #expect(try Tensor([] as [Float], on: .cpu).shape == [0])
    #expect(try Tensor([[], []] as [[Int]], on: .cpu).shape == [2, 0])
    #expect(try Tensor([] as [[[Float]]], on: .cpu).shape == [0, 0, 0])
    #expect(try Tensor([] as [Float], on: .cpu).blockingArray(as: Float.self) == [])
    #expect(
      try Tensor([[], []] as [[Float]], on: .cpu).blockingNested(as: [[Float]].self) == [[], []])
  }

  @Test func askedElementTypesConvert() throws {
    let cut = try Tensor([1.9, -1.9, 1e20, -1e20, .nan], as: .int32, on: .cpu)
    #expect(try cut.blockingArray() == [1, -1, .max, .min, 0] as [Int32])
    let wide = try Tensor([1, 3_000_000_000], as: .float32, on: .cpu)
    #expect(try wide.blockingArray() == [1, 3e9] as [Float])
    let floats = try Tensor([1.5, 2.5] as [Float], as: .int32, on: .cpu)
    #expect(try floats.blockingArray() == [1, 2] as [Int32])
    let integers = try Tensor([1, 2] as [Int32], as: .float32, on: .cpu)
    #expect(try integers.blockingArray() == [1, 2] as [Float])
  }

  @Test(arguments: TestDevices.all)
  func filled(_ device: Device) throws {
    #expect(try Tensor.zeros([2, 2], on: device).blockingArray() == [0, 0, 0, 0] as [Float])
    #expect(try Tensor.ones([3], .int32, on: device).blockingArray() == [1, 1, 1] as [Int32])
    #expect(try Tensor.full([2], 7, on: device).blockingArray() == [7, 7] as [Int32])
    #expect(try Tensor.full([2], 0.5, on: device).blockingArray() == [0.5, 0.5] as [Float])
    #expect(try Tensor.full([], 7, as: .float32, on: device).blockingArray() == [7] as [Float])
    #expect(try Tensor.full([1], 7.9, as: .int32, on: device).blockingArray() == [7] as [Int32])
    #expect(try Tensor.zeros([2, 0, 3], on: device).blockingArray() == [] as [Float])
    let big = try Tensor.full([1], Int32.min, on: device)
    #expect(try big.blockingArray() == [.min] as [Int32])
  }

  @Test(arguments: TestDevices.all)
  func randomNumbersAreTheSameEverywhere(_ device: Device) throws {
    let list: [Float] = try Tensor.random([1000], seed: 42, on: device).blockingArray()
    // SplitMix64 of seed 42 begins 13679457532755275413, 2949826092126892291.
    #expect(list[0] == Float(13_679_457_532_755_275_413 >> 40 as UInt64) / 0x1p24)
    #expect(list[1] == Float(2_949_826_092_126_892_291 >> 40 as UInt64) / 0x1p24)
    #expect(list.allSatisfy { (0..<1).contains($0) })
    let mean = list.reduce(0, +) / 1000
    // Four standard deviations of 1 / √(12 · 1000).
    #expect(abs(mean - 0.5) < 0.0366)
    let other: [Float] = try Tensor.random([1000], seed: 43, on: device).blockingArray()
    #expect(other != list)
    let range: ClosedRange<Float> = -3e38...3e38
    let wide: [Float] = try Tensor.random([1000], in: range, seed: 1, on: device).blockingArray()
    #expect(wide.allSatisfy { range.contains($0) })
    #expect(wide.contains { $0 > 1e38 } && wide.contains { $0 < -1e38 })
    let point: [Float] = try Tensor.random([3], in: 2...2, seed: 1, on: device).blockingArray()
    #expect(point == [2, 2, 2])
  }

  @Test(arguments: TestDevices.all, TestDevices.all)
  func copies(_ source: Device, _ target: Device) throws {
    let floats = try Tensor([[1.5, 2], [3, 4]], on: source)
    let moved = try (floats.transposed() + 1).copied(to: target)
    #expect(moved.device == target && moved.shape == [2, 2])
    #expect(try moved.blockingNested() == [[2.5, 4], [3, 5]] as [[Float]])
    let integers = try Tensor([1, .min] as [Int32], on: source).copied(to: target)
    #expect(try integers.blockingArray() == [1, .min] as [Int32])
  }

  @Test func scalarsTakeTheTensorsType() throws {
    let integers = try Tensor([1, 2], on: .cpu)
    #expect(try (integers + 1).elementType == .int32)
    #expect(try (integers + 0.5).blockingArray() == [1.5, 2.5] as [Float])
    #expect(try (10 - integers).blockingArray() == [9, 8] as [Int32])
    #expect(try (1 / integers).blockingArray() == [1, 0.5] as [Float])
    #expect(try (integers * Float(2)).elementType == .float32)
    let floats = try Tensor([1.0, 2], on: .cpu)
    #expect(try (2 * floats - 1).blockingArray() == [1, 3] as [Float])
    #expect(try (floats + integers).blockingArray() == [2, 4] as [Float])
  }

  @Test func withElementsLendsThem() async throws {
    let tensor = try Tensor([[1.0, 2], [3, 4]], on: .cpu).transposed()
    let sum = try await tensor.withElements(as: Float.self) { elements in
      #expect(elements.count == 4 && elements[1] == 3)
      return elements[0] + elements[3]
    }
    #expect(sum == 5)
  }
}
