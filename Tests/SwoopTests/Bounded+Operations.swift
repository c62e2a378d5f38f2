import RealModule
import Swoop
import SwoopCheck
import SwoopCore

extension Bounded {
  /// One operation of the table.
  ///
  /// - `type`: that of the result; kernels compute in float32 or int32 and store as this.
  static func apply(
    _ operation: TensorOperation, _ given: [Bounded], _ options: Reference.Options = .init(),
    as type: ElementType
  ) -> Bounded {
    let read = operation.computation.types(of: given.map(\.type))
    let operands = zip(given, read).map { $0.flushable.read(as: $1) }
    var result = computed(operation, given, operands, options, as: type)
    if choosing.contains(operation), given.allSatisfy({ $0.type == type || $0.type.isWhole }),
      type.isFloatingPoint
    {
      // Numbers that the type has already.
      result.type = type
    }
    result = result.stored(as: type)
    let isInherited = given.contains { $0.bounds.contains(where: \.isNaN) }
    var lost = 0
    // Twice as far as the first that is no number any more.
    let limit = type.isWhole ? .infinity : type.overflow / 2
    for (index, value) in result.values.enumerated()
    where !(abs(value) + result.bounds[index] < limit) {
      if !result.bounds[index].isNaN || !isInherited { lost += 1 }
      result.bounds[index] = .nan
    }
    if lost > 0, result.reasons.isEmpty { result.reasons[.notFinite, default: 0] += lost }
    for reasons in given.map(\.reasons) { result.reasons.merge(reasons) { max($0, $1) } }
    return result
  }

  private static let choosing: Set<TensorOperation> =
    exactFunctions.union([
      .max, .min, .cumulativeMax, .where, .take, .takeAlong, .scatter, .concatenate, .replace,
      .copy,
    ])

  private static func computed(
    _ operation: TensorOperation, _ given: [Bounded], _ operands: [Bounded],
    _ options: Reference.Options, as type: ElementType
  ) -> Bounded {
    switch operation {
    case .add, .subtract, .multiply, .sum, .mean, .matmul, .linear, .cumulativeSum, .scatterAdd:
      multilinear(operation, operands, options)
    case .max, .min, .cumulativeMax: isotone(operation, operands, options)
    case .prod, .cumulativeProduct: product(operation, operands[0], options)
    case .argmax: indexOfLargest(operands[0], options)
    case .argmin: indexOfLargest(operands[0].negated, options)
    case .anyOf, .allOf: anyOrAll(operation, operands[0], options)
    case .softmax: softmax(operands[0], options)
    case .logSoftmax: logSoftmax(operands[0], options)
    case .normalize: normalized(operands[0], options)
    case .take, .takeAlong, .oneHot, .scatter, .concatenate, .replace, .copy:
      moved(operation, operands, options)
    case .cast: cast(operands[0], to: type)
    // Of their own types: `bitwiseNot` is another function of bool.
    case .bitwiseAnd, .bitwiseOr, .bitwiseXor, .bitwiseNot, .shiftLeft, .shiftRight:
      bits(operation, given, options)
    default: elementwise(operation, operands, options)
    }
  }

  /// What the operation is by definition.
  static func reference(
    _ operation: TensorOperation, _ operands: [Exact], _ options: Reference.Options
  ) -> Expected {
    guard let line = references[operation] else { preconditionFailure("no line for \(operation)") }
    return line(operands, options)
  }

  private static let references = [TensorOperation: Reference.Function](
    uniqueKeysWithValues: OperationTable.lines.map { ($0.operation, $0.reference) })

  var negated: Bounded {
    var result = self
    result.values = values.map(-)
    return result
  }

