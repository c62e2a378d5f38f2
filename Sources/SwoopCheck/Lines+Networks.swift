import Swoop

// Rows for networks: windows on planes. What is made of several rows has tests of its own.

extension OperationTable {
  static let networks: [OperationLine] = [
    OperationLine(.window, .windows.inEveryType(), Reference.window) { x, options in
      let geometry = try WindowGeometry(x[0].shape[2], x[0].shape[3], options)
      var attributes = Attributes()
      attributes.words = geometry.words + [0]
      return try Tensor.make(.window, [x[0].contiguous()], attributes)
    },
    OperationLine(.fold, .folds.inEveryType(), Reference.fold) { x, options in
      var attributes = Attributes()
      attributes.words = try WindowGeometry(options.words[8], options.words[9], options).words
      return try Tensor.make(.fold, [x[0].contiguous()], attributes)
    },
  ]
}

extension WindowGeometry {
  /// The words are kernel, stride, padding and dilation, two each.
  init(_ height: Int, _ width: Int, _ options: OperationOptions) throws {
    let words = options.words
    try self.init(
      height: height, width: width, kernel: (words[0], words[1]), stride: (words[2], words[3]),
      padding: (words[4], words[5]), dilation: (words[6], words[7]), operation: "window")
  }
}

/// Windows down and across a plane.
private func windowCounts(_ shape: [Int], _ words: [Int]) -> [Int] {
  var counts: [Int] = []
  for axis in 0..<2 {
    let reach = words[6 + axis] * (words[axis] - 1) + 1
    counts.append((shape[2 + axis] + 2 * words[4 + axis] - reach) / words[2 + axis] + 1)
  }
  return counts
}

extension [OperationCase] {
  /// Planes, and what lies on them.
  private static let planes: [(shape: [Int], words: [Int])] = [
    ([1, 1, 1, 1], [1, 1, 1, 1, 0, 0, 1, 1]), ([2, 3, 7, 5], [3, 3, 1, 1, 1, 1, 1, 1]),
    ([1, 2, 9, 8], [2, 3, 2, 3, 0, 1, 2, 1]), ([3, 1, 1, 33], [1, 5, 1, 4, 0, 2, 1, 3]),
    ([2, 0, 4, 4], [2, 2, 2, 2, 0, 0, 1, 1]), ([1, 5, 17, 19], [5, 5, 3, 3, 2, 2, 1, 1]),
  ]

  fileprivate static let windows: [OperationCase] = {
    var result: [OperationCase] = []
    for (shape, words) in planes {
      result.append(.of([(shape, .dense)], .moderate, .init(words: words)))
      result.append(.of([(shape, .dense)], .integers, .init(words: words)))
    }
    let words = planes[0].words
    result.append(.of([([2, 3, 7, 5], .transposed)], .moderate, .init(words: words), .float16))
    return result
  }()

  /// Windows with the planes that they are folded to behind their words.
  fileprivate static let folds: [OperationCase] = {
    var result: [OperationCase] = []
    for (shape, words) in planes {
      let windows = [shape[0]] + windowCounts(shape, words) + [shape[1], words[0], words[1]]
      let options = OperationOptions(words: words + shape[2...])
      result.append(.of([(windows, .dense)], .moderate, options))
      result.append(.of([(windows, .dense)], .integers, options))
    }
    return result
  }()
}

extension Reference {
  /// The place in the planes of each element of the windows; nil for outside.
  private static func places(
    _ shape: [Int], _ words: [Int]
  ) -> (shape: [Int], places: [Int?]) {
    let counts = windowCounts(shape, words)
    var places: [Int?] = []
    for image in 0..<shape[0] {
      for row in 0..<counts[0] {
        for column in 0..<counts[1] {
          for channel in 0..<shape[1] {
            for ky in 0..<words[0] {
              for kx in 0..<words[1] {
                let y = row * words[2] + ky * words[6] - words[4]
                let x = column * words[3] + kx * words[7] - words[5]
                let isInside = y >= 0 && x >= 0 && y < shape[2] && x < shape[3]
                let plane = (image * shape[1] + channel) * shape[2]
                places.append(isInside ? (plane + y) * shape[3] + x : nil)
              }
            }
          }
        }
      }
    }
    return ([shape[0]] + counts + [shape[1], words[0], words[1]], places)
  }

  static let window: Function = { operands, options in
    let x = operands[0]
    let (shape, places) = places(x.shape, options.words)
    return Expected(
      shape: shape, type: x.type.isWhole ? .int32 : .float32,
      elements: places.map { Expected.Element($0.map { x.values[$0] } ?? 0, bound: 0) })
  }

  /// A sum of as many as windows have the element, in any order.
  static let fold: Function = { operands, options in
    let g = operands[0]
    let shape = [g.shape[0], g.shape[3], options.words[8], options.words[9]]
    var terms = [[Double]](repeating: [], count: shape.reduce(1, *))
    for (index, place) in places(shape, options.words).places.enumerated() {
      if let place { terms[place].append(g.values[index]) }
    }
    let elements = terms.map { list in
      if g.type.isWhole {
        return Expected.Element(
          g.type.accumulated.wrapped(list.reduce(Int64(0)) { $0 &+ Int64($1) }), bound: 0)
      }
      return Expected.Element(list.reduce(0, +), bound: accumulated(list.count - 1, list.map(abs)))
    }
    return Expected(shape: shape, type: g.type.isWhole ? .int32 : .float32, elements: elements)
  }
}
