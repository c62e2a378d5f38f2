/// A vector of numbers with bounds.
struct BoundedVector: Sendable {
  let elements: [Bounded]

  private init(_ elements: [Bounded]) { self.elements = elements }

  /// Float32 numbers as they are.
  init(exact: [Float]) { elements = exact.map { Bounded($0) } }

  /// x · weight + bias of exact operands: [K], [K, N] and [N] or none give [N].
  init(_ x: [Float], _ weight: HostArray, bias: HostArray? = nil) {
    let columns = weight.shape[1]
    var sums = bias?.elements.map(Double.init) ?? [Double](repeating: 0, count: columns)
    var magnitudes = sums.map { abs($0) }
    for (row, factor) in x.enumerated() {
      let factor = Double(factor)
      for column in 0..<columns {
        let term = factor * Double(weight.elements[row * columns + column])
        sums[column] += term
        magnitudes[column] += abs(term)
      }
    }
    elements = zip(sums, magnitudes).map { sum, magnitude in
      Bounded(sum: sum, magnitude: magnitude, count: x.count + 1)
    }
  }

  static func + (a: BoundedVector, b: BoundedVector) -> BoundedVector {
    BoundedVector(zip(a.elements, b.elements).map { $0 + $1 })
  }

  static func * (a: BoundedVector, b: BoundedVector) -> BoundedVector {
    BoundedVector(zip(a.elements, b.elements).map { $0 * $1 })
  }

  func tanh() -> BoundedVector { BoundedVector(elements.map { $0.tanh() }) }

  func sigmoid() -> BoundedVector { BoundedVector(elements.map { $0.sigmoid() }) }

  /// exp(x - m) / Σ exp(x - m). The result does not depend on m; so m itself has no error.
  func softmax() -> BoundedVector {
    let largest = Bounded(Float(elements.map(\.value).max() ?? 0))
    let powers = elements.map { ($0 - largest).exp() }
    let sum = powers.reduce(0) { $0 + $1.value }
    let total = Bounded(
      sum: sum, magnitude: sum, count: powers.count,
      propagated: powers.reduce(0) { $0 + $1.error })
    return BoundedVector(powers.map { $0 / total })
  }
}
