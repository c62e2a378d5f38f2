import Swoop

// What only moves or converts elements.

extension OperationTable {
  static let moves: [OperationLine] = [
    OperationLine(.cast, .casts, Reference.cast) { x, options in
      try x[0].cast(to: options.type ?? .float32)
    },
    OperationLine(.copy, .views.inEveryType(), Reference.copy) { x, _ in try x[0].contiguous() },
    OperationLine(.unview, .unviews.inEveryType(), Reference.unview) { x, _ in
      let shape = Array(x[0].shape)
      var attributes = Attributes()
      attributes.resultShape = try Shape(unviewedShape(shape))
      attributes.words = unviewWords(shape)
      return try Tensor.make(.unview, [x[0]], attributes)
    },
    OperationLine(.concatenate, .joins, Reference.concatenated) { x, options in
      try .concatenated(x, axis: options.axis ?? 0)
    },
    OperationLine(.replace, .replacements, Reference.replaced) { x, options in
      try x[0].replacing(
        stride(from: 0, to: options.words.count, by: 3).map { first in
          let words = options.words[first..<first + 3]
          return AxisIndex.slice(from: words[first], to: words[first + 1], by: words[first + 2])
        }, with: x[1])
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

extension Reference {
  package static let concatenated: Function = { operands, options in
    let axis = options.axis ?? 0
    var shape = operands[0].shape
    shape[axis] = operands.reduce(0) { $0 + $1.shape[axis] }
    let elements = (0..<shape.reduce(1, *)).map { flat in
      var place = coordinates(flat, in: shape)
      var operand = 0
      while place[axis] >= operands[operand].shape[axis] {
        place[axis] -= operands[operand].shape[axis]
        operand += 1
      }
      let source = operands[operand]
      return Expected.Element(source.values[flatIndex(place, in: source.shape)], bound: 0)
    }
    return Expected(shape: shape, type: operands[0].type, elements: elements)
  }

  /// The options' words are from, to and by for each axis, counted from the front; the second
  /// operand has the shape of that part.
  package static let replaced: Function = { operands, options in
    let (whole, part) = (operands[0], operands[1])
    var values = whole.values
    for flat in part.values.indices {
      let place = coordinates(flat, in: part.shape)
      let target = place.indices.map {
        options.words[3 * $0] + place[$0] * options.words[3 * $0 + 2]
      }
      values[flatIndex(target, in: whole.shape)] = part.values[flat]
    }
    return Expected(
      shape: whole.shape, type: whole.type, elements: values.map { Expected.Element($0, bound: 0) })
  }
}

extension [OperationCase] {
  /// One operand and many, equal and not, empty ones among them; views; every width of element.
  static let joins: [OperationCase] = {
    var result: [OperationCase] = []
    func add(
      _ shapes: [[Int]], _ axis: Int, _ form: Sample.Form = .dense, _ type: ElementType = .float32
    ) {
      var options = OperationOptions()
      options.axis = axis
      result.append(
        .of(shapes.map { ($0, form) }, type.isFloatingPoint ? .wide : .integers, options, type))
    }
    for type in ElementType.allCases {
      add([[5], [3]], 0, .dense, type)
      add([[3, 5], [3, 2], [3, 0], [3, 1]], 1, .transposed, type)
      add([[2, 33], [4, 33]], 0, .dense, type)
    }
    add([[4, 8], [4, 8], [4, 8], [4, 8]], 0)
    add([[4, 8], [4, 8], [4, 8]], 1)
    add([[65, 129], [65, 3]], 1)
    add([[0], [7], [0], [1], [0]], 0)
    add([[0, 3], [0, 3]], 1)
    add([[2, 3, 4], [2, 1, 4], [2, 5, 4]], 1)
    add([[2, 3, 4], [2, 3, 1]], 2, .permuted([1, 2, 0]))
    add([[Int]](repeating: [1, 3], count: 100), 0)
    add((0..<40).map { [$0] }, 0)
    add([[1, 2, 1, 2, 1, 2, 1, 3], [1, 2, 1, 2, 1, 5, 1, 3]], 5)
    return result
  }()

  /// Parts of one and several axes, with steps, forwards and backwards.
  static let replacements: [OperationCase] = {
    var result: [OperationCase] = []
    func add(
      _ shape: [Int], _ words: [Int], _ part: [Int], _ form: Sample.Form = .dense,
      _ type: ElementType = .float32
    ) {
      var options = OperationOptions()
      options.words = words
      result.append(
        .of(
          [(shape, form), (part, form)], type.isFloatingPoint ? .wide : .integers, options, type))
    }
    for type in ElementType.allCases {
      add([9], [2, 8, 2], [3], .dense, type)
      add([5, 7], [1, 4, 1, 6, 1, -3], [3, 2], .transposed, type)
    }
    add([8209], [1, 8208, 1], [8207])
    add([65, 129], [3, 60, 1, 0, 129, 1], [57, 129])
    add([65, 129], [64, 2, -5, 128, 3, -1], [13, 125])
    add([2, 3, 4], [0, 2, 1, 1, 2, 1, 0, 4, 3], [2, 1, 2], .permuted([2, 0, 1]))
    add([4, 4], [0, 4, 1, 0, 4, 1], [4, 4])
    return result
  }()
}
