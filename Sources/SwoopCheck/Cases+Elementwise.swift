import Swoop

// What the operations are tried on. 32, 64 and 256 are sizes of tiles and workgroups; around
// them lie most mistakes.

extension OperationCase {
  /// One application to operands that have the same kind of values.
  package static func of(
    _ operands: [([Int], Sample.Form)], _ values: Values, _ options: OperationOptions = .init(),
    _ type: ElementType? = nil
  ) -> OperationCase {
    OperationCase(operands.map { Operand($0, $1, values, type) }, options)
  }
}

extension [OperationCase] {
  package static let shapes: [[Int]] = [
    [], [1], [7], [31], [32], [33], [63], [65], [255], [256], [257], [1000], [0], [2, 0, 3],
    [1, 1], [1, 9], [9, 1], [3, 5], [2, 3, 4], [65, 129], [1, 2, 3, 1, 2, 1, 2, 2], [8209],
  ]

  package static let special: [Float] = [
    0, -0.0, 1, -1, 0.5, -2, .infinity, -.infinity, .nan, .greatestFiniteMagnitude,
    -.greatestFiniteMagnitude, .leastNormalMagnitude, -.leastNormalMagnitude, 0x1p-140, -0x1p-130,
    .leastNonzeroMagnitude, 0x1p64, -0x1p-64, 3, 1e-7,
  ]

  package static let specialIntegers: [Int32] = [
    0, 1, -1, .max, .min, .max - 1, .min + 1, 1 << 24 + 1,
  ]

  // MARK: Element by element

  package static func singles(_ values: Values, integer: Values) -> [OperationCase] {
    var result = shapes.map { OperationCase.of([($0, .dense)], values) }
    for shape in [[5, 3], [2, 3, 4], [33, 65], [1, 7], [4, 1, 3]] {
      result.append(.of([(shape, .transposed)], values))
      result.append(.of([(shape, .reshaped)], values))
    }
    result.append(.of([([3, 4, 5], .permuted([1, 2, 0]))], values))
    result.append(.of([([2, 3, 4, 5], .permuted([0, 3, 1, 2]))], values))
    result.append(.of([([special.count], .dense)], .these(special)))
    for shape in [[], [5], [257], [0], [3, 5]] { result.append(.of([(shape, .dense)], integer)) }
    result.append(.of([([7, 9], .transposed)], integer))
    for type in ElementType.narrowFloats {
      for shape in [[], [5], [257], [0], [3, 5]] {
        result.append(.of([(shape, .dense)], values, .init(), type))
      }
      result.append(.of([([7, 9], .transposed)], values, .init(), type))
      result.append(.of([([special.count], .dense)], .these(special), .init(), type))
    }
    result.append(.of([([specialIntegers.count], .dense)], .theseIntegers(specialIntegers)))
    return result
  }

  package static func pairs(_ values: Values, integer: Values) -> [OperationCase] {
    var result = shapes.map { OperationCase.of([($0, .dense), ($0, .dense)], values) }
    let broadcasts: [([Int], [Int])] = [
      ([], [7]), ([7], []), ([1], [256]), ([256], [1]), ([2, 1, 4], [3, 1]), ([3, 1], [2, 1, 4]),
      ([3, 5], [5]), ([5], [3, 5]), ([3, 5], [3, 1]), ([3, 1], [1, 5]), ([65, 129], [129]),
      ([65, 1], [65, 129]), ([2, 3, 4], [3, 1]), ([1], [0]), ([2, 0, 3], [3]), ([0, 1], [1, 5]),
      ([1, 1, 1], [1]), ([4, 1, 6, 1], [3, 1, 5]), ([1, 257], [33, 1]),
      // Rows of whole quads.
      ([6, 8], [8]), ([8], [6, 8]), ([6, 8], [6, 1]), ([6, 1], [1, 8]), ([3, 2, 4], [3, 1, 1]),
      ([65, 132], [132]), ([5, 4], [5, 1]),
    ]
    for (a, b) in broadcasts { result.append(.of([(a, .dense), (b, .dense)], values)) }
    let views: [([Int], Sample.Form, [Int], Sample.Form)] = [
      ([3, 5], .transposed, [3, 5], .dense), ([3, 5], .dense, [3, 5], .transposed),
      ([33, 65], .transposed, [33, 65], .transposed), ([5, 3], .transposed, [3], .dense),
      ([2, 3, 4], .permuted([1, 2, 0]), [4], .reshaped),
      ([3, 1], .transposed, [1, 5], .transposed),
      ([2, 3, 4], .transposed, [3, 1], .dense), ([64, 64], .transposed, [], .dense),
      ([2, 3, 4, 5], .permuted([2, 0, 3, 1]), [3, 1, 5], .permuted([2, 0, 1])),
    ]
    for (a, formA, b, formB) in views { result.append(.of([(a, formA), (b, formB)], values)) }
    let count = special.count
    result.append(.of([([count, 1], .dense), ([count], .dense)], .these(special)))
    for (a, b) in [([], []), ([257], [257]), ([3, 5], [5]), ([0], [0])] as [([Int], [Int])] {
      result.append(.of([(a, .dense), (b, .dense)], integer))
    }
    result.append(.of([([7, 9], .transposed), ([7, 1], .dense)], integer))
    for type in ElementType.narrowFloats {
      for (a, b) in [([], []), ([257], [257]), ([3, 5], [5]), ([0], [0])] as [([Int], [Int])] {
        result.append(.of([(a, .dense), (b, .dense)], values, .init(), type))
      }
      result.append(.of([([7, 9], .transposed), ([7, 1], .dense)], values, .init(), type))
      result.append(
        .of([([count, 1], .dense), ([count], .dense)], .these(special), .init(), type))
    }
    let integers = specialIntegers.count
    result.append(
      .of([([integers, 1], .dense), ([integers], .dense)], .theseIntegers(specialIntegers)))
    return result
  }

  package static let casts: [OperationCase] = {
    let toInteger = OperationOptions(type: .int32)
    let toFloat = OperationOptions(type: .float32)
    let limits: [Float] = [
      0x1p31, 0x1.fffffep30, -0x1p31, -0x1.000002p31, 0x1p32, -0x1p40, 1e38, -1e38, 0.5, -0.5,
      0.999_999_94, 1.5, -1.5, -2.999, 2.5, .nan, -.nan, .infinity, -.infinity, 0x1p24, -0.0,
    ]
    var result: [OperationCase] = [.of([([limits.count], .dense)], .these(limits), toInteger)]
    for shape in [[], [1], [257], [0], [3, 5], [65, 129]] {
      result.append(.of([(shape, .dense)], .wide, toInteger))
      result.append(.of([(shape, .dense)], .integers, toFloat))
    }
    result.append(.of([([7, 9], .transposed)], .moderate, toInteger))
    result.append(.of([([7, 9], .transposed)], .integers, toFloat))
    for source in ElementType.allCases {
      for target in ElementType.allCases where target != source {
        let options = OperationOptions(type: target)
        let values = source.isFloatingPoint ? Values.these(special + limits) : .integers
        result.append(.of([([60], .dense)], values, options, source))
      }
    }
    return result
  }()

  package static let views: [OperationCase] = [
    .of([([3, 5], .transposed)], .wide), .of([([33, 65], .transposed)], .wide),
    .of([([257, 2], .transposed)], .wide), .of([([2, 3, 4], .permuted([1, 2, 0]))], .wide),
    .of([([5, 1, 7, 2], .permuted([3, 0, 1, 2]))], .wide),
    .of([([64, 64], .transposed)], .integers), .of([([2, 0, 3], .transposed)], .wide),
  ]
}
