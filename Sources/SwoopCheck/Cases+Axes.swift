import Swoop

// What the operations over axes are tried on.

extension [OperationCase] {
  package static func reductions(_ values: Values) -> [OperationCase] {
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
          let options = OperationOptions(axes: axes, isKeeping: isKeeping)
          result.append(.of([(shape, .dense)], values, options))
        }
      }
    }
    for axes in [[0], [1], []] {
      let options = OperationOptions(axes: axes)
      result.append(.of([([33, 65], .transposed)], values, options))
      result.append(.of([([7, 5, 3], .permuted([1, 2, 0]))], values, options))
      result.append(.of([([12, 5], .reshaped)], values, options))
      result.append(.of([([33, 65], .dense)], .integers, options))
      result.append(.of([([9, 300], .transposed)], .integers, options))
    }
    for type in ElementType.narrowFloats {
      for axes in [[0], [1], []] {
        result.append(.of([([33, 65], .dense)], values, OperationOptions(axes: axes), type))
      }
      result.append(.of([([9, 300], .transposed)], values, OperationOptions(axes: [1]), type))
    }
    // In one element of many, wherever partial results are joined.
    for place in [0, 1, 15, 16, 63, 64, 255, 256, 299] {
      for value in [Float.nan, .infinity, -.infinity] {
        var list = [Float](repeating: 0.5, count: 300)
        list[place] = value
        result.append(
          .of([([2, 300], .dense)], .these(list), OperationOptions(axes: [1])))
      }
    }
    return result
  }

  /// Nothing sums to 0; the other reductions refuse it.
  package static let emptySums: [OperationCase] = [
    .of([([0], .dense)], .moderate), .of([([0], .dense)], .integers),
    .of([([2, 0, 3], .dense)], .moderate, .init(axes: [1])),
    .of([([2, 0, 3], .dense)], .moderate, .init(axes: [1], isKeeping: true)),
    .of([([0, 3], .dense)], .integers, .init(axes: [0])),
    .of([([300], .dense)], .these([.infinity, 1, -.infinity])),
  ]

  /// Where the largest element is not an ordinary one, or comes twice.
  package static let largest: [OperationCase] = [
    .of([([300], .dense)], .these([-.infinity])),
    .of([([5, 60], .dense)], .these([-.infinity, .nan]), .init(axes: [1])),
    .of([([5, 60], .dense)], .these([1, .infinity, .nan, 2]), .init(axes: [0])),
    .of([([300], .dense)], .these([-3, -1, -2])), .of([([300], .dense)], .these([7])),
    .of([([40], .dense)], .theseIntegers([.min])),
    .of([([41], .dense)], .theseIntegers([.min, .max, 3])),
    .of([([6, 50], .dense)], .theseIntegers([-5, -3, -3, -4]), .init(axes: [1])),
  ]

  /// argmax takes one axis, or none.
  package var overOneAxis: [OperationCase] { filter { $0.options.axes.count <= 1 } }

  package static let softmaxes: [OperationCase] = {
    var result: [OperationCase] = []
    let shapes: [([Int], [Int])] = [
      ([1], [0]), ([7], [-1]), ([256], [0]), ([1000], [0]), ([3, 5], [0, 1]), ([33, 65], [0, 1]),
      ([5, 1], [0, 1]), ([2, 3, 4], [0, 1, 2]), ([300, 10], [-1]), ([0], [0]),
      ([2, 0, 3], [-1, 1]),
      ([3, 4099], [1]), ([257, 3], [-1]), ([2, 31], [1]), ([2, 64], [1]),
    ]
    for (shape, axes) in shapes {
      for axis in axes {
        result.append(.of([(shape, .dense)], .moderate, .init(axes: [axis])))
        result.append(.of([(shape, .dense)], .exponents, .init(axes: [axis])))
      }
    }
    for axis in [0, 1] {
      result.append(.of([([9, 34], .transposed)], .moderate, .init(axes: [axis])))
      result.append(.of([([9, 34], .dense)], .integers, .init(axes: [axis])))
    }
    for type in ElementType.narrowFloats {
      result.append(.of([([9, 34], .dense)], .moderate, .init(axes: [1]), type))
      result.append(.of([([9, 300], .transposed)], .moderate, .init(axes: [0]), type))
    }
    // Masked entries, and rows without a value.
    result.append(.of([([4, 30], .dense)], .these([1, -.infinity, 2]), .init(axes: [1])))
    result.append(.of([([2, 30], .dense)], .these([-.infinity]), .init(axes: [1])))
    result.append(.of([([3, 31], .dense)], .these([0, 1, .nan, 2]), .init(axes: [0])))
    result.append(.of([([2, 40], .dense)], .these([.infinity, 1]), .init(axes: [1])))
    return result
  }()
}
