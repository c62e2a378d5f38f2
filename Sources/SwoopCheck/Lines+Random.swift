// Random elements of a key.

extension OperationTable {
  static let random: [OperationLine] = []
}
