import Swoop

// What the products are tried on.

extension [OperationCase] {
  package static let products: [OperationCase] = {
    let dense: [([Int], [Int])] = [
      ([1, 1], [1, 1]), ([1, 7], [7, 5]), ([1, 256], [256, 256]), ([17, 33], [33, 65]),
      ([64, 64], [64, 64]), ([100, 1], [1, 100]), ([31, 32], [32, 33]), ([3, 5], [5, 1]),
      ([65, 129], [129, 17]), ([2, 1000], [1000, 3]), ([16, 4], [4, 32]), ([15, 3], [3, 31]),
      ([33, 16], [16, 64]), ([5, 0], [0, 4]), ([0, 3], [3, 4]), ([3, 4], [4, 0]),
      ([0, 0], [0, 0]),
      ([2, 1, 3, 4], [3, 4, 5]), ([4, 3, 5], [5, 6]), ([3, 5], [4, 5, 6]), ([2, 0, 3], [3, 2]),
      ([0, 2, 3], [3, 2]), ([2, 3, 0], [0, 2]), ([2, 3, 1, 2, 4], [1, 5, 4, 3]),
      ([3, 17, 33], [3, 33, 34]), ([7], [7, 5]), ([5, 7], [7]), ([7], [7]), ([0], [0]),
      ([7], [3, 7, 5]), ([3, 5, 7], [7]), ([2, 3, 5, 7], [7]), ([1], [1, 1]),
    ]
    var result = dense.map { OperationCase.of([($0, .dense), ($1, .dense)], .moderate) }
    let square: [([Int], [Int])] = [
      ([17, 33], [33, 65]), ([1, 64], [64, 3]), ([40, 5], [5, 1]),
    ]
    for (a, b) in square {
      result.append(.of([(a, .transposed), (b, .dense)], .moderate))
      result.append(.of([(a, .dense), (b, .transposed)], .moderate))
      result.append(.of([(a, .transposed), (b, .transposed)], .moderate))
      result.append(.of([(a, .reshaped), (b, .reshaped)], .moderate))
      result.append(.of([(a, .dense), (b, .transposed)], .integers))
    }
    let views: [([Int], Sample.Form, [Int], Sample.Form)] = [
      ([3, 5, 7], .permuted([1, 0, 2]), [7, 2], .dense),
      ([3, 5, 7], .permuted([0, 2, 1]), [3, 7, 2], .permuted([0, 2, 1])),
      ([3, 5, 7], .transposed, [7, 2], .transposed),
      ([2, 3, 5, 7], .permuted([2, 0, 3, 1]), [3, 7, 2], .permuted([1, 2, 0])),
      // Row-major, but with another stride along the axis of one row or column.
      ([4, 1, 5], .permuted([1, 0, 2]), [5, 6], .dense),
      ([6, 1, 4], .permuted([1, 0, 2]), [4, 8], .dense),
      ([4, 5, 1], .permuted([0, 2, 1]), [1, 6], .permuted([1, 0])),
    ]
    for (a, formA, b, formB) in views {
      result.append(.of([(a, formA), (b, formB)], .moderate))
      result.append(.of([(a, formA), (b, formB)], .integers))
    }
    for (a, b) in [
      ([3, 4], [4, 5]), ([33, 17], [17, 40]), ([2, 3, 4], [4, 5]), ([5, 0], [0, 2]),
    ] {
      result.append(.of([(a, .dense), (b, .dense)], .integers))
    }
    for type in ElementType.narrowFloats {
      for (a, b) in [
        ([17, 33], [33, 65]), ([2, 3, 4], [4, 5]), ([7], [7, 5]), ([5, 0], [0, 2]),
      ]
        as [([Int], [Int])]
      {
        result.append(.of([(a, .dense), (b, .dense)], .moderate, .init(), type))
      }
      result.append(
        .of([([17, 33], .transposed), ([33, 12], .transposed)], .moderate, .init(), type))
    }
    // What lies beyond the edge of a tile must not count: 0 · inf is NaN.
    result.append(
      .of([([5, 7], .dense), ([7, 9], .dense)], .these([1, .infinity, 2, 0.5, 3])))
    result.append(.of([([3, 33], .dense), ([33, 2], .dense)], .these([.nan] + ones(98))))
    return result
  }()

  private static func ones(_ count: Int) -> [Float] { [Float](repeating: 1, count: count) }

  package static let linears: [OperationCase] = {
    var result: [OperationCase] = []
    let shapes: [([Int], [Int])] = [
      ([1, 256], [256, 256]), ([7], [7, 5]), ([17, 33], [33, 65]), ([3, 4, 5], [5, 6]),
      ([2, 4, 5], [2, 5, 3]), ([5, 0], [0, 4]), ([0, 3], [3, 4]), ([64, 64], [64, 64]),
      ([33, 1], [1, 1]), ([256, 64], [64, 10]),
    ]
    for (x, weight) in shapes {
      let bias = [weight[weight.count - 1]]
      for activation in Activation.allCases {
        let options = OperationOptions(activation: activation)
        let operands: [([Int], Sample.Form)] = [(x, .dense), (weight, .dense), (bias, .dense)]
        result.append(.of(operands, .moderate, options))
        result.append(.of(operands.dropLast(), .moderate, options))
        result.append(.of(operands, .integers, options))
      }
    }
    let options = OperationOptions(activation: .relu)
    for (x, weight) in [([9, 34], [34, 21]), ([1, 40], [40, 33])] {
      let bias = [weight[1]]
      result.append(
        .of([(x, .transposed), (weight, .transposed), (bias, .dense)], .moderate, options))
      result.append(
        .of([(x, .dense), (weight, .transposed), (bias, .reshaped)], .moderate, options))
      result.append(.of([(x, .dense), (weight, .dense), (bias, .apart)], .moderate, options))
    }
    return result
  }()
}
