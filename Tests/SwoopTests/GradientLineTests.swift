import Swoop
import SwoopCore
import Testing

/// Gradients of functions along lines where slopes alone do not tell: zeros, ties, indices that come
/// twice or are wrong, and derivatives of derivatives. Elements are small whole numbers: exact.
@Suite struct GradientLineTests {
  private func values(_ tensor: Tensor) throws -> [Float] {
    try tensor.blockingArray(as: Float.self)
  }

  /// Lines with no zero, one, two, and more, at the ends and inside.
  private static let lines: [[Float]] = [
    [2, -3, 1, 4], [0, 2, 3, -1], [2, 3, 0, 5], [3, 1, 2, 0], [0, 2, 0, 3], [1, 0, 0, 2],
    [0, 0, 0, 1], [0, 0, 0, 0], [5], [0], [3, 0, 2, -1, 2, 0, 1, 2, -2],
  ]

  private static func product(_ list: some Collection<Float>) -> Float { list.reduce(1, *) }

  private static func without(_ line: [Float], _ places: Int..., upTo end: Int) -> Float {
    product((0..<end).filter { !places.contains($0) }.map { line[$0] })
  }

  @Test(arguments: TestDevices.all) func productsMayHaveZeros(_ device: Device) throws {
    for line in Self.lines {
      let x = try Tensor(line, on: device)
      let slopes = try values(gradient(at: x) { try $0.product() })
      #expect(slopes == line.indices.map { Self.without(line, $0, upTo: line.count) }, "\(line)")
    }
    // Columns, each with zeros of its own.
    let matrix = try Tensor([[0, 2], [3, 0], [4, 0]] as [[Float]], on: device)
    #expect(
      try values(gradient(at: matrix) { try $0.product(0).sum() }) == [12, 0, 0, 0, 0, 0])
    #expect(
      try values(gradient(at: matrix) { try $0.product(1).sum() }) == [2, 0, 0, 3, 0, 4])
  }

  @Test(arguments: TestDevices.all) func cumulativeProductsMayHaveZeros(
    _ device: Device
  ) throws {
    for line in Self.lines {
      let x = try Tensor(line, on: device)
      let weights = line.indices.map { Float($0 % 3 + 1) }
      let factors = try Tensor(weights, on: device)
      let slopes = try values(gradient(at: x) { try ($0.cumulativeProduct(0) * factors).sum() })
      let expected = line.indices.map { place in
        (place..<line.count).reduce(Float(0)) {
          $0 + weights[$1] * Self.without(line, place, upTo: $1 + 1)
        }
      }
      #expect(slopes == expected, "\(line)")
    }
  }

  /// What the gradient of a weighted sum of slopes is: the matrix of second derivatives by weights.
  @Test(arguments: TestDevices.all) func secondDerivativesOfProducts(_ device: Device) throws {
    for line in Self.lines {
      let x = try Tensor(line, on: device)
      let weights = line.indices.map { Float($0 % 4) - 1 }
      let factors = try Tensor(weights, on: device)
      func curvature(_ end: Int, _ place: Int) -> Float {
        (0..<end).filter { $0 != place && place < end }.reduce(0) {
          $0 + weights[$1] * Self.without(line, place, $1, upTo: end)
        }
      }
      let ofProduct = try gradient(at: x) { x in
        try (gradient(at: x) { try $0.product() } * factors).sum()
      }
      #expect(
        try values(ofProduct) == line.indices.map { curvature(line.count, $0) }, "\(line)")
      let ofScan = try gradient(at: x) { x in
        try (gradient(at: x) { try $0.cumulativeProduct(0).sum() } * factors).sum()
      }
      let expected = line.indices.map { place in
        (1...line.count).reduce(Float(0)) { $0 + curvature($1, place) }
      }
      #expect(try values(ofScan) == expected, "\(line)")
    }
  }

  @Test(arguments: TestDevices.all) func tiesGoAsDocumented(_ device: Device) throws {
    let x = try Tensor([2, 1, 1, 3, 3, 1] as [Float], on: device)
    #expect(try values(gradient(at: x) { try $0.min() * 6 }) == [0, 2, 2, 0, 0, 2])
    let weights = try Tensor([1, 2, 4, 8, 16, 32] as [Float], on: device)
    let rising = try gradient(at: x) { try ($0.cumulativeMax(0) * weights).sum() }
    #expect(try values(rising) == [7, 0, 0, 56, 0, 0])
    // Equal elements stay in order, forwards and backwards.
    let sorted = try gradient(at: x) { try ($0.sorted() * weights).sum() }
    #expect(try values(sorted) == [8, 1, 2, 16, 32, 4])
    let top = try gradient(at: x) { x in
      try (x.topK(3).values * Tensor([1, 2, 4] as [Float], on: device)).sum()
    }
    #expect(try values(top) == [4, 0, 0, 1, 2, 0])
    let infinite = try Tensor([-Float.infinity, -.infinity, 1], on: device)
    #expect(try values(gradient(at: infinite) { try $0.cumulativeMax(0).sum() }) == [2, 0, 1])
    let broken = try Tensor([1, .nan, 5, .nan], on: device)
    #expect(try values(gradient(at: broken) { try $0.cumulativeMax(0).sum() }) == [1, 3, 0, 0])
  }

  @Test(arguments: TestDevices.all) func theLastUpdateHasTheGradient(_ device: Device) throws {
    let x = try Tensor([1, 2, 3, 4] as [Float], on: device)
    let updates = try Tensor([5, 6, 7, 8] as [Float], on: device)
    let places = try Tensor([2, 0, -2, 2], on: device)
    let weights = try Tensor([1, 2, 4, 8] as [Float], on: device)
    let replaced = try gradient(at: [x, updates]) {
      try ($0[0].scattering($0[1], at: places) * weights).sum()
    }
    #expect(try replaced.map(values) == [[0, 2, 0, 8], [0, 1, 0, 4]])
    let added = try gradient(at: [x, updates]) {
      try ($0[0].scatterAdding($0[1], at: places) * weights).sum()
    }
    #expect(try added.map(values) == [[1, 2, 4, 8], [4, 1, 4, 4]])
    // The updates alone are a variable, or the tensor alone.
    #expect(
      try values(gradient(at: updates) { try x.scattering($0, at: places).square().sum() })
        == [0, 12, 0, 16])
    #expect(
      try values(gradient(at: x) { try $0.scattering(updates, at: places).square().sum() })
        == [0, 4, 0, 8])
  }

  /// More updates than one launch takes.
  @Test(arguments: TestDevices.all) func manyUpdatesOfOnePlace(_ device: Device) throws {
    let count = 1 << 18 + 5
    let places = try Tensor([Int32](repeating: 1, count: count), shape: [count], on: device)
    let x = try Tensor([1, 2, 3] as [Float], on: device)
    let updates = try Tensor.ones([count], on: device)
    let added = try gradient(at: [x, updates]) {
      try ($0[0].scatterAdding($0[1], at: places) * 2).sum()
    }
    #expect(try values(added[0]) == [2, 2, 2])
    #expect(try values(added[1]).allSatisfy { $0 == 2 })
    let replaced = try gradient(at: updates) { try x.scattering($0, at: places).sum() }
    let slopes = try values(replaced)
    #expect(slopes.last == 1 && slopes.dropLast().allSatisfy { $0 == 0 })
    let taken = try gradient(at: x) { try $0.taking(places).sum() }
    #expect(try values(taken) == [0, Float(count), 0])
  }

  @Test(arguments: TestDevices.all) func secondDerivativesGoThroughIndices(
    _ device: Device
  ) throws {
    let x = try Tensor([3, 1, 2] as [Float], on: device)
    let places = try Tensor([2, 0, 2], on: device)
    func twice(_ f: (Tensor) throws -> Tensor) throws -> [Float] {
      try values(gradient(at: x) { x in try gradient(at: x) { try f($0) }.sum() })
    }
    // Σ y³ over what was taken: 6 x, as often as it was taken.
    let cube = { (y: Tensor) in try (y * y * y).sum() }
    #expect(try twice { try cube($0.taking(places)) } == [18, 0, 24])
    #expect(try twice { try cube($0.takingAlong(places, axis: 0)) } == [18, 0, 24])
    #expect(try twice { try cube($0.sorted()) } == [18, 6, 12])
    #expect(try twice { try cube($0.cumulativeMax(0)) } == [54, 0, 0])
    // Σ (Σ x)³ over beginnings, by each two elements of them.
    #expect(try twice { try cube($0.cumulativeSum(0)) } == [174, 156, 108])
    // (x₂, x₁, x₁): what is written comes of the variable as well.
    let swapped = try Tensor([0, 2, 2], on: device)
    #expect(
      try twice { x in
        try cube(x.scattering(x.taking(Tensor([2, 0, 1], on: device)), at: swapped))
      } == [0, 12, 12])
    // (x₀ + x₂, x₁, x₂ + x₀ + x₁)
    #expect(
      try twice { x in
        try cube(x.scatterAdding(x.taking(Tensor([2, 0, 1], on: device)), at: swapped))
      } == [168, 114, 168])
  }

  @Test(arguments: TestDevices.all) func narrowAndEmptyLines(_ device: Device) throws {
    for type in [ElementType.float16, .bfloat16] {
      let x = try Tensor([[1, 2, 3], [4, 5, 6]] as [[Float]], as: type, on: device)
      let places = try Tensor([UInt8(1), 1], on: device)
      func slope(_ f: (Tensor) throws -> Tensor) throws -> [Float] {
        let slope = try gradient(at: x) { try f($0).sum() }
        #expect(slope.elementType == type && slope.shape == [2, 3])
        return try values(slope.cast(to: .float32))
      }
      #expect(try slope { try $0.product(1) } == [6, 3, 2, 30, 24, 20])
      #expect(try slope { try $0.cumulativeSum(1) } == [3, 2, 1, 3, 2, 1])
      #expect(try slope { try $0.cumulativeProduct(1) } == [9, 4, 2, 36, 28, 20])
      #expect(try slope { try $0.cumulativeMax(1) } == [1, 1, 1, 1, 1, 1])
      #expect(try slope { try $0.taking(places, axis: 1) } == [0, 2, 0, 0, 2, 0])
      #expect(
        try slope { try $0.scattering($0, at: Tensor([1, 1], on: device)) } == [1, 1, 1, 1, 1, 1])
    }
    let none = try Tensor.zeros([2, 0], on: device)
    for f: (Tensor) throws -> Tensor in [
      { try $0.product(1) }, { try $0.product() }, { try $0.cumulativeSum(1) },
      { try $0.cumulativeProduct(1) }, { try $0.cumulativeMax(1) }, { try $0.cumulativeMax(0) },
      { try $0.sorted() }, { try $0.taking(Tensor([0, 1], on: device)) },
    ] {
      #expect(try gradient(at: none) { try f($0).sum() }.shape == [2, 0])
    }
    // No updates change nothing.
    let x = try Tensor([[1, 2], [3, 4]] as [[Float]], on: device)
    let nowhere = try Tensor([Int32](), shape: [0], on: device)
    let slopes = try gradient(at: [x, Tensor.zeros([0, 2], on: device)]) {
      try $0[0].scattering($0[1], at: nowhere).square().sum()
    }
    #expect(try values(slopes[0]) == [2, 4, 6, 8] && slopes[1].shape == [0, 2])
    #expect(try values(gradient(at: x) { try $0.taking(nowhere).sum() }) == [0, 0, 0, 0])
  }

  @Test(arguments: TestDevices.all, OperationTests.Route.allCases)
  func wrongIndicesReachReadersOfGradients(
    _ device: Device, _ route: OperationTests.Route
  ) throws {
    let x = try Tensor([[1, 2], [3, 4]] as [[Float]], on: device)
    let places = try Tensor([0, 2, 1], on: device)
    let (value, slope) = try route.run(on: device) {
      try valueWithGradient(at: x) { try $0.taking(places).square().sum() }
    }
    for tensor in [value, slope] {
      let error = #expect(throws: TensorError.self) { try values(tensor) }
      #expect(error?.code == .indexOutOfRange && error?.message.contains("index 2,") == true)
    }
  }
}
