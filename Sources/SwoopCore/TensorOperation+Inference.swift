// What rows of one family have in common.

extension TensorOperation {
  /// The element types that an operation takes.
  package enum Accepted: String, Sendable {
    case all = "any type"
    case numbers = "numbers; cast(to:) makes them of bool"
    case integers = "int32, uint8 and bool"

    func includes(_ type: ElementType) -> Bool {
      switch self {
      case .all: true
      case .numbers: type != .bool
      case .integers: !type.isFloatingPoint
      }
    }
  }

  /// The element type of a result.
  package enum ResultType: Sendable {
    /// What the operands' types meet in.
    case promoted
    /// The same, but float32 for integers.
    case floating
    case bool
    /// What all operands but the first meet in.
    case chosen
  }

  package static func expect(
    _ count: Int, _ operands: [TensorForm], _ name: String
  ) throws(TensorError) {
    guard operands.count == count else {
      throw TensorError(
        .invalidArgument, "\(name) was given \(operands.count) operands; it takes \(count)")
    }
  }

  package static func elementwise(
    _ name: String, _ precision: Precision, arity: Int, accepts: Accepted = .all,
    result: ResultType = .promoted, computation: Computation? = nil,
    expression: Expression? = nil
  ) -> TensorOperation {
    TensorOperation(
      name, .elementwise, precision,
      computation: computation ?? (result == .floating ? .floating : .promoted),
      expression: expression
    ) { operands, _, name throws(TensorError) in
      try expect(arity, operands, name)
      var shape = operands[0].shape
      for operand in operands.dropFirst() {
        shape = try Shape.broadcast(shape, operand.shape, operation: name)
      }
      for operand in operands where !accepts.includes(operand.elementType) {
        throw TensorError(
          .elementTypeMismatch,
          "\(name) was given \(operand.elementType); it takes \(accepts.rawValue)")
      }
      let types = operands.dropFirst(result == .chosen ? 1 : 0).map(\.elementType)
      let type = types.dropFirst().reduce(types[0]) { .promoted($0, $1) }
      switch result {
      case .promoted, .chosen: return TensorForm(shape, type)
      case .floating: return TensorForm(shape, type.floating)
      case .bool: return TensorForm(shape, .bool)
      }
    }
  }

  /// A function of one element, computed in float32.
  package static func function(_ name: String, _ precision: Precision) -> TensorOperation {
    elementwise(name, precision, arity: 1, result: .floating)
  }

  package static func reduction(
    _ name: String, _ precision: Precision, floating: Bool = false, needsElements: Bool = false,
    resultType: ElementType? = nil
  ) -> TensorOperation {
    TensorOperation(
      name, .reduction, precision, computation: floating ? .floating : .promoted
    ) {
      operands, attributes, name throws(TensorError) in
      try expect(1, operands, name)
      let shape = operands[0].shape
      let result = shape.reduced(attributes.axes, keepingDimensions: attributes.keepingDimensions)
      if needsElements, result.elementCount > 0, shape.elementCount == 0 {
        throw TensorError(
          .emptyReduction,
          "\(name) over axes \(attributes.axes) of a tensor of shape \(shape): "
            + "there are no elements to take it of")
      }
      let type = resultType ?? (floating ? .float32 : operands[0].elementType.wide)
      return TensorForm(result, type)
    }
  }

  /// The last two axes multiply, those before them broadcast; a vector counts as one row (left)
  /// or one column (right), and that axis is absent from the result.
  package static func product(
    _ a: TensorForm, _ b: TensorForm, _ name: String
  ) throws(TensorError) -> TensorForm {
    guard a.elementType == b.elementType else {
      throw TensorError(
        .elementTypeMismatch,
        "\(name) was given \(a.elementType) and \(b.elementType); it takes one element type")
    }
    guard a.shape.rank >= 1, b.shape.rank >= 1,
      a.shape[a.shape.rank - 1] == b.shape[Swift.max(b.shape.rank - 2, 0)]
    else {
      throw .shapeMismatch(
        name, [a.shape, b.shape], accepted: "[…, m, k] and […, k, n], or a vector for either")
    }
    let leading = try Shape.broadcast(
      Shape(unchecked: a.shape.dropLast(2)), Shape(unchecked: b.shape.dropLast(2)), operation: name)
    var sizes = Array(leading)
    if a.shape.rank > 1 { sizes.append(a.shape[a.shape.rank - 2]) }
    if b.shape.rank > 1 { sizes.append(b.shape[b.shape.rank - 1]) }
    return TensorForm(try Shape(sizes), a.elementType)
  }
}
