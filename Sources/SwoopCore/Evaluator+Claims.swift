extension Evaluator {
  /// What an evaluation has claimed. Operations come in dependency order, in portions of a submission
  /// each, so that a long chain's memory goes as it is worked off.
  struct Claims {
    let evaluation: UInt
    let limit: Int
    var operations: [[Node]] = []
    var sources: [Node] = []
    /// Whether the first portion can be submitted as it is.
    var isFirstReady = true
    private var portion: [Node] = []
    private var bytes = 0
    private var stack: [(node: Node, next: Int)] = []

    /// Claims what is pending below the roots.
    init(_ roots: [Node], _ evaluation: UInt, portions limit: Int) {
      (self.evaluation, self.limit) = (evaluation, limit)
      portion.reserveCapacity(min(roots.count, limit))
      roots.lend { roots in
        for index in roots.indices { roots[index]._withUnsafeGuaranteedRef { add($0) } }
      }
      if !portion.isEmpty { operations.append(portion) }
      portion = []
    }

    private mutating func add(_ root: Node) {
      visit(root)
      while let top = stack.last {
        if top.next < top.node.operandCount {
          stack[stack.count - 1].next += 1
          top.node.operandSlot(top.next).node._withUnsafeGuaranteedRef { visit($0) }
        } else {
          stack.removeLast()
          finish(top.node, top.node.look(for: evaluation))
        }
      }
    }

    private mutating func visit(_ node: Node) {
      guard node.claim(evaluation) else { return }
      if node.interned == nil { return sources.append(node) }
      // As a rule the operands have come before: so it is in a scope.
      let readiness = node.look(for: evaluation)
      if readiness == .hangsOnPending { stack.append((node, 0)) } else { finish(node, readiness) }
    }

    private mutating func finish(_ node: Node, _ readiness: Node.Readiness) {
      if readiness != .ready { isFirstReady = isFirstReady && !operations.isEmpty }
      portion.append(node)
      bytes += node.byteCount
      guard portion.count == limit || bytes >= portionBytes else { return }
      operations.append(portion)
      portion = []
      bytes = 0
    }
  }
}

extension Node {
  enum Readiness { case ready, hangsOnPending, hangsOnOthers, failed }

  /// Finds out whether it can be submitted, and how deep it lies; for the evaluation that holds it.
  /// Fails it if an operand has failed.
  func look(for evaluation: UInt) -> Readiness {
    level = 0
    var level = 1
    var readiness = Readiness.ready
    var failure: TensorError?
    visitOperands { _, operand in
      switch operand.state {
      case .resident: break
      case .failed: failure = operand.error
      case .pending: readiness = .hangsOnPending
      case .scheduled:
        if !operand.isClaimed(by: evaluation) {
          if readiness == .ready { readiness = .hangsOnOthers }
        } else if operand.interned != nil {
          operand.isConsumed = true
          if operand.level == 0, readiness == .ready { readiness = .hangsOnOthers }
          level = max(level, operand.level + 1)
        }
      }
    }
    if let failure {
      fail(failure)
      return .failed
    }
    if readiness == .ready { self.level = level }
    return readiness
  }
}
