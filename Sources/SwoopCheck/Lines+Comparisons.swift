// Comparisons of elements.

extension OperationTable {
  static let comparisons: [OperationLine] = []
}
