import RealModule
import Swoop

// Along one axis: reductions beside the first ones, scans, indexing and sorting.

extension Reference {
  // MARK: Reductions

  /// γₙ|∏x| for a product of n, in any order (Higham, section 3.1).
  package static let multiplied: Function = { operands, options in
    let type = operands[0].type
    return reduce(operands[0], options, type.accumulated) { terms in
      product(terms, isWhole: type.isWhole)
    }
  }

  private static func product(_ terms: [Double], isWhole: Bool) -> Expected.Element {
    if isWhole {
      let total = terms.reduce(Int64(1)) { $0 &* Int64($1) }
      return Expected.Element(ElementType.int32.wrapped(total), bound: 0)
    }
    let exact = terms.reduce(1, *)
    return Expected.Element(exact, bound: gamma(terms.count) * abs(exact) + subnormalSlack)
  }

  package static let smallest: Function = { operands, options in
    reduce(operands[0], options, operands[0].type) { terms in
      Expected.Element(terms[firstSmallest(terms)], bound: 0)
    }
  }

  package static let indexOfSmallest: Function = { operands, options in
    reduce(operands[0], options, .int32) { terms in
      Expected.Element(Double(firstSmallest(terms)), bound: 0)
    }
  }

  private static func firstSmallest(_ terms: [Double]) -> Int {
    firstLargest(terms.map { -$0 })
  }

  package static let anyOf: Function = { operands, options in
    reduce(operands[0], options, .bool) { terms in
      Expected.Element(terms.contains { $0 != 0 } ? 1 : 0, bound: 0)
    }
  }

  package static let allOf: Function = { operands, options in
    reduce(operands[0], options, .bool) { terms in
      Expected.Element(terms.allSatisfy { $0 != 0 } ? 1 : 0, bound: 0)
    }
  }

  // MARK: Scans

  /// γₙ₋₁ Σ|x| for the n elements up to a place.
  package static let cumulativeSum: Function = { operands, options in
    let type = operands[0].type
    return scan(operands[0], options, type.accumulated) { terms in
      var (total, whole, magnitude) = (0.0, Int64(0), 0.0)
      return terms.enumerated().map { index, term in
        if type.isWhole {
          whole &+= Int64(term)
          return Expected.Element(ElementType.int32.wrapped(whole), bound: 0)
        }
        total += term
        magnitude += abs(term)
        let bound = magnitude.isFinite ? gamma(index) * magnitude : 0
        return Expected.Element(total, bound: bound + Double(index + 1) * subnormalSlack)
      }
    }
  }

  package static let cumulativeProduct: Function = { operands, options in
    let type = operands[0].type
    return scan(operands[0], options, type.accumulated) { terms in
      terms.indices.map { product(Array(terms[...$0]), isWhole: type.isWhole) }
    }
  }

  package static let cumulativeMax: Function = { operands, options in
    scan(operands[0], options, operands[0].type) { terms in
      var largest = -Double.infinity
      return terms.map { term in
        if term.isNaN || term > largest { largest = term }
        return Expected.Element(largest, bound: 0)
      }
    }
  }

  private static func scan(
    _ x: Exact, _ options: Options, _ type: ElementType,
    _ body: ([Double]) -> [Expected.Element]
  ) -> Expected {
    var elements = x.values.map { _ in Expected.Element(.nan, bound: 0) }
    for line in lines(x.shape, [axis(x.shape, options)]).lines {
      for (place, element) in zip(line, body(line.map { x.values[$0] })) {
        elements[place] = element.stored(as: type)
      }
    }
    return Expected(shape: x.shape, type: type, elements: elements)
  }

  // MARK: Indexing. Elements are as they are.

  package static let take: Function = { operands, options in
    let (x, indices) = (operands[0], operands[1])
    let axis = axis(x.shape, options)
    let shape = Array(x.shape[..<axis]) + indices.shape + x.shape[(axis + 1)...]
    let inner = x.shape[(axis + 1)...].reduce(1, *)
    let values = (0..<shape.reduce(1, *)).map { flat in
      let (line, column) = flat.quotientAndRemainder(dividingBy: inner)
      let (outer, position) = line.quotientAndRemainder(dividingBy: indices.values.count)
      let place = resolved(indices.values[position], x.shape[axis])
      return x.values[(outer * x.shape[axis] + place) * inner + column]
    }
    return exactly(values, shape, x.type)
  }

