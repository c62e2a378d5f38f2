import Swoop

/// Elements on the host, with the lines along an axis: for tests of functions along one.
struct Lattice {
  var shape: [Int]
  var values: [Float]

  init(_ shape: [Int], _ values: [Float]) {
    (self.shape, self.values) = (shape, values)
  }

  /// Small numbers with many ties; a NaN, infinities and both zeros among them if asked.
  init(_ shape: [Int], seed: UInt64, special: Bool = false) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    let specials: [Float] = [.nan, .infinity, -.infinity, 0, -0.0, .leastNormalMagnitude]
    self.shape = shape
    values = (0..<shape.reduce(1, *)).map { _ in
      if special, next() % 5 == 0 { return specials[Int(next() % 6)] }
      return Float(Int(next() % 41) - 20) / 8
    }
  }

  /// Where the elements of each line along the axis lie; lines in row-major order.
  static func lines(_ shape: [Int], _ axis: Int) -> [[Int]] {
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    return (0..<outer).flatMap { o in
      (0..<inner).map { i in (0..<shape[axis]).map { (o * shape[axis] + $0) * inner + i } }
    }
  }

  /// The tensor, stored in another order of the axes if it is to be a view.
  func tensor(on device: Device, as type: ElementType = .float32, isView: Bool = false) throws
    -> Tensor
  {
    let tensor = try Tensor(values, shape: Shape(shape), on: device).cast(to: type)
    guard isView, shape.count > 1 else { return tensor }
    let stored = try tensor.transposed() * 1
    return try stored.cast(to: type).transposed()
  }

  static let shapes: [(shape: [Int], axis: Int)] = [
    ([1], 0), ([7], 0), ([32], 0), ([33], 0), ([64], 0), ([65], 0), ([1000], 0), ([5, 9], 0),
    ([5, 9], 1), ([3, 70, 4], 1), ([2, 3, 5], 2), ([2, 0, 3], 1), ([2, 0, 3], 0), ([300, 3], 0),
    ([3, 2100], 1),
  ]
}

extension Float {
  /// The same for every NaN and both zeros.
  var key: UInt32 { isNaN ? 0x7FC0_0000 : self == 0 ? 0 : bitPattern }
}

/// γₙ for n roundings of float32.
func gamma32(_ n: Int) -> Double {
  let product = Double(n) * 0x1p-24
  return product / (1 - product)
}
