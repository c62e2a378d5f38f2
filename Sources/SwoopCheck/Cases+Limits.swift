import Swoop

// Shapes made for a device and a seed, beside those of the table: around the sizes at which its
// kernels take another way, with odd primes, and large.

extension OperationLine {
  /// For lines whose `stacking` says what their operands look like; empty for the others.
  package func generated(_ limits: Limits, seed: UInt64) -> [OperationCase] {
    var generator = SplitMix(seed: seed)
    switch stacking {
    case .none: return []
    case .operands(let count, let values):
      return [OperationCase].rows(count, values, limits, &generator)
    case .leftRows(let hasBias):
      return [OperationCase].products(hasBias, limits, &generator)
    }
  }
}

extension [OperationCase] {
  private static let primes = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 61, 67, 127, 131, 251]

  private static func prime(_ generator: inout SplitMix) -> Int {
    primes[Int.random(in: 0..<primes.count, using: &generator)]
  }

  fileprivate static func rows(
    _ count: Int, _ values: Values, _ limits: Limits, _ generator: inout SplitMix
  ) -> [OperationCase] {
    var shapes = limits.lengthsAround.map { [$0 < 4096 ? 3 : 1, $0] }
    shapes += (0..<2).map { _ in [prime(&generator), prime(&generator)] }
    shapes.append([5, prime(&generator), prime(&generator)])
    shapes.append([2, 131_071])
    let options = OperationOptions(axes: [-1])
    var result = shapes.map { shape in
      OperationCase.of(
        [([Int], Sample.Form)](repeating: (shape, .dense), count: count), values, options)
    }
    let (a, b) = (prime(&generator), prime(&generator))
    result.append(
      .of([([Int], Sample.Form)](repeating: ([a, b], .transposed), count: count), values, options))
    for type in ElementType.narrowFloats {
      for shape in [[a, b], [2, limits.workgroupElements + 1]] {
        result.append(
          .of(
            [([Int], Sample.Form)](repeating: (shape, .dense), count: count), values, options,
            type))
      }
    }
    return result
  }

  fileprivate static func products(
    _ hasBias: Bool, _ limits: Limits, _ generator: inout SplitMix
  ) -> [OperationCase] {
    // Rows, depth, columns.
    var sizes: [[Int]] = []
    for tile in limits.tiles where tile[0] * tile[1] <= 64 * 1024 {
      let (rows, columns, depth) = (tile[0], tile[1], tile[2])
      sizes.append([rows, depth, columns])
      sizes.append([rows + 1, depth + 1, columns + 1])
      if rows > 1 { sizes.append([rows - 1, depth - 1, columns - 1]) }
      if rows <= 64, columns <= 128 { sizes.append([2 * rows + 1, 3 * depth, 2 * columns + 4]) }
    }
    for _ in 0..<3 { sizes.append((0..<3).map { _ in prime(&generator) }) }
    sizes.append([129, 257, 131])
    var result = sizes.map { size in
      product([size[0], size[1]], [size[1], size[2]], hasBias, .moderate, .float32)
    }
    let (m, k, n) = (prime(&generator), prime(&generator), prime(&generator))
    result.append(product([3, m, k], [3, k, n], hasBias, .moderate, .float32))
    result.append(product([2, 3, 5, k], [k, 4], hasBias, .moderate, .float32))
    for type in ElementType.narrowFloats {
      result.append(product([m, k], [k, n], hasBias, .moderate, type))
    }
    result.append(product([m, k], [k, n], hasBias, .integers, .int32))
    return result
  }

  private static func product(
    _ a: [Int], _ b: [Int], _ hasBias: Bool, _ values: Values, _ type: ElementType
  ) -> OperationCase {
    var operands = [Operand(a, .dense, values, type), Operand(b, .dense, values, type)]
    if hasBias { operands.append(Operand([b[b.count - 1]], .dense, values, type)) }
    return OperationCase(operands)
  }
}
