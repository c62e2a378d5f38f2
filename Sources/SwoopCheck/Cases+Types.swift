import Swoop

// Operations are worked out on many shapes with one element type or two; the others share kernels
// with them, but for reading and storing elements.

extension [OperationCase] {
  /// And a few of these with every element type that none of them has, of those listed.
  ///
  /// Operands of the type of the first case are what is replaced: others are indices.
  package func inEveryType(_ types: [ElementType] = ElementType.allCases) -> [OperationCase] {
    guard let type = first?.type else { return self }
    let ordinary = filter { operationCase in
      let isSpecial = operationCase.operands.contains { operand in
        switch operand.values {
        case .these, .theseIntegers: true
        default: false
        }
      }
      return operationCase.type == type && !isSpecial
        && (2...Self.mostElements).contains(operationCase.elementCount)
    }
    // From all over the list, so that shapes, axes and views differ.
    let count = Swift.min(Self.casesPerType, ordinary.count)
    let models = (0..<count).map { ordinary[$0 * ordinary.count / count] }
    return self
      + types.filter { type in !contains { $0.type == type } }
      .flatMap { type in models.map { $0.with(type) } }
  }

  private static let casesPerType = 2
  private static let mostElements = 3_000
}

extension OperationCase {
  fileprivate func with(_ type: ElementType) -> OperationCase {
    OperationCase(
      operands.map { operand in
        guard operand.type == self.type else { return operand }
        return Operand(operand.shape, operand.form, operand.values.kind(for: type), type)
      }, options)
  }
}

extension Values {
  /// Whole numbers lie anywhere in the range of their type, where these values would be fractions.
  fileprivate func kind(for type: ElementType) -> Values {
    switch self {
    case .wide, .moderate, .positive, .exponents, .angles: type.isWhole ? .integers : self
    default: self
    }
  }
}
