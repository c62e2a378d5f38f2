// Along an axis, every element of those before it.

extension OperationTable {
  static let cumulative: [OperationLine] = []
}
