// Finding, moving and sorting elements by index.

extension OperationTable {
  static let indexing: [OperationLine] = []
}
