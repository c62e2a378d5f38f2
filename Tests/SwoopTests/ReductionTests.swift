import RealModule
import Swoop
import Testing

/// Reductions beside sum, mean and max.
@Suite struct ReductionTests {
  private static let shapes: [([Int], [Int])] = [
    ([1], [0]), ([7], [0]), ([300], [0]), ([5, 9], [1]), ([3, 70, 4], [1]), ([65, 129], [0]),
    ([4, 0, 3], [2]), ([2, 3, 4, 5], [2]),
  ]

  /// Calls `body` with each result and the elements it is made of.
  private static func check(
    _ device: Device, special: Bool = false, _ function: (Tensor, Int) throws -> Tensor,
    _ body: ([Double], Double) -> Void
  ) throws {
    for (number, (shape, axes)) in shapes.enumerated() {
      for isView in [false, true] {
        let x = Lattice(shape, seed: UInt64(number + 1), special: special)
        let result = try function(x.tensor(on: device, isView: isView), axes[0])
        var sizes = shape
        sizes.remove(at: axes[0])
        #expect(Array(result.shape) == sizes)
        let values = try result.cast(to: .float32).blockingArray(as: Float.self)
        for (index, line) in Lattice.lines(shape, axes[0]).enumerated() {
          body(line.map { Double(x.values[$0]) }, Double(values[index]))
        }
      }
    }
  }

  @Test(arguments: TestDevices.all) func theSmallestIsExact(_ device: Device) throws {
    try Self.check(
      device, special: true, { try $0.min($1) },
      { terms, result in
        let smallest = terms.contains(where: \.isNaN) ? Double.nan : terms.min() ?? 0
        #expect(smallest.isNaN ? result.isNaN : result == smallest)
      })
    try Self.check(
      device, special: true, { try $0.argmin($1) },
      { terms, result in
        let index =
          terms.firstIndex(where: \.isNaN) ?? terms.firstIndex(of: terms.min() ?? 0) ?? 0
        #expect(result == Double(index))
      })
  }

  @Test(arguments: TestDevices.all) func anyAndAllAreLogic(_ device: Device) throws {
    for threshold in [Float(-2.4), 0, 2.4] {
      try Self.check(
        device, { try ($0 .> threshold).any($1) },
        { terms, result in
          #expect(result == (terms.contains { $0 > Double(threshold) } ? 1 : 0))
        })
      try Self.check(
        device, { try ($0 .> threshold).all($1) },
        { terms, result in
          #expect(result == (terms.allSatisfy { $0 > Double(threshold) } ? 1 : 0))
        })
    }
    try Self.check(
      device, special: true, { try $0.any($1) },
      { terms, result in
        #expect(result == (terms.contains { $0 != 0 } ? 1 : 0))
      })
    try Self.check(
      device, special: true, { try $0.all($1) },
      { terms, result in
        #expect(result == (terms.allSatisfy { $0 != 0 } ? 1 : 0))
      })
    let nothing = try Tensor.zeros([2, 0], on: device)
    #expect(try nothing.any(1).blockingArray(as: Bool.self) == [false, false])
    #expect(try nothing.all(1).blockingArray(as: Bool.self) == [true, true])
  }

  @Test(arguments: TestDevices.all) func productsAreWithinTheirBound(_ device: Device) throws {
    try Self.check(
      device, { try ($0 / 64 + 1).product($1) },
      { terms, result in
        // The quotient by a power of two is exact, the sum of these eighths of 64ths too.
        let exact = terms.reduce(1.0) { $0 * ($1 / 64 + 1) }
        #expect(abs(result - exact) <= gamma32(terms.count) * exact)
      })
    let nothing = try Tensor.zeros([0], on: device).product()
    #expect(try nothing.blockingArray(as: Float.self) == [1])
    let integers = try Tensor((1...20).map { Int32($0) }, shape: [20], on: device)
    let wrapped = (1...20).reduce(Int32(1)) { $0 &* Int32($1) }
    #expect(try integers.product().blockingArray(as: Int32.self) == [wrapped])
  }

  @Test(arguments: TestDevices.all) func varianceIsWithinItsBound(_ device: Device) throws {
    for (shift, correction) in [(Float(0), 0), (100, 0), (100, 1)] {
      try Self.check(
        device, { try ($0 + shift).variance($1, correction: $0.shape[$1] > 1 ? correction : 0) },
        {
          terms, result in
          let count = terms.count
          let mean = terms.reduce(0, +) / Double(count)
          let sum = terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
          let exact = sum / Double(count - (count > 1 ? correction : 0))
          // The deviations are of a mean that is off by γₙ₊₄ of the mean magnitude, and are rounded
          // relative to themselves; eight roundings beside those of the sum.
          let magnitude = terms.reduce(0) { $0 + abs($1 + Double(shift)) } / Double(count)
          let offset = gamma32(count + 5) * magnitude
          let bound = gamma32(count + 8) * exact + 4 * offset * offset
          #expect(abs(result - exact) <= bound, "\(count), \(shift)")
        })
    }
    let x = try Tensor([[1, 2, 4], [3, 3, 3]], as: .int32, on: device)
    let deviation = try x.standardDeviation(1, correction: 1, keepingDimensions: true)
    #expect(deviation.shape == [2, 1])
    let values = try deviation.blockingArray(as: Float.self)
    #expect(abs(Double(values[0]) - (7.0 / 3).squareRoot()) < 1e-6 && values[1] == 0)
    #expect(throws: TensorError.self) { try x.variance(0, correction: 2) }
    #expect(throws: TensorError.self) { try x.variance(0, correction: -1) }
    #expect(throws: TensorError.self) { try Tensor.zeros([0], on: device).variance() }
  }

