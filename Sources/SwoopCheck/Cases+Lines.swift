import Swoop

// What operations along one axis are tried on.

extension [OperationCase] {
  /// Shapes, and the axis. 32 elements are a sorted run, 65,536 a line that software drivers share.
  private static let axes: [([Int], Int)] = [
    ([1], 0), ([7], -1), ([31], 0), ([32], 0), ([33], 0), ([127], 0), ([128], 0), ([1000], 0),
    ([0], 0), ([3, 5], 0), ([3, 5], 1), ([2, 0, 3], 1), ([2, 0, 3], -1), ([2, 3, 4], 1),
    ([65, 129], 0), ([65, 129], 1), ([3, 2049], 1), ([2049, 3], 0), ([2, 3, 1, 4, 2], 3),
  ]

  private static let disordered: Values = .these([
    1, -2, .nan, 0.5, -0.0, 0, .infinity, 3, 3, -.infinity, -1, .nan, 0.5, 2, 2, -2, 0,
  ])

  /// Factors near 1, so that products of thousands stay far from the limits.
  package static let nearOne: Values = .made { count, generator in
    (0..<count).map { _ in 1 + Double(Int.random(in: -3...3, using: &generator)) / 1024 }
  }

  package static let prods: [OperationCase] = {
    var result = [OperationCase].reductions(nearOne).filter { operationCase in
      if case .these = operationCase.operands[0].values { return false }
      return true
    }
    result.append(.of([([0], .dense)], .moderate))
    result.append(.of([([2, 0, 3], .dense)], .integers, .init(axes: [1])))
    return result
  }()

  /// For any and all: mostly of one kind, so that both answers come.
  package static let logicals: [OperationCase] = {
    var result = [OperationCase].reductions(.repeated)
    for values in [Values.these([0]), .these([1]), .these([0, 0, 0, .nan]), disordered] {
      result.append(.of([([5, 60], .dense)], values, .init(axes: [1])))
      result.append(.of([([60, 5], .transposed)], values, .init(axes: [0])))
    }
    result.append(.of([([2, 0], .dense)], .moderate, .init(axes: [1])))
    for type in [ElementType.uint8, .bool] {
      result.append(.of([([9, 30], .dense)], .repeated, .init(axes: [1]), type))
    }
    return result
  }()

  package static func scans(_ values: Values, special isSpecial: Bool = false) -> [OperationCase] {
    var result = axes.map { OperationCase.of([($0, .dense)], values, .init(axis: $1)) }
    for axis in [0, 1, 2] {
      let options = OperationOptions(axis: axis)
      result.append(.of([([7, 5, 3], .permuted([1, 2, 0]))], values, options))
      result.append(.of([([4, 33, 6], .transposed)], values, options))
      result.append(.of([([4, 33, 6], .dense)], .integers, options))
      for type in ElementType.narrowFloats {
        result.append(.of([([4, 33, 6], .dense)], values, options, type))
      }
    }
    if isSpecial { result.append(.of([([5, 40], .dense)], disordered, .init(axis: 1))) }
    return result
  }

  // MARK: Indexing

  private static let indexed: [([Int], Int, [Int])] = [
    ([5], 0, [3]), ([1], 0, [40]), ([7, 3], 0, [4]), ([7, 3], 1, [2, 5]), ([4, 9, 5], 1, [33]),
    ([4, 9, 5], -1, [0]), ([100, 65], 0, [70]), ([3, 4], 1, []), ([2, 0, 3], 2, [4]),
    ([257], 0, [1000]),
  ]
  private static let stored: [ElementType] = [.float32, .float16, .bfloat16, .int32, .uint8, .bool]

  private static func indices(_ shape: [Int], of size: Int, isSmall: Bool = false) -> Operand {
    isSmall
      ? Operand(shape, .dense, .within(0...size - 1), .uint8)
      : Operand(shape, .dense, .within(-size...size - 1))
  }

  package static let takes: [OperationCase] = indexed.flatMap { shape, axis, places in
    let options = OperationOptions(axis: axis)
    let size = shape[axis < 0 ? axis + shape.count : axis]
    return stored.flatMap { type in
      [Sample.Form.dense, .transposed].map { form in
        OperationCase(
          [Operand(shape, form, .repeated, type), indices(places, of: size, isSmall: size < 9)],
          options)
      }
    }
  }

  package static let takesAlong: [OperationCase] = axes.filter { !$0.0.contains(0) }.flatMap {
    shape, axis in
    let place = axis < 0 ? axis + shape.count : axis
    var sizes = shape
    sizes[place] = 6
    return [Sample.Form.dense, .transposed].map { form in
      OperationCase(
        [
          Operand(shape, form, .wide),
          Operand(sizes, form, .within(-shape[place]...shape[place] - 1)),
        ], OperationOptions(axis: axis))
    }
  }

  package static let oneHots: [OperationCase] = [([4], 5), ([], 3), ([2, 3], 1), ([100], 65)]
    .flatMap { shape, depth in
      stored.map { type in
        OperationCase(
          [indices(shape, of: depth)], OperationOptions(type: type, words: [depth]))
      }
    }

  package static let scatters: [OperationCase] = indexed.flatMap { shape, axis, places in
    let place = axis < 0 ? axis + shape.count : axis
    let updates = [Int](shape[..<place]) + places + shape[(place + 1)...]
    return [ElementType.float32, .float16, .bfloat16, .int32].flatMap { type in
      [Sample.Form.dense, .transposed].map { form in
        OperationCase(
          [
            Operand(shape, form, .moderate, type), Operand(updates, form, .moderate, type),
            indices(places, of: shape[place]),
          ], OperationOptions(axis: axis))
      }
    }
  }

  // MARK: Sorting

  /// - Parameter isShort: lines that one run holds, or those that are merged.
  package static func sorts(isShort: Bool) -> [OperationCase] {
    var result: [OperationCase] = []
    for (shape, axis) in axes {
      let length = shape[axis < 0 ? axis + shape.count : axis]
      guard (length <= 32) == isShort else { continue }
      for descending in [0, 1] {
        let options = OperationOptions(axis: axis, words: [descending])
        for values in [Values.repeated, .wide, disordered] {
          result.append(.of([(shape, .dense)], values, options))
        }
        result.append(.of([(shape, .transposed)], .repeated, options))
        for type in [ElementType.float16, .bfloat16, .int32, .uint8, .bool] {
          result.append(.of([(shape, .dense)], .repeated, options, type))
        }
      }
    }
    return result
  }

  package static let searches: [OperationCase] = [1, 2, 33, 1000].flatMap { count in
    [0, 1].flatMap { side in
      ElementType.allCases.map { type in
        // Stored as a type without a sign they must still be sorted.
        let range = type == .uint8 || type == .bool ? 0...9 : -9...9
        let sorted: Values = .made { count, generator in
          (0..<count).map { _ in Double(Int.random(in: range, using: &generator)) }.sorted()
        }
        return OperationCase(
          [
            Operand([count], .dense, sorted, type),
            Operand([5, 7], .transposed, .within(-10...10), type),
          ], OperationOptions(words: [side]))
      }
    }
  }
}
