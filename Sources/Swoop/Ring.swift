import SwoopCore

/// The calls of one form of sample: the traced model, and the queue in front of it.
final class Ring: Sendable {
  struct Item: Sendable {
    let sample: Tensor
    let result: Tensor
  }

  let queue: CoalescingQueue<Item>
  private let trace: Trace
  private let device: Device

  init(
    _ form: TensorForm, _ device: Device, _ options: CoalescerOptions,
    _ model: (Tensor) throws -> Tensor
  ) throws {
    let trace = try Trace(form, on: device.backend, model)
    let backend = device.backend
    // The weights go to the device once, in their own time.
    Evaluator.evaluate(trace.constants, path: .batched)
    for node in trace.constants { if let error = node.error { throw error } }
    var queueOptions = CoalescingQueue<Item>.Options()
    queueOptions.maximumBatch = max(options.maximumBatch, 1)
    queueOptions.capacity = max(options.capacity, 1)
    queueOptions.maximumDelay = options.maximumDelay
    queueOptions.recordsSizes = options.recordsSizes
    self.trace = trace
    self.device = device
    queue = CoalescingQueue(queueOptions) { items in Ring.submit(items, trace, backend) }
  }

  /// Checks the sample, brings it to the device and queues the call.
  func enter(_ sample: Tensor) throws(TensorError) -> CoalescingQueue<Item>.Entry {
    let dense = try sample.contiguous()
    try dense.submit()
    if let error = dense.node.error { throw error }
    let node = Node(promised: trace.form, backend: device.backend)
    let promise = Owed()
    node.promise = promise
    let entry = queue.enter(Item(sample: dense, result: Tensor(node, view: trace.view)))
    if case .entered(let call) = entry {
      promise.owe(call, queue)
      // The batch may have left before the debt was noted.
      if call.hasBeenSubmitted { promise.settleAccount() }
    }
    return entry
  }

  /// Runs a batch; too little memory halves it before it fails anybody.
  private static func submit(
    _ items: [Item], _ trace: Trace, _ backend: any Backend
  ) -> (any Submission)? {
    defer { Evaluator.announce() }
    do {
      let batch = try backend.submit(trace, items.map(\.sample))
      for (index, item) in items.enumerated() {
        item.result.node.fulfil(
          StorageSlice(batch.storage, offset: index * batch.stride), by: batch.submission)
        (item.result.node.promise as? Owed)?.settleAccount()
      }
      return batch.submission
    } catch  where error.code == .outOfMemory && items.count > 1 {
      let half = items.count / 2
      let first = submit(Array(items[..<half]), trace, backend)
      return submit(Array(items[half...]), trace, backend) ?? first
    } catch {
      for item in items {
        item.result.node.fail(error)
        (item.result.node.promise as? Owed)?.settleAccount()
      }
      return nil
    }
  }
}

/// The debt of a queue to a result that somebody waits for.
private final class Owed: Promise {
  private let debt = Lock<
    (call: CoalescingQueue<Ring.Item>.Call, queue: CoalescingQueue<Ring.Item>)?
  >(nil)

  /// Once the result is on its way nothing is owed; and call and result no longer hold each other.
  func settleAccount() { debt.withLock { $0 = nil } }

  func owe(_ call: CoalescingQueue<Ring.Item>.Call, _ queue: CoalescingQueue<Ring.Item>) {
    debt.withLock { $0 = (call, queue) }
  }

  func settle() {
    if let debt = debt.withLock({ $0 }) { debt.queue.blockUntilSubmitted(debt.call) }
  }

  nonisolated(nonsending) func settled() async {
    if let debt = debt.withLock({ $0 }) { await debt.queue.answered(debt.call) }
  }
}
