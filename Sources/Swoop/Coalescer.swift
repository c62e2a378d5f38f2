import SwoopCore
import Synchronization

/// How a coalescer gathers calls.
public struct CoalescerOptions: Sendable {
  /// What happens to a call that finds no room.
  public enum WhenFull: Sendable {
    /// The caller is suspended until there is room, first come first served.
    case suspend
    /// The call throws `queueFull`.
    case fail
  }

  /// The most calls that share a submission.
  public var maximumBatch = 256
  /// The most calls that wait for a batch.
  public var capacity = 4096
  /// How long a call may wait for company while the device is idle. Zero, the default, waits for
  /// nobody: whatever came in while the last batches ran is the next one.
  public var maximumDelay: Duration = .zero
  /// Whether a call waits, up to `maximumDelay`, only while that is likely to gain more device time
  /// than it costs the calls that wait: from how fast calls come and what batches of different
  /// sizes have cost (a line fitted to the latest).
  public var adaptsDelay = false
  /// What happens to a call that finds `capacity` calls waiting.
  public var whenFull: WhenFull = .suspend
  /// Whether chains of elementwise operations become one each.
  package var fuses = true
  /// Whether `takeBatchSizes()` has something to give: for measurements.
  package var recordsSizes = false

  /// The options as they are by default.
  public init() {}
}

/// Lets any number of tasks and threads call a model on single samples, at batched speed.
///
/// The model is written for one sample. It is traced once for each form of sample, so it must be
/// pure: what it does may depend on shapes, not on values, and reading a value inside throws.
/// Each call gets its own result, bitwise that of the per-op path, whoever else was in the batch.
///
/// ```swift
/// let coalesced = Coalescer(on: device) { x in try x.linear(weight, bias: bias) }
/// let y = try await coalesced(x)
/// ```
public final class Coalescer: Sendable {
  private let device: Device
  private let options: CoalescerOptions
  private let model: @Sendable (Tensor) throws -> Tensor
  private let rings = Lock<Rings>(Rings())
  /// The ring of the latest call, if it is one of those that were made first: these stay as long as
  /// the coalescer, so that it is found without a lock and used without counting references. Most
  /// programs have samples of one form.
  private let latest = Atomic<UInt>(0)
  private let isShutDown = Atomic<Bool>(false)

  private struct Rings {
    var byForm: [TensorForm: Ring] = [:]
    /// Of rings that were recycled.
    var past = Statistics()
  }

  /// Forms of sample that are traced at a time; beyond that the first to be idle makes room.
  private static let ringLimit = 64
  /// How many of them stay for good.
  private static let keptLimit = 8

  /// A coalescer of a model, which is traced when the first sample comes.
  /// - Parameters:
  ///   - device: where samples live, and the model runs.
  ///   - options: how calls are gathered.
  ///   - model: from one sample to its result, on `device`; pure.
  public init(
    on device: Device, options: CoalescerOptions = .init(),
    model: @escaping @Sendable (Tensor) throws -> Tensor
  ) {
    self.device = device
    self.options = options
    self.model = model
  }

  deinit {
    let rings = rings.withLock { $0.byForm }
    for ring in rings.values { ring.queue.abandon() }
  }

  /// The model's result for one sample, when it has been computed.
  /// - Throws: `CancellationError` if the task is cancelled meanwhile; `queueFull` if that was
  ///   asked for; `shutDown`; what the model or the device throws.
  nonisolated(nonsending) public func callAsFunction(_ sample: Tensor) async throws -> Tensor {
    if Trace.isTracing { return try model(sample) }
    try Task.checkCancellation()
    while true {
      let (entry, result) = try withRing(for: sample) { try $0.enter(sample) }
      switch entry {
      case .entered: return try await answered(result)
      // Recycled or shut down meanwhile; `ring(for:)` knows which.
      case .closed: continue
      case .full:
        if options.whenFull == .fail { throw Coalescer.fullError(options) }
        guard let result = try await ring(for: sample).enterWhenThereIsRoom(sample)
        else { continue }
        return try await answered(result)
      }
    }
  }