  /// Sums of products of the operands. With errors r of operands a, the result is off by at most
  /// f(|a| + r) - f(|a|) where f adds what the operation may subtract; and by its own roundings,
  /// which are largest there as well.
  private static func multilinear(
    _ operation: TensorOperation, _ operands: [Bounded], _ options: Reference.Options
  ) -> Bounded {
    let isWhole = operands[0].type == .int32
    // Indices are no factors.
    let fixed = operation == .scatterAdd ? [operands[2].centre] : []
    let factors = fixed.isEmpty ? operands : Array(operands[..<2])
    let middle = reference(operation, factors.map(\.centre) + fixed, options)
    let adding = operation == .subtract ? .add : operation
    let most = reference(adding, factors.map(\.largestMagnitudes) + fixed, options)
    let isExact = factors.allSatisfy(\.isExact)
    let least = isExact ? most : reference(adding, factors.map(\.magnitudes) + fixed, options)
    var bounds = middle.elements.map(\.bound)
    var wrapped = 0
    for index in bounds.indices {
      let largest = most.elements[index].value
      let spread = isExact ? 0 : abs(largest) - abs(least.elements[index].value)
      if !isWhole {
        // The differences of doubles are off themselves.
        let rounded = isExact ? 0 : 0x1p-48 * abs(largest)
        bounds[index] = spread + rounded + most.elements[index].bound
      } else if largest < 0x1p31 {
        bounds[index] = spread
      } else if largest.isNaN || !isExact {
        if !largest.isNaN { wrapped += 1 }
        bounds[index] = .nan
      }
    }
    var result = Bounded(middle.shape, middle.type, middle.elements.map(\.value), bounds)
    if wrapped > 0 { result.reasons[.wraps] = wrapped }
    return result
  }

  /// Choices of elements that grow with each of them: the ends of the intervals go to the ends.
  static func isotone(
    _ operation: TensorOperation, _ operands: [Bounded], _ options: Reference.Options
  ) -> Bounded {
    let middle = reference(operation, operands.map(\.centre), options)
    let ends =
      operands.allSatisfy(\.isExact)
      ? []
      : [operands.map(\.lowest), operands.map(\.highest)].map { reference(operation, $0, options) }
    let bounds = middle.elements.indices.map { index in
      ends.reduce(0.0) { farther($0, $1.elements[index].value - middle.elements[index].value) }
    }
    return Bounded(middle.shape, middle.type, middle.elements.map(\.value), bounds)
  }

  /// The larger distance; NaN stays.
  static func farther(_ distance: Double, _ other: Double) -> Double {
    distance.isNaN || other.isNaN ? .nan : max(distance, abs(other))
  }

  /// Rounded towards zero where the target is whole; what is too large saturates.
  private static func cast(_ x: Bounded, to type: ElementType) -> Bounded {
    if x.type == .int32 { return type.isWhole ? x : x.asFloats }
    // From here on storing rounds.
    guard type.isWhole else { return x }
    var result = x
    result.type = type
    let (low, high) = (x.lowest.values, x.highest.values)
    for index in x.values.indices where !x.bounds[index].isNaN {
      let value = type.rounded(x.values[index])
      // The bits of bool are whether it is 0, which may lie between.
      var ends = [low[index], high[index]]
      if ends[0] <= 0, ends[1] >= 0 { ends.append(0) }
      result.values[index] = value
      result.bounds[index] = ends.reduce(0) { farther($0, type.rounded($1) - value) }
    }
    return result
  }

  /// The bits of what is not known exactly may be any; bool has only two values, all of which are
  /// tried.
  private static func bits(
    _ operation: TensorOperation, _ operands: [Bounded], _ options: Reference.Options
  ) -> Bounded {
    let middle = reference(operation, operands.map(\.centre), options)
    var result = Bounded(
      middle.shape, middle.type, middle.elements.map(\.value), middle.elements.map { _ in 0 })
    if operands.allSatisfy(\.isExact) { return result }
    let isBool = operands.allSatisfy { $0.type == .bool }
    let places = operands.map { $0.centre.sources(broadcastTo: middle.shape) }
    for index in result.values.indices {
      let bounds = zip(operands, places).map { $0.bounds[$1[index]] }
      if bounds.allSatisfy({ $0 == 0 }) { continue }
      if isBool, !bounds.contains(where: \.isNaN) {
        result.bounds[index] = 1
      } else {
        result.bounds[index] = .nan
        if !bounds.contains(where: \.isNaN) { result.reasons[.wraps, default: 0] += 1 }
      }
    }
    return result
  }
}
