import Swoop

// What only moves or converts elements.

extension OperationTable {
  static let moves: [OperationLine] = [
    OperationLine(.cast, .casts, Reference.cast) { x, options in
      try x[0].cast(to: options.type ?? .float32)
    },
    OperationLine(.copy, .views, Reference.copy) { x, _ in try x[0].reshaped(x[0].shape) },
    OperationLine(.unview, .unviews, Reference.unview) { x, _ in
      let shape = Array(x[0].shape)
      var attributes = Attributes()
      attributes.resultShape = try Shape(unviewedShape(shape))
      attributes.words = unviewWords(shape)
      return try Tensor.make(.unview, [x[0]], attributes)
    },
  ]

  // The view that is left: of axes in reverse order every second element from the second on, the
  // even ones of the view's axes backwards.

  fileprivate static func unviewedShape(_ shape: [Int]) -> [Int] {
    shape.reversed().map { 2 * $0 + 1 }
  }

  private static func unviewWords(_ shape: [Int]) -> [UInt32] {
    var step = 1
    var offset = 0
    var words: [UInt32] = []
    for (axis, size) in shape.enumerated() {
      let isBackwards = axis % 2 == 0
      offset += step * (isBackwards ? 2 * Swift.max(size, 1) - 1 : 1)
      words.append(UInt32(truncatingIfNeeded: isBackwards ? -2 * step : 2 * step))
      step *= 2 * size + 1
    }
    return words + [UInt32(offset)]
  }
}

extension [OperationCase] {
  fileprivate static let unviews: [OperationCase] = {
    var result: [OperationCase] = []
    for shape in [[], [1], [7], [3, 5], [1, 4, 1], [4, 1, 3, 2], [33, 17], [2, 0, 3]] {
      result.append(.of([(shape, .dense)], .moderate))
      result.append(.of([(shape, .transposed)], .moderate))
      result.append(.of([(shape, .dense)], .integers))
      result.append(.of([(shape, .transposed)], .moderate, .init(), .float16))
    }
    return result
  }()
}

extension Reference {
  /// Zeros, and the operand where the view lies.
  static let unview: Function = { operands, _ in
    let x = operands[0]
    let shape = OperationTable.unviewedShape(x.shape)
    var values = [Double](repeating: 0, count: shape.reduce(1, *))
    for (flat, value) in x.values.enumerated() {
      let place = coordinates(flat, in: x.shape)
      let target = place.indices.reversed().map { axis in
        1 + 2 * (axis % 2 == 0 ? x.shape[axis] - 1 - place[axis] : place[axis])
      }
      values[flatIndex(target, in: shape)] = value
    }
    return Expected(
      shape: shape, type: x.type, elements: values.map { Expected.Element($0, bound: 0) })
  }
}
