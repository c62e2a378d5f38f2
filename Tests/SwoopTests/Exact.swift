import Swoop

/// The numbers of one operand as the reference sees them: the values that the float32 or int32
/// elements really have, in row-major order.
struct Exact: Sendable {
  let shape: [Int]
  let values: [Double]
  let type: ElementType

  /// The value that the number has as a float32, which is what int32 elements are taken as where
  /// a function needs one.
  var asFloat32: Exact {
    if type == .float32 { return self }
    return Exact(shape: shape, values: values.map { Double(Float($0)) }, type: .float32)
  }

  /// With subnormal numbers replaced by zero, as Vulkan allows.
  var flushed: Exact {
    if type == .int32 { return self }
    let flushed = values.map { abs($0) < 0x1p-126 ? ($0.sign == .minus ? -0.0 : 0) : $0 }
    return Exact(shape: shape, values: flushed, type: type)
  }

  var hasSubnormals: Bool {
    type == .float32 && values.contains { $0 != 0 && abs($0) < 0x1p-126 }
  }

  /// Where the elements of a tensor of `target` shape are found after broadcasting to it.
  func sources(broadcastTo target: [Int]) -> [Int] {
    (0..<target.reduce(1, *)).map { flat in
      var rest = flat
      var source = 0
      var step = 1
      for back in 1...max(target.count, 1) where back <= target.count {
        let size = target[target.count - back]
        let coordinate = rest % size
        rest /= size
        guard back <= shape.count else { continue }
        let own = shape[shape.count - back]
        if own > 1 { source += coordinate * step }
        step *= own
      }
      return source
    }
  }
}

/// NumPy's rule, for shapes that fit.
func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int] {
  let rank = max(a.count, b.count)
  let left = [Int](repeating: 1, count: rank - a.count) + a
  let right = [Int](repeating: 1, count: rank - b.count) + b
  return zip(left, right).map { $0 == 1 ? $1 : $0 }
}

/// Row-major coordinates of a flat index, and back.
func coordinates(_ flat: Int, in shape: [Int]) -> [Int] {
  var rest = flat
  var result = [Int](repeating: 0, count: shape.count)
  for axis in shape.indices.reversed() {
    result[axis] = rest % shape[axis]
    rest /= shape[axis]
  }
  return result
}

func flatIndex(_ coordinates: [Int], in shape: [Int]) -> Int {
  zip(coordinates, shape).reduce(0) { $0 * $1.1 + $1.0 }
}
