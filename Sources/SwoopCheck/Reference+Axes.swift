import RealModule
import Swoop

// Operations over axes.

extension Reference {
  /// γₙ₋₁ Σ|x| for a sum of n, in any order (Higham, section 4.2).
  package static let sum: Function = { operands, options in
    let type = operands[0].type.accumulated
    return reduce(operands[0], options, type) { terms in
      if type.isWhole {
        let total = terms.reduce(Int64(0)) { $0 &+ Int64($1) }
        return Expected.Element(type.wrapped(total), bound: 0)
      }
      return Expected.Element(
        terms.reduce(0, +), bound: accumulated(terms.count - 1, terms.map(abs)))
    }
  }

  /// A sum and a division, for which Vulkan allows 2.5 units in the last place: five roundings
  /// at most.
  package static let mean: Function = { operands, options in
    let x = operands[0].asFloats
    return reduce(x, options, x.type) { terms in
      let count = Double(terms.count)
      let bound = accumulated(terms.count + 4, terms.map(abs)) / count
      return Expected.Element(terms.reduce(0, +) / count, bound: bound + subnormalSlack)
    }
  }

  package static let largest: Function = { operands, options in
    reduce(operands[0], options, operands[0].type) { terms in
      Expected.Element(terms[firstLargest(terms)], bound: 0)
    }
  }

  package static let indexOfLargest: Function = { operands, options in
    reduce(operands[0], options, .int32) { terms in
      Expected.Element(Double(firstLargest(terms)), bound: 0)
    }
  }

  /// The first NaN if there is one, else the first of the largest.
  static func firstLargest(_ terms: [Double]) -> Int {
    if let index = terms.firstIndex(where: \.isNaN) { return index }
    let largest = terms.reduce(-Double.infinity) { $1 > $0 ? $1 : $0 }
    return terms.firstIndex(of: largest) ?? 0
  }

  /// γₙ for so many roundings, of a sum of these magnitudes.
  static func accumulated(_ roundings: Int, _ magnitudes: [Double]) -> Double {
    let total = magnitudes.reduce(0, +)
    guard total.isFinite else { return 0 }
    return gamma(max(roundings, 0)) * total + Double(magnitudes.count) * subnormalSlack
  }

  /// Each result of the elements along the axes, in row-major order; computed in float32 and
  /// stored as the type.
  static func reduce(
    _ x: Exact, _ options: Options, _ type: ElementType,
    _ body: ([Double]) -> Expected.Element
  ) -> Expected {
    let axes = options.normalizedAxes(x.shape.count)
    let (lines, inner) = lines(x.shape, axes)
    let shape =
      options.isKeeping ? x.shape.indices.map { axes.contains($0) ? 1 : x.shape[$0] } : inner
    return Expected(
      shape: shape, type: type,
      elements: lines.map { line in body(line.map { x.values[$0] }).stored(as: type) })
  }

  /// Where the elements lie that each result of a reduction is made of, and the shape that the
  /// results have without the axes.
  package static func lines(_ shape: [Int], _ axes: [Int]) -> (lines: [[Int]], shape: [Int]) {
    let kept = shape.indices.filter { !axes.contains($0) }
    let inner = kept.map { shape[$0] }
    let count = inner.reduce(1, *)
    let length = axes.reduce(1) { $0 * shape[$1] }
    var lines = [[Int]](repeating: [], count: count)
    for index in lines.indices { lines[index].reserveCapacity(length) }
    // The step in the results of one step along each axis.
    var steps = [Int](repeating: 0, count: shape.count)
    var step = 1
    for axis in kept.reversed() {
      steps[axis] = step
      step *= shape[axis]
    }
    for flat in 0..<shape.reduce(1, *) {
      var rest = flat
      var line = 0
      for axis in shape.indices.reversed() {
        line += rest % shape[axis] * steps[axis]
        rest /= shape[axis]
      }
      lines[line].append(flat)
    }
    return (lines, inner)
  }

  /// exp(xᵢ - m) / S, whose parts are off by, relative to themselves:
  /// - the argument t = xᵢ - m by one rounding, hence exp by u|t| more than its own error of
  ///   (3 + 2|t|) units, which are 2u each at most;
  /// - S by the errors of its terms, weighted, and γₙ₋₁ for adding them;
  /// - the quotient by 2.5 units, or a reciprocal of that error and a product: 6u.
  package static let softmax: Function = { operands, options in
    let x = operands[0].asFloats
    let axis = options.normalizedAxes(x.shape.count)[0]
    var elements = x.values.map { _ in Expected.Element(.nan, bound: 0) }
    for row in lines(x.shape, [axis]).lines where !row.isEmpty {
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
          .stored(as: x.type)
      }
    }
    return Expected(shape: x.shape, type: x.type, elements: elements)
  }
}