  package static let takeAlong: Function = { operands, options in
    let (x, indices) = (operands[0], operands[1])
    let axis = axis(x.shape, options)
    var values = indices.values
    let sources = lines(x.shape, [axis]).lines
    for (source, target) in zip(sources, lines(indices.shape, [axis]).lines) {
      for place in target {
        values[place] = x.values[source[resolved(indices.values[place], source.count)]]
      }
    }
    return exactly(values, indices.shape, x.type)
  }

  package static let oneHot: Function = { operands, options in
    let depth = options.words[0]
    let values = operands[0].values.flatMap { index in
      (0..<depth).map { $0 == resolved(index, depth) ? 1.0 : 0 }
    }
    return exactly(values, operands[0].shape + [depth], options.type ?? .float32)
  }

  /// The last update of a place counts.
  package static let scatter: Function = { operands, options in
    let x = operands[0]
    let values = updates(operands, options).enumerated().map { index, updates in
      updates.last ?? x.values[index]
    }
    return exactly(values, x.shape, x.type)
  }

  /// γₙ Σ|x| for an element and n updates, in any order.
  package static let scatterAdd: Function = { operands, options in
    let x = operands[0]
    let elements = updates(operands, options).enumerated().map { index, updates in
      let terms = [x.values[index]] + updates
      if x.type.isWhole {
        let total = terms.reduce(Int64(0)) { $0 &+ Int64($1) }
        return Expected.Element(x.type.wrapped(total), bound: 0)
      }
      return Expected.Element(
        terms.reduce(0, +), bound: accumulated(updates.count, terms.map(abs))
      ).stored(as: x.type)
    }
    return Expected(shape: x.shape, type: x.type, elements: elements)
  }

  /// For each element of the first operand its updates, in the order of the indices.
  private static func updates(_ operands: [Exact], _ options: Options) -> [[Double]] {
    let (x, updates, indices) = (operands[0], operands[1], operands[2])
    let axis = axis(x.shape, options)
    let inner = x.shape[(axis + 1)...].reduce(1, *)
    var result = [[Double]](repeating: [], count: x.values.count)
    for (flat, update) in updates.values.enumerated() {
      let (line, column) = flat.quotientAndRemainder(dividingBy: inner)
      let (outer, position) = line.quotientAndRemainder(dividingBy: indices.values.count)
      let place = resolved(indices.values[position], x.shape[axis])
      result[(outer * x.shape[axis] + place) * inner + column].append(update)
    }
    return result
  }

  private static func resolved(_ index: Double, _ size: Int) -> Int {
    index < 0 ? Int(index) + size : Int(index)
  }

  // MARK: Sorting

  /// Where each element of a sorted line comes from; `words[0]` 1 for descending order. NaN is
  /// last in both, and equal elements keep their order.
  package static let argsort: Function = { operands, options in
    let x = operands[0]
    let isDescending = options.words.first == 1
    var values = x.values
    for line in lines(x.shape, [axis(x.shape, options)]).lines {
      let order = line.indices.sorted { a, b in
        let (left, right) = (x.values[line[a]], x.values[line[b]])
        if left.isNaN || right.isNaN { return left.isNaN == right.isNaN ? a < b : right.isNaN }
        if left == right { return a < b }
        return isDescending ? left > right : left < right
      }
      for (place, source) in zip(line, order) { values[place] = Double(source) }
    }
    return exactly(values, x.shape, .int32)
  }

  /// How many elements of the first operand are less; with `words[0]` 1, or equal.
  package static let searchSorted: Function = { operands, options in
    let sorted = operands[0].values
    let includesEqual = options.words.first == 1
    let values = operands[1].values.map { value in
      Double(sorted.filter { includesEqual ? $0 <= value : $0 < value }.count)
    }
    return exactly(values, operands[1].shape, .int32)
  }

  private static func axis(_ shape: [Int], _ options: Options) -> Int {
    let axis = options.axis ?? -1
    return axis < 0 ? axis + shape.count : axis
  }

  private static func exactly(
    _ values: [Double], _ shape: [Int], _ type: ElementType
  ) -> Expected {
    Expected(shape: shape, type: type, elements: values.map { Expected.Element($0, bound: 0) })
  }
}
