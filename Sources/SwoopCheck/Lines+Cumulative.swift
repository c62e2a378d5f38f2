import Swoop

// Along an axis, every element of those before it.

extension OperationTable {
  static let cumulative: [OperationLine] = [
    OperationLine(
      .cumulativeSum, .scans(.moderate).inEveryType(), stacking: .operands(1, .moderate),
      Reference.cumulativeSum
    ) { x, options in try x[0].cumulativeSum(options.axis ?? -1) },
    OperationLine(
      .cumulativeProduct, .scans([OperationCase].nearOne).inEveryType(),
      stacking: .operands(1, [OperationCase].nearOne),
      Reference.cumulativeProduct
    ) { x, options in try x[0].cumulativeProduct(options.axis ?? -1) },
    OperationLine(
      .cumulativeMax, .scans(.wide, special: true).inEveryType() + .scans(.repeated),
      stacking: .operands(1, .wide), Reference.cumulativeMax
    ) { x, options in try x[0].cumulativeMax(options.axis ?? -1) },
  ]
}
