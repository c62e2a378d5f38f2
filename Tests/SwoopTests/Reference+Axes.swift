import RealModule
import Swoop

// Operations over axes.

extension Reference {
  /// γₙ₋₁ Σ|x| for a sum of n, in any order (Higham, section 4.2).
  static let sum: Function = { operands, options in
    reduce(operands[0], options, operands[0].type) { terms in
      if operands[0].type == .int32 {
        let total = terms.reduce(Int64(0)) { $0 &+ Int64($1) }
        return Expected.Element(Double(Int32(truncatingIfNeeded: total)), bound: 0)
      }
      return Expected.Element(
        terms.reduce(0, +), bound: accumulated(terms.count - 1, terms.map(abs)))
    }
  }

  /// A sum and a division, for which Vulkan allows 2.5 units in the last place: five roundings
  /// at most.
  static let mean: Function = { operands, options in
    reduce(operands[0].asFloat32, options, .float32) { terms in
      let count = Double(terms.count)
      let bound = accumulated(terms.count + 4, terms.map(abs)) / count
      return Expected.Element(terms.reduce(0, +) / count, bound: bound + subnormalSlack)
    }
  }

  static let largest: Function = { operands, options in
    reduce(operands[0], options, operands[0].type) { terms in
      Expected.Element(terms[firstLargest(terms)], bound: 0)
    }
  }

  static let indexOfLargest: Function = { operands, options in
    reduce(operands[0], options, .int32) { terms in
      Expected.Element(Double(firstLargest(terms)), bound: 0)
    }
  }

  /// The first NaN if there is one, else the first of the largest.
  private static func firstLargest(_ terms: [Double]) -> Int {
    if let index = terms.firstIndex(where: \.isNaN) { return index }
    let largest = terms.reduce(-Double.infinity) { $1 > $0 ? $1 : $0 }
    return terms.firstIndex(of: largest) ?? 0
  }

  private static func accumulated(_ roundings: Int, _ magnitudes: [Double]) -> Double {
    let total = magnitudes.reduce(0, +)
    guard total.isFinite else { return 0 }
    return gamma(max(roundings, 0)) * total + Double(magnitudes.count) * subnormalSlack
  }

  private static func reduce(
    _ x: Exact, _ options: Options, _ type: ElementType,
    _ body: ([Double]) -> Expected.Element
  ) -> Expected {
    let axes = options.normalizedAxes(x.shape.count)
    let kept = x.shape.indices.filter { !axes.contains($0) }
    let inner = kept.map { x.shape[$0] }
    let count = inner.reduce(1, *)
    var terms = [[Double]](repeating: [], count: count)
    for flat in x.values.indices {
      let place = coordinates(flat, in: x.shape)
      terms[flatIndex(kept.map { place[$0] }, in: inner)].append(x.values[flat])
    }
    let shape =
      options.isKeeping ? x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] } : inner
    return Expected(shape: shape, type: type, elements: terms.map(body))
  }

  /// exp(xᵢ - m) / S, whose parts are off by, relative to themselves:
  /// - the argument t = xᵢ - m by one rounding, hence exp by u|t| more than its own error of
  ///   (3 + 2|t|) units, which are 2u each at most;
  /// - S by the errors of its terms, weighted, and γₙ₋₁ for adding them;
  /// - the quotient by 2.5 units, or a reciprocal of that error and a product: 6u.
  static let softmax: Function = { operands, options in
    let x = operands[0].asFloat32
    let axis = options.normalizedAxes(x.shape.count)[0]
    var rows: [[Int]: [Int]] = [:]
    for flat in x.values.indices {
      var place = coordinates(flat, in: x.shape)
      place[axis] = 0
      rows[place, default: []].append(flat)
    }
    var elements = x.values.map { _ in Expected.Element(.nan, bound: 0) }
    for row in rows.values {
      let largest = row.reduce(-Double.infinity) { x.values[$1] > $0 ? x.values[$1] : $0 }
      let hasNaN = row.contains { x.values[$0].isNaN }
      // inf - inf has no value, and neither has a sum that holds it.
      if hasNaN || largest.isInfinite { continue }
      let arguments = row.map { x.values[$0] - largest }
      let terms = arguments.map { Double.exp($0) }
      let sum = terms.reduce(0, +)
      let errors = arguments.map { argument in
        argument.isFinite ? 2 * u * (3 + 2 * abs(argument)) + u * abs(argument) : 0
      }
      let weighted = zip(terms, errors).reduce(0) { $0 + $1.0 * $1.1 } / sum
      let sumError = weighted + gamma(row.count - 1) + Double(row.count) * subnormalSlack
      for (index, flat) in row.enumerated() {
        let y = terms[index] / sum
        let relative = (1 + errors[index]) * (1 + 6 * u) / (1 - sumError) - 1
        elements[flat] = Expected.Element(y, bound: y * relative + 2 * subnormalSlack)
      }
    }
    return Expected(shape: x.shape, type: .float32, elements: elements)
  }
}