  @Test(arguments: TestDevices.all) func normsAreWithinTheirBounds(_ device: Device) throws {
    for order in Tensor.Norm.allCases {
      try Self.check(
        device, { try $0.norm(order, $1) },
        { terms, result in
          let magnitudes = terms.map(abs)
          switch order {
          case .l1:
            let exact = magnitudes.reduce(0, +)
            #expect(abs(result - exact) <= gamma32(terms.count) * exact)
          case .l2:
            let exact = magnitudes.reduce(0) { $0 + $1 * $1 }.squareRoot()
            // Half of the sum's and the squares', and five units for the root.
            #expect(abs(result - exact) <= gamma32(terms.count / 2 + 12) * exact)
          case .infinity: #expect(result == magnitudes.max() ?? 0)
          }
        })
    }
    let halves = try Tensor([Float(300), 400], shape: [2], on: device).cast(to: .float16)
    #expect(try halves.norm().cast(to: .float32).blockingArray(as: Float.self) == [500])
    #expect(try Tensor.zeros([0], on: device).norm(.infinity).blockingArray(as: Float.self) == [0])
  }

  @Test(arguments: TestDevices.all) func logSumExpDoesNotOverflow(_ device: Device) throws {
    for scale in [Float(1), 100] {
      try Self.check(
        device, { try ($0 * scale).logSumExp($1) },
        { terms, result in
          let scaled = terms.map { $0 * Double(scale) }
          let largest = scaled.max() ?? 0
          let arguments = scaled.map { $0 - largest }
          let parts = arguments.map { Double.exp($0) }
          let sum = parts.reduce(0, +)
          let exact = largest + .log(sum)
          var relative = gamma32(terms.count)
          for (part, argument) in zip(parts, arguments) {
            relative += part / sum * 0x1p-23 * (4 + 3 * abs(argument))
          }
          let bound =
            relative * 1.01 + max(0x1p-21, 3 * 0x1p-23 * Double.log(sum)) + 0x1p-24 * abs(exact)
          #expect(abs(result - exact) <= bound)
        })
    }
    let infinity = Float.infinity
    let elements: [Float] = [-infinity, -infinity, infinity, 1, .nan, 1, -infinity, 3]
    let edges = try Tensor(elements, shape: [4, 2], on: device)
    let values = try edges.logSumExp(1).blockingArray(as: Float.self)
    #expect(values[0] == -infinity && values[1] == infinity && values[2].isNaN && values[3] == 3)
    #expect(
      try Tensor.zeros([0], on: device).logSumExp().blockingArray(as: Float.self) == [-infinity])
  }

  /// Long reductions are done in blocks, whatever the layout.
  @Test(arguments: TestDevices.all) func longReductionsAreRight(_ device: Device) throws {
    let (rows, columns) = (512, 513)
    let x = Lattice([rows, columns], (0..<rows * columns).map { Float($0 % 17 - 8) })
    let exact = x.values.reduce(0) { $0 + Double($1) }
    for isView in [false, true] {
      let tensor = try x.tensor(on: device, isView: isView)
      // Whole numbers: every order gives the same.
      #expect(try tensor.sum().blockingArray(as: Float.self) == [Float(exact)])
      #expect(try tensor.max(keepingDimensions: true).blockingArray(as: Float.self) == [8])
      #expect(try tensor.min().blockingArray(as: Float.self) == [-8])
      let mean = try tensor.mean().blockingArray(as: Float.self)[0]
      let magnitude = x.values.reduce(0) { $0 + abs(Double($1)) } / Double(x.values.count)
      let count = x.values.count
      #expect(abs(Double(mean) - exact / Double(count)) <= gamma32(count) * magnitude)
      #expect(try tensor.any().blockingArray(as: Bool.self) == [true])
      #expect(try tensor.all().blockingArray(as: Bool.self) == [false])
      #expect(try tensor.sum(keepingDimensions: true).shape == [1, 1])
    }
    let stacked = try Tensor.ones([3, 1 << 17], on: device).sum(1)
    #expect(try stacked.blockingArray(as: Float.self) == [131_072, 131_072, 131_072])
  }
}
