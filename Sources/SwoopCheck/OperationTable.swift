import Swoop

/// One operation as the tests and `swoop check` see it: how it is called, what it is by
/// definition, and on what it is tried.
package struct OperationLine: Sendable, CustomStringConvertible {
  package let operation: TensorOperation
  package let cases: [OperationCase]
  package let stacking: Stacking
  package let reference: Reference.Function
  package let apply: @Sendable ([Tensor], OperationOptions) throws -> Tensor

  /// How rows are put together that do not depend on each other.
  package enum Stacking: Sendable {
    case none
    /// All of this many operands have the rows.
    case operands(Int, Values)
    /// The left operand of a product has them.
    case leftRows(bias: Bool)
  }

  package init(
    _ operation: TensorOperation, _ cases: [OperationCase], stacking: Stacking = .none,
    _ reference: @escaping Reference.Function,
    apply: @escaping @Sendable ([Tensor], OperationOptions) throws -> Tensor
  ) {
    self.operation = operation
    self.cases = cases
    self.stacking = stacking
    self.reference = reference
    self.apply = apply
  }

  package var description: String { operation.name }
}

/// Every operation has one line in its family's file, `Lines+….swift`, and the tests fail if one
/// has none. A line is all that tests, check and documentation know of an operation.
package enum OperationTable {
  package static let lines: [OperationLine] =
    elementwise + arithmetic + mathematics + comparisons + logical + moves + random
    + reductions + cumulative + rows + indexing + products + networks
}
