import RealModule
import Swoop
import SwoopCheck

// What elements are moved by, and functions that are made of several operations.

extension Bounded {
  /// Operations that move elements, by moving the elements' numbers: 0 is a constant zero, the
  /// first element has number 1.
  static func moved(
    _ operation: TensorOperation, _ operands: [Bounded], _ options: Reference.Options
  ) -> Bounded {
    if operation == .oneHot { return hot(operands[0], options) }
    let indexed: [TensorOperation: Int] = [.take: 1, .takeAlong: 1, .scatter: 2]
    let count = indexed[operation] ?? operands.count
    var numbered: [Exact] = []
    var (values, bounds) = ([0.0], [0.0])
    for operand in operands[..<count] {
      let numbers = operand.values.indices.map { Double($0 + values.count) }
      numbered.append(Exact(shape: operand.shape, values: numbers, type: .float32))
      values += operand.values
      bounds += operand.bounds
    }
    let moved = reference(operation, numbered + operands[count...].map(\.centre), options)
    let sources = moved.elements.map { Int($0.value) }
    return Bounded(
      moved.shape, operands[0].type, sources.map { values[$0] }, sources.map { bounds[$0] })
  }

  /// Known where the index is.
  private static func hot(_ x: Bounded, _ options: Reference.Options) -> Bounded {
    let middle = reference(.oneHot, [x.centre], options)
    var result = Bounded(
      middle.shape, middle.type, middle.elements.map(\.value), middle.elements.map { _ in 0 })
    for flat in result.values.indices where x.bounds[flat / options.words[0]] != 0 {
      result.bounds[flat] = .nan
      result.reasons[.ties, default: 0] += 1
    }
    return result
  }

  /// Elements at other places; nil is a constant zero.
  static func rearranged(
    _ operands: [Bounded], _ rearrangement: RandomProgram.Rearrangement, to shape: [Int]
  ) -> Bounded {
    let sources = rearrangement.sources(operands.map(\.shape), to: shape)
    var result = Bounded(
      shape, operands[0].type, sources.map { $0.map { operands[$0.operand].values[$0.flat] } ?? 0 },
      sources.map { $0.map { operands[$0.operand].bounds[$0.flat] } ?? 0 })
    for (index, source) in sources.enumerated() {
      if let source, let choices = operands[source.operand].choices[source.flat] {
        result.choices[index] = choices
      }
    }
    for reasons in operands.map(\.reasons) { result.reasons.merge(reasons) { max($0, $1) } }
    return result
  }

  // MARK: Functions of several operations, as `Tensor` makes them

  static func composed(
    _ composite: RandomProgram.Composite, _ operands: [Bounded], _ options: Reference.Options,
    as type: ElementType
  ) -> Bounded {
    let x = operands[0]
    var keeping = options
    keeping.isKeeping = true
    func wide(
      _ operation: TensorOperation, _ operands: Bounded..., options: Reference.Options = .init()
    ) -> Bounded { apply(operation, operands, options, as: .float32) }
    func cast(_ x: Bounded) -> Bounded { apply(.cast, [x], as: type) }

    switch composite {
    case .variance, .standardDeviation:
      let mean = wide(.mean, x, options: keeping)
      let squares = wide(.square, wide(.subtract, wide(.cast, x), mean))
      let variance = wide(.mean, squares, options: options)
      return cast(composite == .variance ? variance : wide(.sqrt, variance))
    case .norm1: return cast(wide(.sum, wide(.abs, wide(.cast, x)), options: options))
    case .norm2:
      return cast(wide(.sqrt, wide(.sum, wide(.square, wide(.cast, x)), options: options)))
    case .normInfinity: return cast(wide(.max, wide(.abs, wide(.cast, x)), options: options))
    case .logSumExp:
      let largest = wide(.max, wide(.cast, x), options: keeping)
      let terms = wide(.exp, wide(.subtract, wide(.cast, x), largest))
      let sum = wide(.add, wide(.log, wide(.sum, terms, options: keeping)), largest)
      let axes = options.normalizedAxes(x.shape.count)
      let kept = x.shape.indices.filter { options.isKeeping || !axes.contains($0) }
      return cast(rearranged([sum], .reshaped, to: kept.map { sum.shape[$0] }))
    case .sorted: return sorted(x, options)
    case .topK:
      let all = sorted(x, options)
      let cut = RandomProgram.Rearrangement.sliced(
        all.shape.indices.map {
          .init(start: 0, step: 1, count: $0 == options.axis ? options.words[1] : all.shape[$0])
        })
      var shape = all.shape
      shape[options.axis ?? 0] = options.words[1]
      return rearranged([all], cut, to: shape)
    case .argsort: return argsorted(x, options)
    case .searchSorted:
      let bins = sorted(operands[1].asFloats, .init(axis: 0))
      return searched(bins, x.asFloats, options)
    }
  }