  nonisolated(nonsending) private func answered(_ result: Tensor) async throws -> Tensor {
    let call = CoalescingQueue.Call(result.node)
    await withTaskCancellationHandler {
      await call.settledInTurn()
    } onCancel: {
      call.cancel()
    }
    if call.isCancelled { throw CancellationError() }
    try await result.wait()
    return result
  }

  /// Hands a sample in and returns at once; the tensor is the future.
  /// - Throws: `queueFull` if there is no room, whatever `whenFull` says; `shutDown`; what the
  ///   model throws when it is traced.
  public func enqueue(_ sample: Tensor) throws -> Tensor {
    if Trace.isTracing { return try model(sample) }
    while true {
      let (entry, result) = try withRing(for: sample) { try $0.enter(sample) }
      switch entry {
      case .entered: return result
      case .closed: continue
      case .full: throw Coalescer.fullError(options)
      }
    }
  }

  /// The model's result for one sample, for a thread that may block.
  @available(*, noasync)
  public func blocking(_ sample: Tensor) throws -> Tensor {
    if Trace.isTracing { return try model(sample) }
    while true {
      let result: Tensor? = try withRing(for: sample) { ring in
        let (entry, result) = try ring.enter(sample)
        switch entry {
        case .entered:
          ring.queue.block(CoalescingQueue.Call(result.node))
          return result
        case .closed: break
        case .full:
          if options.whenFull == .fail { throw Coalescer.fullError(options) }
          ring.queue.blockUntilRoom()
        }
        return nil
      }
      if let result {
        try result.blockingWait()
        return result
      }
    }
  }

  /// The results for a sequence of samples, in its order, with at most `inFlight` calls on their
  /// way at a time.
  public func results<S: AsyncSequence>(
    for samples: S, inFlight: Int = 64
  ) -> CoalescedResults<S> where S.Element == Tensor {
    CoalescedResults(samples: samples, coalescer: self, inFlight: max(inFlight, 1))
  }

  /// Takes no more calls, runs those that were accepted, turns away those that wait for room.
  /// Returns when all have been answered.
  public func shutdown() async {
    let rings = rings.withLock { rings in
      isShutDown.store(true, ordering: .releasing)
      return Array(rings.byForm.values)
    }
    for ring in rings { await ring.queue.close() }
  }

  // MARK: Rings

  /// Calls `body` with the ring for a sample.
  @inline(__always)
  private func withRing<R>(for sample: Tensor, _ body: (Ring) throws -> R) throws -> R {
    if let address = UnsafeRawPointer(bitPattern: latest.load(ordering: .acquiring)),
      !isShutDown.load(ordering: .acquiring)
    {
      let ring = Unmanaged<Ring>.fromOpaque(address)
      if ring._withUnsafeGuaranteedRef({ $0.isFor(sample) }) {
        try Tape.refuse(sample, in: Coalescer.name)
        return try ring._withUnsafeGuaranteedRef(body)
      }
    }
    return try body(ring(for: sample))
  }

  private func ring(for sample: Tensor) throws -> Ring {
    guard sample.node.backend === device.backend else {
      throw TensorError(
        .deviceMismatch,
        "a coalescer on \(device.name) was given a sample on \(sample.device.name); "
          + "copied(to:) moves a tensor")
    }
    try Tape.refuse(sample, in: Coalescer.name)
    let form = TensorForm(sample.shape, sample.elementType)
    let found: Ring? = try rings.withLock { rings in
      if isShutDown.load(ordering: .acquiring) { throw Coalescer.shutDownError }
      return rings.byForm[form]
    }
    if let found { return noted(found) }
    // Traced outside of the lock, since the model is the caller's code.
    let made = try Ring(form, device, options, model)
    return try rings.withLock { rings in
      if isShutDown.load(ordering: .acquiring) { throw Coalescer.shutDownError }
      if let ring = rings.byForm[form] { return ring }
      if rings.byForm.count < Coalescer.keptLimit {
        made.isKept = true
      } else if rings.byForm.count >= Coalescer.ringLimit,
        let idle = rings.byForm.first(where: { !$0.value.isKept && $0.value.queue.isIdle })
      {
        rings.past.add(idle.value.queue.statistics)
        rings.byForm[idle.key] = nil
        idle.value.queue.abandon()
      }
      rings.byForm[form] = made
      return noted(made)
    }
  }

