import Swoop

/// The numbers of one operand as the reference sees them: the values that its elements really
/// have, in row-major order.
package struct Exact: Sendable {
  package let shape: [Int]
  package let values: [Double]
  package let type: ElementType

  package init(shape: [Int], values: [Double], type: ElementType) {
    (self.shape, self.values, self.type) = (shape, values, type)
  }

  /// As functions take it that need fractions: whole numbers as float32.
  package var asFloats: Exact {
    if !type.isWhole { return self }
    let type = ElementType.float32
    return Exact(shape: shape, values: values.map(type.rounded), type: type)
  }

  /// With subnormal numbers replaced by zero, as Vulkan allows.
  package var flushed: Exact {
    if !hasSubnormals { return self }
    let least = type.smallestNormal
    let flushed = values.map { abs($0) < least ? ($0.sign == .minus ? -0.0 : 0) : $0 }
    return Exact(shape: shape, values: flushed, type: type)
  }

  package var hasSubnormals: Bool {
    let least = type.smallestNormal
    return values.contains { $0 != 0 && abs($0) < least }
  }

  /// Where the elements of a tensor of `target` shape are found after broadcasting to it.
  package func sources(broadcastTo target: [Int]) -> [Int] {
    if shape == target { return Array(0..<target.reduce(1, *)) }
    // The axes from the last: size, and the step in the operand, 0 where it is stretched.
    var axes: [(size: Int, step: Int)] = []
    var step = 1
    for back in target.indices.map({ $0 + 1 }) {
      let own = back <= shape.count ? shape[shape.count - back] : 1
      axes.append((target[target.count - back], own > 1 ? step : 0))
      step *= own
    }
    return (0..<target.reduce(1, *)).map { flat in
      var rest = flat
      var source = 0
      for axis in axes {
        source += rest % axis.size * axis.step
        rest /= axis.size
      }
      return source
    }
  }
}

/// NumPy's rule, for shapes that fit.
package func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int] {
  let rank = max(a.count, b.count)
  let left = [Int](repeating: 1, count: rank - a.count) + a
  let right = [Int](repeating: 1, count: rank - b.count) + b
  return zip(left, right).map { $0 == 1 ? $1 : $0 }
}

/// Row-major coordinates of a flat index, and back.
package func coordinates(_ flat: Int, in shape: [Int]) -> [Int] {
  var rest = flat
  var result = [Int](repeating: 0, count: shape.count)
  for axis in shape.indices.reversed() {
    result[axis] = rest % shape[axis]
    rest /= shape[axis]
  }
  return result
}

package func flatIndex(_ coordinates: [Int], in shape: [Int]) -> Int {
  zip(coordinates, shape).reduce(0) { $0 * $1.1 + $1.0 }
}
