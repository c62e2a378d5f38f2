import Swoop

/// What an operand is to be made of.
package struct Operand: Sendable, CustomStringConvertible {
  package let shape: [Int]
  package let form: Sample.Form
  package let values: Values
  package let type: ElementType

  /// The type is that of the values if nobody says.
  package init(
    _ shape: [Int], _ form: Sample.Form = .dense, _ values: Values, _ type: ElementType? = nil
  ) {
    (self.shape, self.form, self.values) = (shape, form, values)
    self.type = type ?? values.type
  }

  package var description: String { "\(shape) \(type) \(form)" }
}

/// One application of an operation. Its operands are made when asked for, of a seed.
package struct OperationCase: Sendable, CustomStringConvertible {
  package let operands: [Operand]
  package let options: OperationOptions
  /// The element type that it counts under: that of the first operand if nobody says.
  package let type: ElementType

  package init(
    _ operands: [Operand], _ options: OperationOptions = .init(), as type: ElementType? = nil
  ) {
    (self.operands, self.options) = (operands, options)
    self.type = type ?? operands.first?.type ?? options.type ?? .float32
  }

  /// Elements of all operands.
  package var elementCount: Int { operands.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// The operands; another seed gives other elements.
  package func samples(seed: UInt64 = 0) -> [Sample] {
    var generator = SplitMix(
      seed: operands.reduce(seed &* 0x9E37_79B9_7F4A_7C15 &+ 17) { seed, operand in
        operand.shape.reduce(seed &* 31 &+ 7) { $0 &* 31 &+ UInt64($1) }
      })
    return operands.map { operand in
      let count = operand.shape.reduce(1, *)
      return Sample(
        shape: operand.shape,
        elements: operand.values.elements(count, operand.type, &generator), form: operand.form)
    }
  }

  package var description: String {
    (operands.map(\.description) + [options.description]).filter { !$0.isEmpty }
      .joined(separator: ", ")
  }
}

/// What an operation is told besides its operands; each looks at what it knows.
package struct OperationOptions: Sendable, CustomStringConvertible {
  /// As the caller gives them: negative ones count from the back, none means all.
  package var axes: [Int] = []
  package var isKeeping = false
  package var activation = Activation.none
  package var type: ElementType?
  /// For operations of one axis.
  package var axis: Int?
  /// Numbers that stand beside tensors: limits, slopes, exponents.
  package var scalars: [Double] = []
  /// Whole numbers: sizes, strides, keys.
  package var words: [Int] = []

  package init(
    axes: [Int] = [], isKeeping: Bool = false, activation: Activation = .none,
    type: ElementType? = nil, axis: Int? = nil, scalars: [Double] = [], words: [Int] = []
  ) {
    (self.axes, self.isKeeping, self.activation) = (axes, isKeeping, activation)
    (self.type, self.axis, self.scalars, self.words) = (type, axis, scalars, words)
  }

  package func normalizedAxes(_ rank: Int) -> [Int] {
    axes.isEmpty ? Array(0..<rank) : axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
  }

  package var description: String {
    var parts: [String] = []
    if !axes.isEmpty { parts.append("axes \(axes)") }
    if isKeeping { parts.append("keeping dimensions") }
    if activation != .none { parts.append("\(activation)") }
    if let type { parts.append("as \(type)") }
    if let axis { parts.append("axis \(axis)") }
    if !scalars.isEmpty { parts.append("with \(scalars)") }
    if !words.isEmpty { parts.append("of \(words)") }
    return parts.joined(separator: ", ")
  }
}