  private func noted(_ ring: Ring) -> Ring {
    if ring.isKept { latest.store(ring.address, ordering: .releasing) }
    return ring
  }

  private static let name = "a coalesced call"

  private static let shutDownError = TensorError(
    .shutDown, "the coalescer has been shut down and takes no calls")

  private static func fullError(_ options: CoalescerOptions) -> TensorError {
    TensorError(.queueFull, "\(options.capacity) calls wait already, as many as there may be")
  }
}

extension Coalescer {
  /// What has happened so far.
  public struct Statistics: Sendable, Hashable {
    /// Calls accepted.
    public internal(set) var calls = 0
    /// Submissions they took.
    public internal(set) var batches = 0
    /// Calls cancelled before they were submitted.
    public internal(set) var cancelled = 0
    /// How many batches there were of each size.
    public internal(set) var batchSizes: [Int: Int] = [:]

    /// For how long the first call of each batch waited to be submitted, in all.
    public internal(set) var waited: Duration = .zero
    /// The longest that any call has waited to be submitted.
    public internal(set) var longestWait: Duration = .zero
    /// Tasks that were suspended until their call was answered; one that finds its result there, or
    /// waits for it in its own thread, is not.
    public internal(set) var resumptions = 0

    /// Calls in a batch, on average; 0 before the first.
    public var meanBatch: Double {
      batches == 0 ? 0 : Double(calls - cancelled) / Double(batches)
    }

    mutating func add(_ other: CoalescingQueue.Statistics) {
      calls += other.calls
      batches += other.batches
      cancelled += other.cancelled
      waited += other.waited
      resumptions += other.resumptions
      longestWait = max(longestWait, other.longestWait)
      batchSizes.merge(other.batchSizes, uniquingKeysWith: +)
    }
  }

  /// The sizes of the batches since the last time, in order, if they are recorded; of one form of
  /// sample after the other.
  package func takeBatchSizes() -> [Int] {
    rings.withLock { rings in rings.byForm.values.flatMap { $0.queue.takeSizes() } }
  }

  /// What has happened so far, over all forms of samples.
  public var statistics: Statistics {
    rings.withLock { rings in
      var statistics = rings.past
      for ring in rings.byForm.values { statistics.add(ring.queue.statistics) }
      return statistics
    }
  }
}

/// The results of a coalescer for a sequence of samples, in order.
public struct CoalescedResults<S: AsyncSequence>: AsyncSequence where S.Element == Tensor {
  /// Results of the model.
  public typealias Element = Tensor
  let samples: S
  let coalescer: Coalescer
  let inFlight: Int

  /// Keeps calls under way while it hands out results.
  public struct AsyncIterator: AsyncIteratorProtocol {
    var samples: S.AsyncIterator
    let coalescer: Coalescer
    let inFlight: Int
    var pending: [Tensor] = []
    var first = 0
    var isExhausted = false

    /// The next result, when it has been computed; nil behind the last.
    public mutating func next() async throws -> Tensor? {
      while !isExhausted, pending.count - first < inFlight {
        guard let sample = try await samples.next() else {
          isExhausted = true
          break
        }
        do {
          pending.append(try coalescer.enqueue(sample))
        } catch let error as TensorError where error.code == .queueFull {
          // Others fill the queue; one call that waits makes room as any other does.
          pending.append(try await coalescer(sample))
        }
      }
      guard first < pending.count else { return nil }
      let result = pending[first]
      first += 1
      if first >= 64 {
        pending.removeFirst(first)
        first = 0
      }
      try await result.wait()
      return result
    }
  }

  /// An iterator that begins with the first sample.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(
      samples: samples.makeAsyncIterator(), coalescer: coalescer, inFlight: inFlight)
  }
}
