import Swoop
import Testing

/// Reading and writing where indices say.
@Suite struct IndexingTests {
  private static let types: [ElementType] = [.float32, .float16, .int32, .uint8]

  /// Indices of an axis, some of them negative.
  private static func indices(_ count: Int, _ size: Int, seed: Int) -> [Int32] {
    (0..<count).map { index in
      let place = (index * 7919 + seed * 31) % size
      return Int32((index + seed) % 3 == 0 ? place - size : place)
    }
  }

  private static let cases: [(shape: [Int], axis: Int, indices: [Int])] = [
    ([5], 0, [3]), ([1], 0, [40]), ([7, 3], 0, [4]), ([7, 3], 1, [2, 5]), ([4, 9, 5], 1, [33]),
    ([4, 9, 5], 2, [0]), ([100, 65], 0, [70]), ([3, 4], 1, []), ([2, 0, 3], 2, [4]),
  ]

  @Test(arguments: TestDevices.all) func takeIsNumPys(_ device: Device) throws {
    for (number, (shape, axis, places)) in Self.cases.enumerated() {
      for type in Self.types {
        let x = Lattice(shape, seed: UInt64(number + 1))
        let tensor = try x.tensor(on: device, as: type, isView: number % 2 == 1)
        let list = Self.indices(places.reduce(1, *), shape[axis], seed: number)
        let indices = try Tensor(list, shape: Shape(places), on: device)
        let result = try tensor.taking(indices, axis: axis)
        #expect(Array(result.shape) == shape[..<axis] + places + shape[(axis + 1)...])
        #expect(result.elementType == type)
        let values = try tensor.cast(to: .float32).blockingArray(as: Float.self)
        let lines = Lattice.lines(shape, axis)
        let inner = shape[(axis + 1)...].reduce(1, *)
        let found = try result.cast(to: .float32).blockingArray(as: Float.self)
        for (index, element) in found.enumerated() {
          let (line, column) = (index / inner / list.count, index % inner)
          let wanted = Int(list[index / inner % list.count])
          let place = wanted < 0 ? wanted + shape[axis] : wanted
          #expect(element == values[lines[line * inner + column][place]])
        }
      }
    }
  }

