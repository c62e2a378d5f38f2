import Swoop

// What the operations over axes, and the products, are tried on.

extension [OperationCase] {
  static func reductions(_ values: Values) -> [OperationCase] {
    let shapes: [([Int], [[Int]])] = [
      ([], [[]]), ([1], [[], [0]]), ([7], [[0], [-1]]), ([256], [[]]), ([1000], [[0]]),
      ([3, 5], [[0], [1], [0, 1], []]), ([2, 3, 4], [[1], [0, 2], [-1], [0, 1]]),
      ([65, 129], [[0], [1], []]), ([33, 64], [[0], [1]]), ([4, 1, 5], [[1], [0, -1]]),
      ([3, 5003], [[1]]), ([5003, 3], [[0]]), ([1, 31], [[0], [1]]), ([257, 1], [[0], [1]]),
      ([2, 3, 1, 4, 2], [[1, 3], [0, 4], [2]]), ([20_011], [[]]), ([0, 3], [[1]]),
      ([2, 0, 3], [[2], [0]]),
    ]
    var result: [OperationCase] = []
    for (shape, lists) in shapes {
      for axes in lists {
        for isKeeping in [false, true] {
          let options = Reference.Options(axes: axes, isKeeping: isKeeping)
          result.append(cases([(shape, .dense)], values, options))
        }
      }
    }
    for axes in [[0], [1], []] {
      let options = Reference.Options(axes: axes)
      result.append(cases([([33, 65], .transposed)], values, options))
      result.append(cases([([7, 5, 3], .permuted([1, 2, 0]))], values, options))
      result.append(cases([([12, 5], .reshaped)], values, options))
      result.append(cases([([33, 65], .dense)], .integers, options))
      result.append(cases([([9, 300], .transposed)], .integers, options))
    }
    // In one element of many, wherever partial results are joined.
    for place in [0, 1, 15, 16, 63, 64, 255, 256, 299] {
      for value in [Float.nan, .infinity, -.infinity] {
        var list = [Float](repeating: 0.5, count: 300)
        list[place] = value
        result.append(
          cases([([2, 300], .dense)], .these(list), Reference.Options(axes: [1])))
      }
    }
    return result
  }

  /// Nothing sums to 0; the other reductions refuse it.
  static let emptySums: [OperationCase] = [
    cases([([0], .dense)], .moderate), cases([([0], .dense)], .integers),
    cases([([2, 0, 3], .dense)], .moderate, .init(axes: [1])),
    cases([([2, 0, 3], .dense)], .moderate, .init(axes: [1], isKeeping: true)),
    cases([([0, 3], .dense)], .integers, .init(axes: [0])),
    cases([([300], .dense)], .these([.infinity, 1, -.infinity])),
  ]

  /// Where the largest element is not an ordinary one, or comes twice.
  static let largest: [OperationCase] = [
    cases([([300], .dense)], .these([-.infinity])),
    cases([([5, 60], .dense)], .these([-.infinity, .nan]), .init(axes: [1])),
    cases([([5, 60], .dense)], .these([1, .infinity, .nan, 2]), .init(axes: [0])),
    cases([([300], .dense)], .these([-3, -1, -2])), cases([([300], .dense)], .these([7])),
    cases([([40], .dense)], .theseIntegers([.min])),
    cases([([41], .dense)], .theseIntegers([.min, .max, 3])),
    cases([([6, 50], .dense)], .theseIntegers([-5, -3, -3, -4]), .init(axes: [1])),
  ]

  /// argmax takes one axis, or none.
  var overOneAxis: [OperationCase] { filter { $0.options.axes.count <= 1 } }

