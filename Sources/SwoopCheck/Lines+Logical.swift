import RealModule
import Swoop

// Logical and bitwise functions, and what chooses between elements.

extension OperationTable {
  private static let integers: [ElementType] = [.int32, .uint8, .bool]

  static let logical: [OperationLine] = [
    logic(.logicalAnd, { $0 && $1 }, { try $0 .& $1 }),
    logic(.logicalOr, { $0 || $1 }, { try $0 .| $1 }),
    logic(.logicalXor, { $0 != $1 }, { try $0 .^ $1 }),
    OperationLine(
      .logicalNot, .functions([.repeated]),
      Reference.elementwise(
        .logicalNot, { $0[0] == 0 ? 1 : 0 }, integer: { $0[0] == 0 ? 1 : 0 }, type: .bool)
    ) { x, _ in try .!x[0] },
    bits(.bitwiseAnd, { $0 & $1 }, { try $0 & $1 }),
    bits(.bitwiseOr, { $0 | $1 }, { try $0 | $1 }),
    bits(.bitwiseXor, { $0 ^ $1 }, { try $0 ^ $1 }),
    OperationLine(.bitwiseNot, .functions([.integers], of: integers), inverse) { x, _ in
      try ~x[0]
    },
    bits(.shiftLeft, { (0..<32).contains($1) ? $0 << $1 : 0 }, { try $0 << $1 }),
    bits(.shiftRight, { $0 >> ((0..<32).contains($1) ? $1 : 31) }, { try $0 >> $1 }),
    OperationLine(.where, chosen, choice) { x, _ in try Tensor.where(x[0], x[1], x[2]) },
  ]

  private static func logic(
    _ operation: TensorOperation, _ function: @escaping @Sendable (Bool, Bool) -> Bool,
    _ apply: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
  ) -> OperationLine {
    OperationLine(
      operation, .functions([.repeated, .repeated]),
      Reference.elementwise(
        operation, { function($0[0] != 0, $0[1] != 0) ? 1 : 0 },
        integer: { function($0[0] != 0, $0[1] != 0) ? 1 : 0 }, type: .bool)
    ) { x, _ in try apply(x[0], x[1]) }
  }

  private static func bits(
    _ operation: TensorOperation, _ function: @escaping @Sendable (Int64, Int64) -> Int64,
    _ apply: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
  ) -> OperationLine {
    let counts = [257, 40].map { length in
      OperationCase([
        Operand([length], .dense, .integers), Operand([length], .dense, .within(-2...34)),
      ])
    }
    return OperationLine(
      operation, .functions([.integers, .integers], of: integers) + counts,
      Reference.elementwise(operation, { _ in .nan }, integer: { function($0[0], $0[1]) })
    ) { x, _ in try apply(x[0], x[1]) }
  }

  /// Every bit the other way; of bool, not.
  private static let inverse: Reference.Function = { operands, options in
    let flip: Int64 = operands[0].type == .bool ? 1 : -1
    let reference = Reference.elementwise(
      .bitwiseNot, { _ in .nan }, integer: { $0[0] ^ flip })
    return reference(operands, options)
  }

  private static let chosen: [OperationCase] = ElementType.allCases.flatMap { type in
    [[], [1], [257], [0], [3, 5], [65, 129]].map { shape in
      let values: Values = type.isFloatingPoint ? .wide : .integers
      return OperationCase(
        [
          Operand(shape, .dense, .integers, .bool), Operand(shape, .transposed, values, type),
          Operand(Array(shape.suffix(1)), .dense, values, type),
        ], as: type)
    }
  }

  /// Copies keep every bit, but for subnormal numbers.
  private static let choice: Reference.Function = { operands, _ in
    let shape = operands.dropFirst().reduce(operands[0].shape) { broadcastShape($0, $1.shape) }
    let places = operands.map { $0.sources(broadcastTo: shape) }
    let elements = (0..<shape.reduce(1, *)).map { index in
      let source = operands[0].values[places[0][index]] != 0 ? 1 : 2
      return Expected.Element(operands[source].values[places[source][index]], bound: 0)
    }
    return Expected(shape: shape, type: operands[1].type, elements: elements)
  }
}
