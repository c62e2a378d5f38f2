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
    /// What the agenda looks at of the first portion, if it is all that was claimed.
    private(set) var outline: Agenda.Outline?
    private var portion: [Node] = []
    private var bytes = 0
    private var stack: [(node: Node, next: Int)] = []

    /// Claims what is pending below the roots; takes the list if that is the roots alone.
    init(_ roots: inout [Node], _ evaluation: UInt, _ path: Path) {
      self.evaluation = evaluation
      limit = path.submissionLimit
      let (count, next) = claimInOrder(roots, isOutlined: path == .batched)
      if count == roots.count {
        operations.append(roots)
        roots = []
        return
      }
      outline = nil
      portion.reserveCapacity(min(roots.count, limit))
      portion += roots[..<count]
      closeIfFull()
      let rest = next == nil ? count : count + 1
      if let next { descend(roots[count], next) }
      roots.lend { roots in
        for index in rest..<roots.count {
          roots[index]._withUnsafeGuaranteedRef { root in
            visit(root)
            climb()
          }
        }
      }
      if !portion.isEmpty { operations.append(portion) }
      portion = []
    }

    /// Claims roots for as long as each hangs on earlier ones, on host data and on what is there, as
    /// it is in a scope; one portion of them at most.
    /// - Returns: how many, and what kept the one behind them back if it has been claimed.
    private mutating func claimInOrder(
      _ roots: [Node], isOutlined: Bool
    ) -> (count: Int, next: Node.Readiness?) {
      if roots.isEmpty || roots.count > limit { return (0, nil) }
      var outline = isOutlined && roots.count > 1 ? Agenda.Outline(of: roots.count) : nil
      var sources: [Node] = []
      var bytes = 0
      let outcome: (Int, Node.Readiness?) = roots.lend { roots in
        for index in roots.indices {
          let next: (isDone: Bool, Node.Readiness?) = roots[index]._withUnsafeGuaranteedRef {
            root in
            if bytes >= portionBytes || !root.isOperation || !root.claim(evaluation) {
              return (true, nil)
            }
            let readiness = root.look(for: evaluation) { sources.append($0) }
            if readiness != .ready { return (true, readiness) }
            root.position = index
            outline?.append(root, at: index, among: roots)
            bytes += root.byteCount
            return (false, nil)
          }
          if next.isDone { return (index, next.1) }
        }
        return (roots.count, nil)
      }
      self.outline = outline
      self.sources = sources
      self.bytes = bytes
      return outcome
    }

    /// Works off the nodes below the latest.
    private mutating func climb() {
      while let top = stack.last {
        if top.next < top.node.operandCount {
          stack[stack.count - 1].next += 1
          top.node.operandSlot(top.next).node._withUnsafeGuaranteedRef { visit($0) }
        } else {
          stack.removeLast()
          finish(top.node, look(top.node))
        }
      }
    }

    private mutating func visit(_ node: Node) {
      guard node.claim(evaluation) else { return }
      if !node.isOperation { return sources.append(node) }
      // As a rule the operands have come before.
      let readiness = look(node)
      if readiness == .hangsOnPending { stack.append((node, 0)) } else { finish(node, readiness) }
    }

    private mutating func look(_ node: Node) -> Node.Readiness {
      node.look(for: evaluation) { sources.append($0) }
    }

    /// Goes on with a node that has been claimed.
    private mutating func descend(_ node: Node, _ readiness: Node.Readiness) {
      if readiness == .hangsOnPending { stack.append((node, 0)) } else { finish(node, readiness) }
      climb()
    }

    private mutating func finish(_ node: Node, _ readiness: Node.Readiness) {
      if readiness != .ready { isFirstReady = isFirstReady && !operations.isEmpty }
      portion.append(node)
      bytes += node.byteCount
      closeIfFull()
    }

    private mutating func closeIfFull() {
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
  /// - Parameter claimed: is given host data that it reads and that was pending still.
  @inline(__always)
  func look(for evaluation: UInt, _ claimed: (Node) -> Void) -> Readiness {
    level = 0
    var level = 1
    var readiness = Readiness.ready
    var failure: TensorError?
    for index in 0..<operandCount {
      operandSlot(index).node._withUnsafeGuaranteedRef { operand in
        switch operand.state {
        case .resident: break
        case .failed: failure = operand.error
        case .pending:
          if !operand.isOperation, !operand.isTraced, operand.claim(evaluation) {
            claimed(operand)
          } else {
            readiness = .hangsOnPending
          }
        case .scheduled:
          if !operand.isClaimed(by: evaluation) {
            if readiness == .ready { readiness = .hangsOnOthers }
          } else if operand.isOperation {
            operand.isConsumed = true
            if operand.level == 0, readiness == .ready { readiness = .hangsOnOthers }
            level = max(level, operand.level + 1)
          }
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
