/// Chains of elementwise operations that become one operation each.
struct Fusion: Sendable {
  /// An operand as an operation had it.
  struct Origin: Sendable {
    let node: Int32
    let operand: Int32

    @inline(__always)
    func slot(among nodes: [Node]) -> Operands.Slot {
      nodes[Int(node)].operandSlot(Int(operand))
    }
  }

  /// What an operation is computed from that others have become part of.
  struct Part: Sendable {
    fileprivate(set) var operands: [Origin] = []
    /// Operands of those that are the same as one of these.
    fileprivate(set) var alike: [(origin: Origin, index: Int)] = []

    /// Whether that is so among these nodes too.
    func fits(_ nodes: [Node]) -> Bool {
      alike.allSatisfy {
        $0.origin.slot(among: nodes).isSame(as: operands[$0.index].slot(among: nodes))
      }
    }

    func operands(among nodes: [Node]) -> Operands {
      Operands(operands.lazy.map { $0.slot(among: nodes) })
    }
  }

  let count: Int
  /// The places of the operations that have not become part of others, in order.
  private(set) var left: [Int] = []
  /// By the place of an operation, what it is computed from if others have become part of it.
  private(set) var parts: [Int: Part] = [:]
  /// Those that the operations had.
  private(set) var signatures: [InternedSignature] = []

  /// - Parameters:
  ///   - nodes: in dependency order, the caller's own; each is given its place as its position.
  ///   - isInner: whether nobody but the nodes that read it wants a node's result.
  init(_ nodes: [Node], isInner: (Node) -> Bool) {
    count = nodes.count
    nodes.look { $1.position = $0 }
    var readers = [Int](repeating: 0, count: nodes.count)
    var known: Set<ObjectIdentifier> = []
    nodes.lend { lent in
      lent.look { index, node in
        if let interned = node.interned, known.insert(ObjectIdentifier(interned)).inserted {
          signatures.append(interned)
        }
        node.visitOperands { _, operand in
          if let place = operand.place(among: lent, before: index) { readers[place] += 1 }
        }
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
      var inner: [Int] = []
      if let all = BoundExpression(node, with: candidates) {
        // Together they may be less than one by one: they share operands.
        whole = all
        inner = candidates.indices.filter { candidates[$0] != nil }.map { places[$0] }
      } else {
        var some = [BoundExpression?](repeating: nil, count: node.operandCount)
        for operand in candidates.indices where candidates[operand] != nil {
          some[operand] = candidates[operand]
          if let more = BoundExpression(node, with: some) {
            whole = more
            inner.append(places[operand])
          } else {
            some[operand] = nil
          }
        }
      }
      if !inner.isEmpty {
        let operands = Operands(whole.operands)
        let signature = try? node.backend.signatures.signature(
          whole.expression.operation, operands, Attributes())
        // What fits one by one fits together.
        guard let signature else { continue }
        node.run(as: signature, on: operands)
        parts[index] = whole.part
        for place in inner { isGone[place] = true }
      }
      bound[index] = whole
    }
    left = nodes.indices.filter { !isGone[$0] }
  }
}

/// An expression with its operands, as it grows.
private struct BoundExpression {
  private(set) var expression = Expression()
  private(set) var operands: [Tensor] = []
  /// Where the operands come from.
  private(set) var part = Fusion.Part()

  /// One operation; nil for one that does not run as a part of others.
  init?(_ node: Node) {
    guard let signature = node.interned?.signature, signature.isFusible else { return nil }
    let arguments = node.operands.enumerated().map { index, tensor in
      Expression.Argument.operand(place(of: tensor, from: Fusion.Origin(node, index)))
    }
    finish(signature.operation, arguments)
  }

  /// The operation of a node, with expressions in place of some of its operands; nil if that
  /// makes more than a kernel takes.
  init?(_ node: Node, with inner: [BoundExpression?]) {
    guard let operation = node.interned?.signature.operation else { return nil }
    var arguments: [Expression.Argument] = []
    for (index, (tensor, inner)) in zip(node.operands, inner).enumerated() {
      arguments.append(
        inner.map { append($0) }
          ?? .operand(place(of: tensor, from: Fusion.Origin(node, index))))
    }
    finish(operation, arguments)
    guard expression.arity <= Expression.operandLimit,
      expression.steps.count <= Expression.stepLimit
    else { return nil }
  }

  private mutating func finish(_ operation: TensorOperation, _ arguments: [Expression.Argument]) {
    expression.append(Expression.Step(operation: operation, arguments: arguments))
    expression.arity = operands.count
  }

  private mutating func place(of tensor: Tensor, from origin: Fusion.Origin) -> Int {
    let known = operands.firstIndex { $0.node === tensor.node && $0.view === tensor.view }
    if let known {
      part.alike.append((origin, known))
      return known
    }
    operands.append(tensor)
    part.operands.append(origin)
    return operands.count - 1
  }

  /// Takes over the steps of another; returns where its result is.
  private mutating func append(_ other: BoundExpression) -> Expression.Argument {
    let places = zip(other.operands, other.part.operands).map { place(of: $0, from: $1) }
    part.alike += other.part.alike.map { ($0.origin, places[$0.index]) }
    let first = expression.steps.count
    for step in other.expression.steps {
      let arguments = step.arguments.map { argument -> Expression.Argument in
        switch argument {
        case .operand(let index): .operand(places[index])
        case .step(let index): .step(first + index)
        }
      }
      expression.append(Expression.Step(operation: step.operation, arguments: arguments))
    }
    return .step(expression.steps.count - 1)
  }
}

extension Fusion.Origin {
  fileprivate init(_ node: Node, _ operand: Int) {
    self.init(node: Int32(node.position), operand: Int32(operand))
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
