import RealModule
import Swoop
import SwoopCheck

extension ProgramBuilder {
  // MARK: Over axes

  private mutating func overAxes(_ x: Int, isSingle: Bool = false) -> Reference.Options {
    let shape = steps[x].shape
    var options = Reference.Options(isKeeping: chance(3))
    if !shape.isEmpty, !chance(4) {
      options.axes = [axis(x)]
      if !isSingle, shape.count > 2, chance(3) {
        options.axes = Array(Array(0..<shape.count).shuffled(using: &generator).prefix(2))
      }
      if chance(4) { options.axes = options.axes.map { $0 - shape.count } }
    }
    return options
  }

  private func reduced(_ x: Int, _ options: Reference.Options) -> (shape: [Int], length: Int) {
    let shape = steps[x].shape
    let axes = options.normalizedAxes(shape.count)
    let result = shape.indices.compactMap {
      axes.contains($0) ? options.isKeeping ? 1 : nil : shape[$0]
    }
    return (result, axes.reduce(1) { $0 * shape[$1] })
  }

  mutating func reduce(_ operation: TensorOperation, _ x: Int) -> Bool {
    let isIndex = operation == .argmax || operation == .argmin
    let options = overAxes(x, isSingle: isIndex)
    let (result, length) = reduced(x, options)
    let takesNothing: Set<TensorOperation> = [.sum, .prod, .anyOf, .allOf]
    if length == 0, !takesNothing.contains(operation) { return false }
    let x = operation == .prod ? factors(x, length) : x
    let (type, limit): (ElementType, Double) =
      switch operation {
      case .sum: (accumulating(x), limits[x] * Double(max(length, 1)))
      case .prod: (accumulating(x), Double.pow(max(limits[x], 1), length))
      case .mean: (floating(x), limits[x])
      case .argmax, .argmin: (.int32, Double(length))
      case .anyOf, .allOf: (.bool, 1)
      default: (steps[x].type, limits[x])
      }
    apply(operation, [x], result, type, limit, options)
    return true
  }

  /// The step, or its tanh where so many factors can be large.
  private mutating func factors(_ x: Int, _ count: Int) -> Int {
    isWild || Double.pow(max(limits[x], 1), count) <= 1e5 ? x : small(x)
  }

  mutating func reduce(_ composite: RandomProgram.Composite, _ x: Int) -> Bool {
    let options = overAxes(x)
    let (result, length) = reduced(x, options)
    guard length > 0 else { return false }
    let x = tamed(x)
    let limit: Double =
      switch composite {
      case .variance: limits[x] * limits[x]
      case .norm1, .norm2: limits[x] * Double(length)
      default: limits[x] + 6
      }
    append(.composite(composite, options), [x], result, floating(x), limit)
    return true
  }

  // MARK: Along an axis

  mutating func row(_ operation: TensorOperation, _ x: Int) -> Bool {
    guard let last = steps[x].shape.last else { return false }
    var options = Reference.Options(axes: [axis(x)])
    var limit = 1.0
    if operation == .logSoftmax { limit = 2 * limits[x] + 6 }
    var x = x
    if operation == .normalize {
      guard last > 0 else { return false }
      x = tamed(x)
      options = Reference.Options(
        scalars: [pick([1e-5, 1])], words: [Int.random(in: 0...1, using: &generator)])
      limit = Double(last).squareRoot() + 1
    }
    apply(operation, [x], steps[x].shape, floating(x), limit, options)
    return true
  }

  mutating func scan(_ operation: TensorOperation, _ x: Int) -> Bool {
    guard !steps[x].shape.isEmpty else { return false }
    let options = Reference.Options(axis: axis(x))
    let length = steps[x].shape[options.axis ?? 0]
    let x = operation == .cumulativeProduct ? factors(x, length) : x
    let (type, limit): (ElementType, Double) =
      switch operation {
      case .cumulativeSum: (accumulating(x), limits[x] * Double(max(length, 1)))
      case .cumulativeProduct: (accumulating(x), Double.pow(max(limits[x], 1), length))
      default: (steps[x].type, limits[x])
      }
    apply(operation, [x], steps[x].shape, type, limit, options)
    return true
  }

  mutating func sort(_ composite: RandomProgram.Composite, _ x: Int) -> Bool {
    let shape = steps[x].shape
    var options = Reference.Options(words: [Int.random(in: 0...1, using: &generator)])
    if composite == .searchSorted {
      let bins = leaf([pick([4, 5])], steps[x].type)
      append(.composite(composite, options), [x, bins], shape, .int32, 5)
      return true
    }
    guard !shape.isEmpty else { return false }
    let axis = axis(x)
    options.axis = axis
    var result = shape
    if composite == .topK {
      guard shape[axis] > 0 else { return false }
      result[axis] = pick([1, min(4, shape[axis])])
      options.words.append(result[axis])
    }
    let isIndex = composite == .argsort
    append(
      .composite(composite, options), [x], result, isIndex ? .int32 : steps[x].type,
      isIndex ? Double(shape[axis]) : limits[x])
    return true
  }

  // MARK: Products

  mutating func product(_ operation: TensorOperation, _ x: Int) -> Bool {
    guard let inner = steps[x].shape.last else { return false }
    let x = cast(tamed(x), to: steps[x].type.isFloatingPoint ? .float32 : .int32)
    let shape = steps[x].shape
    let type = steps[x].type
    let columns = pick([1, 4, 5])
    var rows = Array(shape.dropLast())
    guard rows.reduce(columns, *) <= Self.mostElements else { return false }
    if operation == .matmul, shape.count == 2, chance(4) {
      guard shape[0] * shape[0] <= Self.mostElements else { return false }
      let y = append(
        .rearranged(.transposed([1, 0])), [x], [shape[1], shape[0]], type, limits[x])
      apply(.matmul, [x, y], [shape[0], shape[0]], type, limits[x] * limits[x] * Double(inner))
      return true
    }
    if operation == .matmul, chance(5) {
      let y = leaf([inner], type)
      apply(.matmul, [x, y], rows, type, limits[x] * limits[y] * Double(inner))
      return true
    }
    let weight =
      operation == .matmul && shape.count == 3 && chance(3)
      ? leaf([shape[0], inner, columns], type) : leaf([inner, columns], type)
    var operands = [x, weight]
    var options = Reference.Options()
    if operation == .linear {
      if chance(2) { operands.append(leaf([columns], type)) }
      if chance(2) { options.activation = .relu }
    }
    rows.append(columns)
    let limit = limits[x] * limits[weight] * Double(inner) + 10
    apply(operation, operands, rows, type, limit, options)
    return true
  }
}
