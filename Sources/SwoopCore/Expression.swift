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
  package fileprivate(set) var steps: [Step] = []
  /// How many different operands there are.
  package fileprivate(set) var arity = 0

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

/// An expression with its operands, as it grows.
struct BoundExpression {
  private(set) var expression = Expression()
  private(set) var operands: [Tensor] = []

  /// One operation; nil for one that does not run as a part of others.
  init?(_ node: Node) {
    guard let signature = node.interned?.signature, signature.isFusible else { return nil }
    let arguments = node.operands.map { Expression.Argument.operand(place(of: $0)) }
    finish(signature.operation, arguments)
  }

  /// The operation of a node, with expressions in place of some of its operands; nil if that
  /// makes more than a kernel takes.
  init?(_ node: Node, with inner: [BoundExpression?]) {
    guard let operation = node.interned?.signature.operation else { return nil }
    var arguments: [Expression.Argument] = []
    for (tensor, inner) in zip(node.operands, inner) {
      arguments.append(inner.map { append($0) } ?? .operand(place(of: tensor)))
    }
    finish(operation, arguments)
    guard expression.arity <= Expression.operandLimit,
      expression.steps.count <= Expression.stepLimit
    else { return nil }
  }

  private mutating func finish(_ operation: TensorOperation, _ arguments: [Expression.Argument]) {
    expression.steps.append(Expression.Step(operation: operation, arguments: arguments))
    expression.arity = operands.count
  }

  private mutating func place(of tensor: Tensor) -> Int {
    let known = operands.firstIndex { $0.node === tensor.node && $0.view === tensor.view }
    if let known { return known }
    operands.append(tensor)
    return operands.count - 1
  }

  /// Takes over the steps of another; returns where its result is.
  private mutating func append(_ other: BoundExpression) -> Expression.Argument {
    let places = other.operands.map { place(of: $0) }
    let first = expression.steps.count
    for step in other.expression.steps {
      let arguments = step.arguments.map { argument -> Expression.Argument in
        switch argument {
        case .operand(let index): .operand(places[index])
        case .step(let index): .step(first + index)
        }
      }
      expression.steps.append(Expression.Step(operation: step.operation, arguments: arguments))
    }
    return .step(expression.steps.count - 1)
  }
}

extension Signature {
  /// Whether it is a function of float32 elements at the same place and of nothing else.
  fileprivate var isFusible: Bool {
    guard case .elementwise = operation.family, operation.expression == nil,
      attributes == Attributes(), result.elementType == .float32, result.shape.elementCount > 0
    else { return false }
    return operands.allSatisfy { $0.elementType == .float32 }
  }
}

enum Fusion {
  /// Makes chains of elementwise operations one operation each.
  /// - Parameters:
  ///   - nodes: in dependency order, the caller's own.
  ///   - isInner: whether nobody but the nodes that read it wants a node's result.
  /// - Returns: the nodes without those that have become part of others.
  static func fuse(_ nodes: [Node], isInner: (Node) -> Bool) -> [Node] {
    for (index, node) in nodes.enumerated() { node.position = index }
    var readers = [Int](repeating: 0, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      node.visitOperands { _, operand in
        if let place = operand.place(in: nodes, before: index) { readers[place] += 1 }
      }
    }
    var bound = [BoundExpression?](repeating: nil, count: nodes.count)
    var isGone = [Bool](repeating: false, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      guard var whole = BoundExpression(node) else { continue }
      var candidates = [BoundExpression?](repeating: nil, count: node.operandCount)
      var places = [Int](repeating: 0, count: node.operandCount)
      for operand in 0..<node.operandCount {
        let tensor = node.operand(operand)
        guard let place = tensor.node.place(in: nodes, before: index), readers[place] == 1,
          tensor.view == nil, tensor.node.form == node.form, isInner(tensor.node)
        else { continue }
        (candidates[operand], places[operand]) = (bound[place], place)
      }
      var parts: [Int] = []
      if let all = BoundExpression(node, with: candidates) {
        // Together they may be less than one by one: they share operands.
        whole = all
        parts = candidates.indices.filter { candidates[$0] != nil }.map { places[$0] }
      } else {
        var inner = [BoundExpression?](repeating: nil, count: node.operandCount)
        for operand in candidates.indices where candidates[operand] != nil {
          inner[operand] = candidates[operand]
          if let more = BoundExpression(node, with: inner) {
            whole = more
            parts.append(places[operand])
          } else {
            inner[operand] = nil
          }
        }
      }
      if !parts.isEmpty {
        let operands = Operands(whole.operands)
        let signature = try? node.backend.signatures.signature(
          whole.expression.operation, operands, Attributes())
        // What fits one by one fits together.
        guard let signature else { continue }
        node.run(as: signature, on: operands)
        for part in parts { isGone[part] = true }
      }
      bound[index] = whole
    }
    return nodes.indices.filter { !isGone[$0] }.map { nodes[$0] }
  }
}
