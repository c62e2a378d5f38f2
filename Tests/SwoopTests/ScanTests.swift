import Swoop
import Testing

/// Cumulative sums, products and maxima.
@Suite struct ScanTests {
  private static func forEachCase(
    _ body: (_ x: Lattice, _ axis: Int, _ isView: Bool) throws -> Void
  ) rethrows {
    for (index, (shape, axis)) in Lattice.shapes.enumerated() {
      for isView in [false, true] where !isView || shape.count > 1 {
        try body(Lattice(shape, seed: UInt64(index + 1)), axis, isView)
      }
    }
  }

  @Test(arguments: TestDevices.all) func sumsAreWithinTheirBound(_ device: Device) throws {
    try Self.forEachCase { x, axis, isView in
      let result = try x.tensor(on: device, isView: isView).cumulativeSum(axis)
      #expect(Array(result.shape) == x.shape)
      let values = try result.blockingArray(as: Float.self)
      for line in Lattice.lines(x.shape, axis) {
        var (sum, magnitude) = (0.0, 0.0)
        for (count, place) in line.enumerated() {
          sum += Double(x.values[place])
          magnitude += abs(Double(x.values[place]))
          let error = abs(Double(values[place]) - sum)
          #expect(error <= gamma32(count) * magnitude, "\(x.shape) along \(axis), \(isView)")
        }
      }
    }
  }

  @Test(arguments: TestDevices.all) func integersWrapAround(_ device: Device) throws {
    try Self.forEachCase { x, axis, isView in
      let tensor = try (x.tensor(on: device, isView: isView) * 1e8).cast(to: .int32)
      let operand = try tensor.blockingArray(as: Int32.self)
      let sums = try tensor.cumulativeSum(axis).blockingArray(as: Int32.self)
      let products = try (tensor | 1).cumulativeProduct(axis).blockingArray(as: Int32.self)
      let maxima = try tensor.cumulativeMax(axis).blockingArray(as: Int32.self)
      for line in Lattice.lines(x.shape, axis) {
        var (sum, product, largest) = (Int32(0), Int32(1), Int32.min)
        for place in line {
          sum &+= operand[place]
          product &*= operand[place] | 1
          largest = max(largest, operand[place])
          #expect(sums[place] == sum && products[place] == product && maxima[place] == largest)
        }
      }
    }
  }

  @Test(arguments: TestDevices.all) func productsAreWithinTheirBound(_ device: Device) throws {
    let values = (0..<3000).map { 1 + Float($0 % 7 - 3) / 64 }
    for (shape, axis) in [([3000], 0), ([3, 1000], 1), ([100, 30], 0)] {
      let x = Lattice(shape, values)
      let result = try x.tensor(on: device).cumulativeProduct(axis).blockingArray(as: Float.self)
      for line in Lattice.lines(shape, axis) {
        var product = 1.0
        for (count, place) in line.enumerated() {
          product *= Double(values[place])
          #expect(abs(Double(result[place]) - product) <= gamma32(count + 1) * product)
        }
      }
    }
  }

  @Test(arguments: TestDevices.all) func maximaPassNaNOn(_ device: Device) throws {
    for (index, (shape, axis)) in Lattice.shapes.enumerated() {
      let x = Lattice(shape, seed: UInt64(index + 1), special: true)
      let result = try x.tensor(on: device, isView: true).cumulativeMax(axis)
      let values = try result.blockingArray(as: Float.self)
      for line in Lattice.lines(shape, axis) {
        var largest = -Float.infinity
        for place in line {
          if x.values[place].isNaN || x.values[place] > largest { largest = x.values[place] }
          if largest.isNaN { largest = .nan }
          #expect(values[place].key == largest.key, "\(shape) along \(axis)")
          if largest.isNaN { break }
        }
      }
    }
  }

  /// A line long enough to be shared on a software driver too, whose sums are whole numbers.
  @Test(arguments: TestDevices.all) func longLinesAreExactOnWholeNumbers(_ device: Device) throws {
    let count = 70_003
    let x = (0..<2 * count).map { Float($0 % 13 - 6) }
    let result = try Tensor(x, shape: [2, count], on: device).cumulativeSum(-1)
      .blockingArray(as: Float.self)
    for row in 0..<2 {
      var sum: Float = 0
      let wrong = (0..<count).first { place in
        sum += x[row * count + place]
        return result[row * count + place] != sum
      }
      #expect(wrong == nil)
    }
  }

  @Test func wrongAxesAreErrors() throws {
    let x = try Tensor.ones([2, 3], on: .cpu)
    #expect(throws: TensorError.self) { try x.cumulativeSum(2) }
    #expect(throws: TensorError.self) { try Tensor.ones([], on: .cpu).cumulativeMax(0) }
  }
}
