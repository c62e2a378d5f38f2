import Swoop

/// A function of tensors that is made of operations, or makes or views tensors without one.
///
/// The functions of one operation are in `OperationTable`, where they are held to their bounds.
package struct FunctionLine: Sendable, CustomStringConvertible {
  /// What the element types are of.
  package enum Kind: Sendable {
    /// Of the operand; any other is an error.
    case operand
    /// Of the result, as asked for; any other is an error.
    case made
    /// Of the result, whatever is asked for.
    case fixed
  }

  /// As Swift spells it, without labels.
  package let name: String
  package let family: String
  package let kind: Kind
  package let types: [ElementType]
  package let hasDerivative: Bool
  /// The operations that it is made of; empty for what only views or copies.
  package let operations: [TensorOperation]
  /// How far a result may be from the exact one; nil for exact results.
  package let bound: String?
  /// The shape of an operand to try it with.
  package let shape: Shape
  /// Applies it to an operand of that shape; where it takes none, that says the type and device.
  package let apply: @Sendable (Tensor) throws -> Tensor

  init(
    _ name: String, _ family: String, _ kind: Kind = .operand, _ types: [ElementType] = .all,
    derivative: Bool = true, of operations: [TensorOperation] = [], bound: String? = nil,
    on shape: Shape = [2, 3, 4], apply: @escaping @Sendable (Tensor) throws -> Tensor
  ) {
    self.name = name
    self.family = family
    self.kind = kind
    self.types = types
    hasDerivative = derivative && kind == .operand
    self.operations = operations
    self.bound = bound
    self.shape = shape
    self.apply = apply
  }

  package var description: String { name }
}

extension [ElementType] {
  static var all: [ElementType] { ElementType.allCases }
  static var floating: [ElementType] { all.filter(\.isFloatingPoint) }
}

/// The functions that have no operation of their own.
package enum FunctionTable {
  package static let lines: [FunctionLine] = creation + views + joining + numbers + networks

  /// What to try a function with: small whole numbers, none of them twice in a line of four.
  package static func operand(
    _ shape: Shape, _ type: ElementType, on device: Device
  ) throws -> Tensor {
    let count = shape.elementCount
    let numbers = (0..<count).map { Float(($0 * 7 + 3) % 11) }
    return try Tensor(numbers, shape: shape, on: device).cast(to: type)
  }

  /// Indices for an axis of three.
  static func indices(_ x: Tensor, _ list: [Int32] = [2, 0]) throws -> Tensor {
    try Tensor(list, on: x.device)
  }

  /// Constants of a type's own values.
  static func constant(_ shape: Shape, _ x: Tensor, _ type: ElementType? = nil) throws -> Tensor {
    let count = shape.elementCount
    return try Tensor((0..<count).map { Float($0 % 3) + 1 }, shape: shape, on: x.device)
      .cast(to: type ?? x.elementType)
  }
}
