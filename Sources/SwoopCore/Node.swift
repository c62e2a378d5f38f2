import Synchronization

/// One tensor value: what makes it, or where it is.
///
/// The metadata never changes; the rest goes through one atomic state. Whoever moves a node
/// from pending to scheduled owns its mutable fields until it publishes resident or failed.
package final class Node: @unchecked Sendable {
  package let backend: any Backend
  package let form: TensorForm
  /// The longest chain of pending operations that ends here.
  let depth: Int
  /// The bytes along the chain of pending operations and host data that ends here, at most.
  let chainBytes: Int

  /// What it computes; nil for host data, promises and stand-ins.
  package let interned: InternedSignature?
  /// What it is computed from, until it has been.
  package private(set) var operands: [Tensor]
  /// Host data not yet on the device; only for the evaluation that holds the node.
  package private(set) var source: HostData?

  // Low two bits: the state; above: which evaluation has it scheduled.
  private let word: Atomic<UInt>
  private(set) var slice: StorageSlice?
  private(set) var submission: (any Submission)?
  package private(set) var error: TensorError?
  /// What readers have to look at when the submission has finished; set before `publish`.
  package var findings: Findings?
  /// For the evaluation that scheduled the node: how deep it lies below what was there, and
  /// whether a later operation of the same submission reads it.
  var level = 0
  /// For the evaluation, then for the back end, that holds the node: its place among the others.
  package var position = 0
  var isConsumed = false

  /// Whether it hangs on the stand-in for a sample, and so has no value of its own.
  let isTraced: Bool

  enum State: UInt { case pending, scheduled, resident, failed }

  init(source: HostData, form: TensorForm, backend: any Backend) {
    self.backend = backend
    self.form = form
    self.source = source
    interned = nil
    operands = []
    depth = 0
    chainBytes = source.byteCount
    isTraced = false
    word = Atomic(State.pending.rawValue)
  }

  init(_ interned: InternedSignature, _ operands: [Tensor], backend: any Backend) {
    self.backend = backend
    self.interned = interned
    self.operands = operands
    form = interned.signature.result
    var depth = 0
    var (longest, data) = (0, 0)
    var isTraced = false
    for operand in operands {
      let node = operand.node
      if node.isPending {
        depth = Swift.max(depth, node.depth)
        if node.interned == nil {
          data += node.chainBytes
        } else {
          longest = Swift.max(longest, node.chainBytes)
        }
      }
      if node.isTraced { isTraced = true }
    }
    self.depth = depth + 1
    chainBytes = longest + data + form.shape.elementCount * form.elementType.byteCount
    self.isTraced = isTraced
    word = Atomic(State.pending.rawValue)
  }

  /// A stand-in for a sample while a model is traced.
  init(placeholder form: TensorForm, backend: any Backend) {
    self.backend = backend
    self.form = form
    interned = nil
    operands = []
    depth = 0
    chainBytes = 0
    isTraced = true
    word = Atomic(State.pending.rawValue)
  }

  /// What brings a promised node to the device; nil for all others.
  package var promise: (any Promise)?

  /// A promise: a result that a batch will give.
  package init(promised form: TensorForm, backend: any Backend) {
    self.backend = backend
    self.form = form
    interned = nil
    operands = []
    depth = 0
    chainBytes = 0
    isTraced = false
    // Evaluation 0 is nobody's.
    word = Atomic(State.scheduled.rawValue)
  }

  // A chain of a million pending nodes must not be released recursively.
  deinit {
    if operands.isEmpty { return }
    var doomed: [Node] = []
    moveOperands(to: &doomed)
    while var node = doomed.popLast() {
      if isKnownUniquelyReferenced(&node) { node.moveOperands(to: &doomed) }
    }
  }

  // In a function of its own, so that no local keeps the operands alive.
  @inline(never)
  private func moveOperands(to list: inout [Node]) {
    for operand in operands { list.append(operand.node) }
    operands = []
  }

  /// Whether so much hangs on it that it should not stay pending.
  var isLong: Bool { depth >= Evaluator.depthLimit || chainBytes >= Evaluator.pendingBytes }

  /// The bytes of the tensor, rounded up to whole vectors of 16.
  package var byteCount: Int {
    (form.shape.elementCount * form.elementType.byteCount + 15) & ~15
  }

  // MARK: State

  var state: State { State(rawValue: word.load(ordering: .acquiring) & 3) ?? .failed }

  var isPending: Bool { word.load(ordering: .acquiring) & 3 == State.pending.rawValue }

  /// Takes the node for the evaluation; false if it is not pending any more.
  func claim(_ evaluation: UInt) -> Bool {
    word.compareExchange(
      expected: State.pending.rawValue, desired: evaluation << 2 | State.scheduled.rawValue,
      ordering: .acquiringAndReleasing
    ).exchanged
  }

  func isClaimed(by evaluation: UInt) -> Bool {
    word.load(ordering: .acquiring) == evaluation << 2 | State.scheduled.rawValue
  }

  /// Says where the value will be once the submission has finished (nil: it is there), for
  /// later operations of the same evaluation; `publish` tells everybody.
  package func place(_ slice: StorageSlice, by submission: (any Submission)?) {
    self.slice = slice
    self.submission = submission
  }

  package func publish() { finish(.resident) }

  /// `place` and `publish` at once.
  package func fulfil(_ slice: StorageSlice, by submission: (any Submission)?) {
    place(slice, by: submission)
    publish()
  }

  package func fail(_ error: TensorError) {
    self.error = error
    slice = nil
    submission = nil
    finish(.failed)
  }

  private func finish(_ state: State) {
    // Dropped after the state is out: what hangs on them may be much.
    var dropped: [Tensor] = []
    swap(&dropped, &operands)
    source = nil
    word.store(state.rawValue, ordering: .releasing)
    withExtendedLifetime(dropped) {}
  }

  // MARK: What back ends read

  /// Host data that no device has yet; only for the evaluation that holds the node.
  package var needsUpload: Bool { slice == nil && source != nil }

  /// The storage of an operand that has been scheduled before; nil if there is none.
  package var residence: (slice: StorageSlice, submission: (any Submission)?)? {
    slice.map { ($0, submission) }
  }
}

/// Elements on the host, kept until a device wants them.
package final class HostData: Sendable {
  package let byteCount: Int
  private let access: @Sendable ((UnsafeRawBufferPointer) -> Void) -> Void

  package init<E: TensorElement>(_ elements: [E]) {
    byteCount = elements.count * MemoryLayout<E>.stride
    access = { body in elements.withUnsafeBytes { body($0) } }
  }

  package func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) { access(body) }
}

/// Whoever owes a promised node its value.
package protocol Promise: AnyObject, Sendable {
  /// Blocks until the node has been submitted, or has failed.
  func settle()
  /// Suspends until the node has been computed, or has failed.
  nonisolated(nonsending) func settled() async
}
