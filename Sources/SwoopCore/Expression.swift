/// Elementwise operations that run as one, none of the results in between written to memory.
///
/// Each element goes through the same functions, rounded after each, so the result is bitwise that
/// of the operations one by one.
package struct Expression: Sendable, Hashable {
  package struct Step: Sendable, Hashable {
    package let operation: TensorOperation
    package let arguments: [Argument]
  }

  package enum Argument: Sendable, Hashable {
    case operand(Int)
    /// The result of an earlier step.
    case step(Int)
  }

  /// More would only make kernels that nobody meets again.
  static let stepLimit = 8
  /// What a kernel takes.
  static let operandLimit = 3

  /// In order; the last gives the result.
  package private(set) var steps: [Step] = []
  /// How many different operands there are.
  package internal(set) var arity = 0

  mutating func append(_ step: Step) { steps.append(step) }

  /// The functions by name, innermost first.
  var name: String { steps.map(\.operation.name).joined(separator: "+") }

  private static let operations = Lock<[Expression: TensorOperation]>([:])
  private static let limit = 4096

  /// The row of the operation table that it would be.
  var operation: TensorOperation {
    if let known = Expression.operations.withLock({ $0[self] }) { return known }
    let made = TensorOperation.elementwise(name, .unknown, arity: arity, expression: self)
    return Expression.operations.withLock { operations in
      if let known = operations[self] { return known }
      if operations.count >= Expression.limit { operations.removeAll() }
      operations[self] = made
      return made
    }
  }
}
