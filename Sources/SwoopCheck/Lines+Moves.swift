import Swoop

// What only moves or converts elements.

extension OperationTable {
  static let moves: [OperationLine] = [
    OperationLine(.cast, .casts, Reference.cast) { x, options in
      try x[0].cast(to: options.type ?? .float32)
    },
    OperationLine(.copy, .views, Reference.copy) { x, _ in try x[0].reshaped(x[0].shape) },
  ]
}
