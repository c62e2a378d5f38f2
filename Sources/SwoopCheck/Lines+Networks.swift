// Convolutions, normalisations, attention.

extension OperationTable {
  static let networks: [OperationLine] = []
}
