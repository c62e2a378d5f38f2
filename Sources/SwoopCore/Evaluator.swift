import Synchronization

/// Takes pending nodes to the device.
///
/// Two tasks may evaluate graphs that share nodes. Each node is claimed by one of them; the
/// other waits until it has been submitted, never until it has run. An evaluation submits all
/// it can before it waits, so two of them cannot wait for each other.
package enum Evaluator {
  /// The longest pending chain outside of a scope.
  package static let depthLimit = 16_384
  /// The most bytes along a pending chain, the host data that it reads included.
  package static let pendingBytes = 256 << 20
  /// A submission holds its results until it has finished; beyond this many bytes another begins.
  static let portionBytes = 64 << 20
  /// Where the results of a submission come to less, it is not worth a look whether they can share
  /// memory, or need none. Tests set it to 0.
  @TaskLocal package static var reuseBytes = 1 << 20

  private static let evaluations = Atomic<UInt>(0)
  private static let progress = Progress()

  /// Submits everything that the roots need. Errors go to the nodes, where readers find them.
  package static func evaluate(_ roots: [Node], path: Path) {
    var roots = roots
    evaluate(&roots, path: path)
  }

  /// Lets go of the roots as soon as it can: each holds its result.
  static func evaluate(_ roots: inout [Node], path: Path) {
    let evaluation = evaluations.wrappingAdd(1, ordering: .relaxed).newValue
    var batches = Claims(&roots, evaluation, path)
    batches.operations.reverse()
    var isReady = batches.isFirstReady
    var outline = batches.outline
    // The rest is this evaluation's own.
    roots.removeAll { $0.isClaimed(by: evaluation) || $0.state != .scheduled }
    // What hangs on nodes that another evaluation has claimed.
    var later: [Node] = []
    while var batch = batches.operations.popLast() {
      later += submit(
        &batch, sources: &batches.sources, evaluation, path, isReady: isReady, outline)
      // The others may hang on what has failed meanwhile.
      isReady = false
      outline = nil
    }
    // Others may hang on these; so they go before this evaluation waits for anybody.
    if let backend = batches.sources.first?.backend {
      run(Schedule(groups: [], sources: batches.sources, path: path), on: backend)
      batches.sources = []
    }
    while !later.isEmpty {
      for node in later { node.settleOperands() }
      progress.wait { partition(later, evaluation).later.count < later.count }
      var ready = later
      later = []
      later = submit(&ready, sources: &batches.sources, evaluation, path)
    }
    for root in roots where root.state == .scheduled {
      root.promise?.settle()
      progress.wait { root.state != .scheduled }
    }
  }

  /// Submits what can be, lets go of the list, and returns what hangs on another evaluation's nodes.
  private static func submit(
    _ batch: inout [Node], sources: inout [Node], _ evaluation: UInt, _ path: Path,
    isReady: Bool = false, _ outline: Agenda.Outline? = nil
  ) -> [Node] {
    var (ready, later): ([Node], [Node]) = ([], [])
    if isReady { swap(&ready, &batch) } else { (ready, later) = partition(batch, evaluation) }
    batch = []
    guard let backend = ready.first?.backend else {
      progress.announce()
      return later
    }
    switch path {
    case .perOp:
      for node in ready {
        if let error = node.operandError {
          node.fail(error)
          continue
        }
        guard let interned = node.interned else { continue }
        let groups = [OperationGroup(interned, node)]
        run(Schedule(groups: groups, sources: sources, path: path), on: backend)
        sources = []
      }
    case .recorded, .batched:
      var bytes = 0
      ready.look { bytes += $1.byteCount }
      let isLarge = bytes >= reuseBytes && ready.count > 1
      if isLarge { Node.markPrivate(&ready) }
      let groups =
        path == .batched
        // Where results are smaller, to fuse would gain less than it takes to find out.
        ? Agenda.groups(ready, outline, fusing: isLarge && backend.fuses)
        : leveled(ready).compactMap { node in node.interned.map { OperationGroup($0, node) } }
      run(
        Schedule(groups: groups, sources: sources, path: path, hasPrivate: isLarge), on: backend)
      sources = []
    }
    progress.announce()
    return later
  }

  /// Splits into what can be submitted now and what hangs on another evaluation's nodes;
  /// fails what has a failed operand.
  private static func partition(
    _ nodes: [Node], _ evaluation: UInt
  ) -> (ready: [Node], later: [Node]) {
    var ready: [Node] = []
    var later: [Node] = []
    for node in nodes where node.state == .scheduled {
      if node.look(for: evaluation, { _ in }) == .ready {
        ready.append(node)
      } else if node.state == .scheduled {
        later.append(node)
      }
    }
    return (ready, later)
  }

  /// By level, so that independent chains share barriers.
  private static func leveled(_ nodes: [Node]) -> [Node] {
    let deepest = nodes.reduce(0) { max($0, $1.level) }
    if deepest <= 1 || deepest == nodes.count { return nodes }
    var levels = [[Node]](repeating: [], count: deepest)
    for node in nodes { levels[node.level - 1].append(node) }
    return levels.flatMap { $0 }
  }

  /// Tells evaluations that wait that nodes have been published.
  package static func announce() { progress.announce() }

  /// Runs a body that brings host data among the samples to the device together with what reads it.
  ///
  /// Its nodes are this evaluation's meanwhile: the body gives them their places. Those that it
  /// leaves without one go by themselves, and so do all if another evaluation holds one of them,
  /// because two that wait for each other while they hold something might do so for ever.
  package static func bringing<R>(_ samples: [Tensor], _ body: () -> R) -> R {
    let evaluation = evaluations.wrappingAdd(1, ordering: .relaxed).newValue
    var others: [Node] = []
    samples.look { _, node in
      guard !node.isOperation, !node.isPromised else { return }
      switch node.state {
      case .pending where node.claim(evaluation): break
      case .pending, .scheduled:
        if !node.isClaimed(by: evaluation) { others.append(node) }
      case .resident, .failed: break
      }
    }
    if !others.isEmpty {
      finish(samples, evaluation)
      evaluate(others, path: .batched)
    }
    let result = body()
    finish(samples, evaluation)
    return result
  }

  /// Publishes host data that the evaluation has claimed and placed, and brings the rest to the device.
  private static func finish(_ samples: [Tensor], _ evaluation: UInt) {
    var rest: [Node] = []
    samples.look { _, node in
      guard node.isClaimed(by: evaluation) else { return }
      if node.needsUpload { rest.append(node) } else { node.publish() }
    }
    guard let backend = rest.first?.backend else { return }
    run(Schedule(groups: [], sources: rest, path: .batched), on: backend)
  }

  private static func run(_ schedule: Schedule, on backend: any Backend) {
    do {
      try backend.submit(schedule)
    } catch {
      for group in schedule.groups {
        for node in group.nodes where node.state == .scheduled { node.fail(error) }
      }
      let sources = schedule.sources.filter { $0.state == .scheduled }
      if schedule.groups.isEmpty {
        for node in sources { node.fail(error) }
      } else if !sources.isEmpty {
        // Host data outlives an operation that failed.
        run(Schedule(groups: [], sources: sources, path: schedule.path), on: backend)
      }
    }
    progress.announce()
  }
}

extension Node {
  /// Brings operands that a batch owes to the device.
  fileprivate func settleOperands() {
    for operand in operands where operand.node.state == .scheduled {
      operand.node.promise?.settle()
    }
  }

  /// What made an operand fail, for the evaluation that holds the node.
  fileprivate var operandError: TensorError? {
    for operand in operands where operand.node.state == .failed {
      return operand.node.error
    }
    return nil
  }
}

extension OperationGroup {
  package var signature: Signature { interned.signature }

  /// One operation alone.
  init(_ interned: InternedSignature, _ node: Node) {
    self.interned = interned
    nodes = [node]
    isResult = !node.isConsumed
  }

  init(_ interned: InternedSignature, nodes: [Node], isResult: Bool) {
    self.interned = interned
    self.nodes = nodes
    self.isResult = isResult
  }

  init(_ interned: InternedSignature, nodes: [Node]) {
    self.interned = interned
    self.nodes = nodes
    var isResult = true
    nodes.look { if $1.isConsumed { isResult = false } }
    self.isResult = isResult
  }
}
