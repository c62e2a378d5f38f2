import Swoop

// All elements along axes into one.

extension OperationTable {
  static let reductions: [OperationLine] = [
    OperationLine(
      .sum, .reductions(.moderate).inEveryType() + .emptySums, stacking: .operands(1, .moderate),
      Reference.sum
    ) { x, options in
      try x[0].reduce(
        options, all: { try $0.sum(keepingDimensions: $1) },
        one: { try $0.sum($1, keepingDimensions: $2) },
        two: { try $0.sum($1, $2, keepingDimensions: $3) })
    },
    OperationLine(
      .mean, .reductions(.moderate).inEveryType(), stacking: .operands(1, .moderate), Reference.mean
    ) { x, options in
      try x[0].reduce(
        options, all: { try $0.mean(keepingDimensions: $1) },
        one: { try $0.mean($1, keepingDimensions: $2) },
        two: { try $0.mean($1, $2, keepingDimensions: $3) })
    },
    OperationLine(
      .max, .reductions(.wide).inEveryType() + .reductions(.repeated) + .largest,
      stacking: .operands(1, .moderate), Reference.largest
    ) { x, options in
      try x[0].reduce(
        options, all: { try $0.max(keepingDimensions: $1) },
        one: { try $0.max($1, keepingDimensions: $2) },
        two: { try $0.max($1, $2, keepingDimensions: $3) })
    },
    OperationLine(
      .argmax, (.reductions(.wide).inEveryType() + .reductions(.repeated) + .largest).overOneAxis,
      stacking: .operands(1, .repeated), Reference.indexOfLargest
    ) { x, options in
      try x[0].argmax(options.axes.first, keepingDimensions: options.isKeeping)
    },
    OperationLine(
      .prod, .prods.inEveryType(), stacking: .operands(1, [OperationCase].nearOne),
      Reference.multiplied
    ) { x, options in
      try x[0].reduce(
        options, all: { try $0.product(keepingDimensions: $1) },
        one: { try $0.product($1, keepingDimensions: $2) },
        two: { try $0.product($1, $2, keepingDimensions: $3) })
    },
    OperationLine(
      .min, .reductions(.wide).inEveryType() + .reductions(.repeated) + .largest,
      stacking: .operands(1, .moderate), Reference.smallest
    ) { x, options in
      try x[0].reduce(
        options, all: { try $0.min(keepingDimensions: $1) },
        one: { try $0.min($1, keepingDimensions: $2) },
        two: { try $0.min($1, $2, keepingDimensions: $3) })
    },
    OperationLine(
      .argmin, (.reductions(.wide).inEveryType() + .reductions(.repeated) + .largest).overOneAxis,
      stacking: .operands(1, .repeated), Reference.indexOfSmallest
    ) { x, options in
      try x[0].argmin(options.axes.first, keepingDimensions: options.isKeeping)
    },
    OperationLine(
      .anyOf, .logicals, stacking: .operands(1, .repeated), Reference.anyOf
    ) { x, options in
      try x[0].reduce(
        options, all: { try $0.any(keepingDimensions: $1) },
        one: { try $0.any($1, keepingDimensions: $2) },
        two: { try $0.any($1, $2, keepingDimensions: $3) })
    },
    OperationLine(
      .allOf, .logicals, stacking: .operands(1, .repeated), Reference.allOf
    ) { x, options in
      try x[0].reduce(
        options, all: { try $0.all(keepingDimensions: $1) },
        one: { try $0.all($1, keepingDimensions: $2) },
        two: { try $0.all($1, $2, keepingDimensions: $3) })
    },
  ]
}

extension Tensor {
  /// Calls a function over axes, whose variadic parameter takes no list.
  func reduce(
    _ options: OperationOptions, all: (Tensor, Bool) throws -> Tensor,
    one: (Tensor, Int, Bool) throws -> Tensor, two: (Tensor, Int, Int, Bool) throws -> Tensor
  ) throws -> Tensor {
    switch options.axes.count {
    case 0: try all(self, options.isKeeping)
    case 1: try one(self, options.axes[0], options.isKeeping)
    default: try two(self, options.axes[0], options.axes[1], options.isKeeping)
    }
  }
}
