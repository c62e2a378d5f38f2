extension Device {
  /// Runs `body` so that the operations of all tasks in it share dispatches, without a model and
  /// without the tasks knowing of each other.
  ///
  /// An operation is made and left pending, as outside of any scope. A task that waits for a result
  /// hands over what that hangs on; what other tasks hand over while the device is busy goes along
  /// in the next submission, and operations of one signature that are ready together are one
  /// dispatch. A lone task submits at once, in its own thread. Results are bitwise those of the
  /// per-op path.
  ///
  /// Blocking reads inside submit what they need alone. What nobody has waited for when the scope
  /// ends stays pending until it is read.
  nonisolated(nonsending) public func coalescing<R>(
    _ body: nonisolated(nonsending) () async throws -> R
  ) async throws -> R {
    try await coalescing(CoalescingQueue.Options(), body)
  }

  nonisolated(nonsending) package func coalescing<R>(
    _ options: CoalescingQueue.Options, _ body: nonisolated(nonsending) () async throws -> R
  ) async throws -> R {
    let queue = CoalescingQueue(options) { items in
      Evaluator.evaluate(items.samples.tensors.map(\.node), path: .batched)
      return items.samples.tensors.last?.node.residence?.submission
    }
    let scope = Scope(backend, .batched, queue: queue)
    defer {
      scope.close()
      queue.abandon()
    }
    return try await Scope.$current.withValue(scope, operation: body)
  }
}

extension CoalescingQueue {
  /// Suspends until the tensor has been computed, or has failed, together with what other tasks
  /// wait for.
  nonisolated(nonsending) func gather(_ tensor: Tensor) async {
    // Several tasks may wait for one tensor: each has a ticket, whose value nobody asks for.
    let ticket = Node(promised: tensor.node.described, like: tensor.node)
    switch enter(tensor, ticket) {
    case .entered: await answered(Call(ticket))
    case .full:
      if await enterWhenThereIsRoom(Item(sample: tensor, result: ticket)) {
        await answered(Call(ticket))
      }
    // The scope has ended; whoever reads submits.
    case .closed: return
    }
  }
}