  @Test(arguments: TestDevices.all) func takeAlongUndoesNothing(_ device: Device) throws {
    for (number, (shape, axis)) in Lattice.shapes.enumerated() where !shape.contains(0) {
      let x = Lattice(shape, seed: UInt64(number + 1))
      var sizes = shape
      sizes[axis] = 5
      let list = Self.indices(sizes.reduce(1, *), shape[axis], seed: number)
      let indices = try Tensor(list, shape: Shape(sizes), on: device)
      let view = try (indices.transposed() + 0).transposed()
      let found = try x.tensor(on: device, isView: number % 2 == 0)
        .takingAlong(number % 3 == 0 ? view : indices, axis: axis).blockingArray(as: Float.self)
      for (source, target) in zip(Lattice.lines(shape, axis), Lattice.lines(sizes, axis)) {
        for place in target {
          let wanted = Int(list[place])
          #expect(
            found[place] == x.values[source[wanted < 0 ? wanted + shape[axis] : wanted]])
        }
      }
    }
  }

  @Test(arguments: TestDevices.all) func smallIndicesAreTaken(_ device: Device) throws {
    let x = try Tensor((0..<300).map { Float($0) }, shape: [300], on: device)
    let indices = try Tensor([UInt8(0), 255, 17, 200], shape: [2, 2], on: device)
    #expect(try x.taking(indices).blockingArray(as: Float.self) == [0, 255, 17, 200])
    #expect(
      try x.scattering(Tensor([[1, 2], [3, 4]], as: .float32, on: device), at: indices)
        .taking(indices).blockingArray(as: Float.self) == [1, 2, 3, 4])
  }

  @Test(arguments: TestDevices.all, Self.types)
  func scatterKeepsTheLastAndAddsAll(_ device: Device, _ type: ElementType) throws {
    for (number, (shape, axis, places)) in Self.cases.enumerated() {
      let x = Lattice(shape, seed: UInt64(number + 1))
      let tensor = try x.tensor(on: device, as: type, isView: number % 2 == 1)
      let list = Self.indices(places.reduce(1, *), shape[axis], seed: number)
      let indices = try Tensor(list, shape: Shape(places), on: device)
      let sizes = Array(shape[..<axis]) + places + shape[(axis + 1)...]
      let updates = try Lattice(sizes, seed: 99).tensor(on: device, as: type)
      let own = try tensor.cast(to: .float32).blockingArray(as: Float.self)
      let others = try updates.cast(to: .float32).blockingArray(as: Float.self)
      var (last, sum) = (own, own)
      let inner = shape[(axis + 1)...].reduce(1, *)
      for (line, element) in others.enumerated() {
        let (outer, column) = (line / inner / list.count, line % inner)
        let wanted = Int(list[line / inner % list.count])
        let place = wanted < 0 ? wanted + shape[axis] : wanted
        let target = (outer * shape[axis] + place) * inner + column
        last[target] = element
        // Eighths below 2 to the 17: exact.
        sum[target] += element
      }
      let replaced = try tensor.scattering(updates, at: indices, axis: axis)
      let added = try tensor.scatterAdding(updates, at: indices, axis: axis)
      #expect(replaced.elementType == type && added.elementType == type)
      #expect(try replaced.cast(to: .float32).blockingArray(as: Float.self) == last)
      if type == .float32 || type == .int32 {
        #expect(try added.cast(to: .float32).blockingArray(as: Float.self) == sum)
      }
    }
  }

  @Test(arguments: TestDevices.all) func scatterAlongIsTheInverse(_ device: Device) throws {
    for (number, (shape, axis)) in Lattice.shapes.enumerated() where !shape.contains(0) {
      let tensor = try Lattice(shape, seed: UInt64(number + 1)).tensor(on: device)
      let order = try tensor.argsort(axis)
      let sorted = try tensor.sorted(axis)
      let zero = try tensor * 0
      let back = try zero.scatteringAlong(sorted, at: order, axis: axis)
      #expect(
        try back.blockingArray(as: Float.self) == (try tensor.blockingArray(as: Float.self)))
      let twice = try tensor.scatterAddingAlong(sorted, at: order, axis: axis)
      #expect(
        try twice.blockingArray(as: Float.self)
          == (try (tensor * 2).blockingArray(as: Float.self)))
    }
  }

  /// The order of the additions is that of the indices: another gives other bits.
  @Test(arguments: TestDevices.all) func additionsKeepTheirOrder(_ device: Device) throws {
    let list: [Float] = [1e8, 1, -1e8, 3, 1e8, -1e8, 0.25]
    let updates = try Tensor(list, shape: [7], on: device)
    let indices = try Tensor([Int32](repeating: 2, count: 7), shape: [7], on: device)
    let result = try Tensor.zeros([4], on: device).scatterAdding(updates, at: indices)
    #expect(try result.blockingArray(as: Float.self) == [0, 0, list.reduce(0, +), 0])
  }

  @Test(arguments: TestDevices.all, ElementType.allCases)
  func oneHotHasOneOne(_ device: Device, _ type: ElementType) throws {
    let indices = try Tensor([Int32(2), -1, 0, 4], shape: [2, 2], on: device)
    let result = try indices.transposed().oneHot(5, as: type)
    #expect(result.shape == [2, 2, 5] && result.elementType == type)
    let values = try result.cast(to: .int32).blockingArray(as: Int32.self)
    #expect(
      values == [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
  }

  @Test(arguments: TestDevices.all) func mistakesAreErrors(_ device: Device) throws {
    let x = try Tensor.ones([3, 4], on: device)
    let indices = try Tensor([Int32(0)], shape: [1], on: device)
    #expect(throws: TensorError.self) { try x.taking(indices, axis: 2) }
    #expect(throws: TensorError.self) { try x.taking(Tensor.ones([2], on: device)) }
    #expect(throws: TensorError.self) { try x.takingAlong(indices, axis: 0) }
    #expect(throws: TensorError.self) { try x.scattering(x, at: indices) }
    #expect(throws: TensorError.self) { try x.scatterAddingAlong(x, at: indices, axis: 1) }
    #expect(throws: TensorError.self) { try indices.oneHot(-1) }
    #expect(throws: TensorError.self) { try x.oneHot(3) }
  }
}