  /// The k-th of them grows with each: the ends of the intervals, sorted, are its ends.
  private static func sorted(_ x: Bounded, _ options: Reference.Options) -> Bounded {
    let isDescending = options.words.first == 1
    var result = x.flushable
    result.choices = [:]
    for line in lines(x.shape, [options.axis ?? 0]) {
      if line.contains(where: { x.bounds[$0].isNaN }) {
        for flat in line { result.bounds[flat] = .nan }
        continue
      }
      let own = result
      func inOrder(_ side: Double) -> [Double] {
        let list = line.map { own.values[$0] + side * own.bounds[$0] }
        return isDescending ? list.sorted(by: >) : list.sorted()
      }
      let (low, middle, high) = (inOrder(-1), inOrder(0), inOrder(1))
      for (place, flat) in line.enumerated() {
        result.values[flat] = middle[place]
        let distance = max(middle[place] - low[place], high[place] - middle[place])
        result.bounds[flat] = distance == 0 ? 0 : distance + 0x1p-50 * abs(middle[place])
      }
    }
    return result
  }

  /// Known where errors do not decide the order of any two in the line.
  private static func argsorted(_ given: Bounded, _ options: Reference.Options) -> Bounded {
    let x = given.flushable
    let order = reference(.sortRuns, [x.centre], options)
    var result = Bounded(x.shape, .int32, order.elements.map(\.value), x.values.map { _ in 0 })
    result.reasons = x.reasons
    for line in lines(x.shape, [options.axis ?? 0]) {
      let isExact = line.allSatisfy { x.bounds[$0] == 0 }
      let places = line.map { line[Int(result.values[$0])] }
      let isApart = zip(places, places.dropFirst()).allSatisfy { first, second in
        abs(x.values[first] - x.values[second]) > (x.bounds[first] + x.bounds[second]) * 1.0001
      }
      if isExact || isApart, !line.contains(where: { x.bounds[$0].isNaN }) { continue }
      for flat in line { result.bounds[flat] = .nan }
      result.reasons[.ties, default: 0] += line.count
    }
    return result
  }

  /// Counts of bins grow with the value and fall with the bins.
  private static func searched(
    _ bins: Bounded, _ given: Bounded, _ options: Reference.Options
  ) -> Bounded {
    let x = given.flushable
    func counts(_ bins: Exact, _ values: Exact) -> [Double] {
      reference(.searchSorted, [bins, values], options).elements.map(\.value)
    }
    let middle = counts(bins.centre, x.centre)
    let (fewest, most) = (counts(bins.highest, x.lowest), counts(bins.lowest, x.highest))
    let isKnown = !bins.bounds.contains(where: \.isNaN)
    let bounds = x.bounds.indices.map { index in
      !isKnown || x.bounds[index].isNaN
        ? .nan : max(middle[index] - fewest[index], most[index] - middle[index])
    }
    var result = Bounded(x.shape, .int32, middle, bounds)
    for reasons in [bins.reasons, x.reasons] { result.reasons.merge(reasons) { max($0, $1) } }
    return result
  }
}
