import Swoop

// Matrix products.

extension Reference {
  /// γₖ Σ|a||b|: every term passes through k roundings at most, of its product and of the
  /// additions after it (Higham, section 3.5). A bias is one addition more; relu only shrinks
  /// distances.
  package static let product: Function = { operands, options in
    let (a, b) = (operands[0], operands[1])
    let bias = operands.count > 2 ? operands[2] : nil
    // A vector is one row on the left, one column on the right.
    let left = a.shape.count == 1 ? [1] + a.shape : a.shape
    let right = b.shape.count == 1 ? b.shape + [1] : b.shape
    let (m, k, n) = (left[left.count - 2], left[left.count - 1], right[right.count - 1])
    let leading = broadcastShape(Array(left.dropLast(2)), Array(right.dropLast(2)))

    func matrices(_ shape: [Int]) -> [Int] {
      let own = Array(shape.dropLast(2))
      let numbers = Exact(shape: own, values: [], type: .float32)
      return numbers.sources(broadcastTo: leading)
    }
    var elements: [Expected.Element] = []
    for (leftMatrix, rightMatrix) in zip(matrices(left), matrices(right)) {
      let (startA, startB) = (leftMatrix * m * k, rightMatrix * k * n)
      for row in 0..<m {
        for column in 0..<n {
          let first = (0..<k).map { a.values[startA + row * k + $0] }
          let second = (0..<k).map { b.values[startB + $0 * n + column] }
          let added = bias?.values[column]
          let element =
            a.type.isWhole
            ? wrapping(first, second, added, a.type) : rounding(first, second, added)
          elements.append(activated(element, options.activation).stored(as: a.type))
        }
      }
    }
    let shape =
      leading + (a.shape.count > 1 ? [m] : []) + (b.shape.count > 1 ? [n] : [])
    return Expected(shape: shape, type: a.type, elements: elements)
  }

  private static func wrapping(
    _ a: [Double], _ b: [Double], _ bias: Double?, _ type: ElementType
  ) -> Expected.Element {
    let start = Int64(bias ?? 0)
    let total = zip(a, b).reduce(start) { $0 &+ Int64($1.0) &* Int64($1.1) }
    return Expected.Element(type.wrapped(total), bound: 0)
  }

  private static func rounding(
    _ a: [Double], _ b: [Double], _ bias: Double?
  ) -> Expected.Element {
    var total = bias ?? 0
    var magnitude = abs(bias ?? 0)
    for (x, y) in zip(a, b) {
      total += x * y
      magnitude += abs(x * y)
    }
    let roundings = a.count + (bias == nil ? 0 : 1)
    guard magnitude.isFinite else { return Expected.Element(total, bound: 0) }
    let slack = Double(2 * roundings + 1) * subnormalSlack
    return Expected.Element(total, bound: gamma(roundings) * magnitude + slack)
  }

  private static func activated(
    _ element: Expected.Element, _ activation: Activation
  ) -> Expected.Element {
    switch activation {
    case .none: element
    // NaN stays NaN.
    case .relu: Expected.Element(element.value < 0 ? 0 : element.value, bound: element.bound)
    }
  }
}
