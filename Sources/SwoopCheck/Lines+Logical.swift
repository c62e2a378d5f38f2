// Logical and bitwise functions, and what chooses between elements.

extension OperationTable {
  static let logical: [OperationLine] = []
}