  static let softmaxes: [OperationCase] = {
    var result: [OperationCase] = []
    let shapes: [([Int], [Int])] = [
      ([1], [0]), ([7], [-1]), ([256], [0]), ([1000], [0]), ([3, 5], [0, 1]), ([33, 65], [0, 1]),
      ([5, 1], [0, 1]), ([2, 3, 4], [0, 1, 2]), ([300, 10], [-1]), ([0], [0]),
      ([2, 0, 3], [-1, 1]),
      ([3, 4099], [1]), ([257, 3], [-1]), ([2, 31], [1]), ([2, 64], [1]),
    ]
    for (shape, axes) in shapes {
      for axis in axes {
        result.append(cases([(shape, .dense)], .moderate, .init(axes: [axis])))
        result.append(cases([(shape, .dense)], .exponents, .init(axes: [axis])))
      }
    }
    for axis in [0, 1] {
      result.append(cases([([9, 34], .transposed)], .moderate, .init(axes: [axis])))
      result.append(cases([([9, 34], .dense)], .integers, .init(axes: [axis])))
    }
    // Masked entries, and rows without a value.
    result.append(cases([([4, 30], .dense)], .these([1, -.infinity, 2]), .init(axes: [1])))
    result.append(cases([([2, 30], .dense)], .these([-.infinity]), .init(axes: [1])))
    result.append(cases([([3, 31], .dense)], .these([0, 1, .nan, 2]), .init(axes: [0])))
    result.append(cases([([2, 40], .dense)], .these([.infinity, 1]), .init(axes: [1])))
    return result
  }()

  static let products: [OperationCase] = {
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
    var result = dense.map { cases([($0, .dense), ($1, .dense)], .moderate) }
    let square: [([Int], [Int])] = [
      ([17, 33], [33, 65]), ([1, 64], [64, 3]), ([40, 5], [5, 1]),
    ]
    for (a, b) in square {
      result.append(cases([(a, .transposed), (b, .dense)], .moderate))
      result.append(cases([(a, .dense), (b, .transposed)], .moderate))
      result.append(cases([(a, .transposed), (b, .transposed)], .moderate))
      result.append(cases([(a, .reshaped), (b, .reshaped)], .moderate))
      result.append(cases([(a, .dense), (b, .transposed)], .integers))
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
      result.append(cases([(a, formA), (b, formB)], .moderate))
      result.append(cases([(a, formA), (b, formB)], .integers))
    }
    for (a, b) in [
      ([3, 4], [4, 5]), ([33, 17], [17, 40]), ([2, 3, 4], [4, 5]), ([5, 0], [0, 2]),
    ] {
      result.append(cases([(a, .dense), (b, .dense)], .integers))
    }
    // What lies beyond the edge of a tile must not count: 0 · inf is NaN.
    result.append(
      cases([([5, 7], .dense), ([7, 9], .dense)], .these([1, .infinity, 2, 0.5, 3])))
    result.append(cases([([3, 33], .dense), ([33, 2], .dense)], .these([.nan] + ones(98))))
    return result
  }()

  private static func ones(_ count: Int) -> [Float] { [Float](repeating: 1, count: count) }

  static let linears: [OperationCase] = {
    var result: [OperationCase] = []
    let shapes: [([Int], [Int])] = [
      ([1, 256], [256, 256]), ([7], [7, 5]), ([17, 33], [33, 65]), ([3, 4, 5], [5, 6]),
      ([2, 4, 5], [2, 5, 3]), ([5, 0], [0, 4]), ([0, 3], [3, 4]), ([64, 64], [64, 64]),
      ([33, 1], [1, 1]), ([256, 64], [64, 10]),
    ]
    for (x, weight) in shapes {
      let bias = [weight[weight.count - 1]]
      for activation in Activation.allCases {
        let options = Reference.Options(activation: activation)
        let operands: [([Int], Sample.Form)] = [(x, .dense), (weight, .dense), (bias, .dense)]
        result.append(cases(operands, .moderate, options))
        result.append(cases(operands.dropLast(), .moderate, options))
        result.append(cases(operands, .integers, options))
      }
    }
    let options = Reference.Options(activation: .relu)
    for (x, weight) in [([9, 34], [34, 21]), ([1, 40], [40, 33])] {
      let bias = [weight[1]]
      result.append(
        cases([(x, .transposed), (weight, .transposed), (bias, .dense)], .moderate, options))
      result.append(
        cases([(x, .dense), (weight, .transposed), (bias, .reshaped)], .moderate, options))
    }
    return result
  }()
}
