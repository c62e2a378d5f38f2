import Swoop

// Along an axis, shape unchanged.

extension OperationTable {
  static let rows: [OperationLine] = [
    OperationLine(
      .softmax, .softmaxes, stacking: .operands(1, .moderate), Reference.softmax
    ) { x, options in try x[0].softmax(options.axes[0]) }
  ]
}
