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
  // Who may touch them when, `word` says; the run-time system would write down every access besides.
  @exclusivity(unchecked) private var inputs: Operands
  @exclusivity(unchecked) private var data: HostData?
  // Low two bits: the state; above: which evaluation has it scheduled.
  private let word: Atomic<UInt>
  @exclusivity(unchecked) private var slice: StorageSlice?
  @exclusivity(unchecked) private var submission: (any Submission)?
  @exclusivity(unchecked) private var failure: TensorError?
  @exclusivity(unchecked) private var place = 0
  @exclusivity(unchecked) private var owed: (any Promise)?
  @exclusivity(unchecked) private var isOwn = false
  @exclusivity(unchecked) private var found: Findings?
  @exclusivity(unchecked) private var joint: InternedSignature?

  /// What computes it, which may be others' operations too; only for the evaluation, then the back
  /// end, that holds the node.
  package var scheduled: InternedSignature? { joint ?? interned }

  /// Has the node computed with what was to be its operands, from theirs.
  func run(as signature: InternedSignature, on operands: consuming Operands) {
    joint = signature
    inputs = operands
  }

  /// What it is computed from, until it has been.
  package var operands: [Tensor] { inputs.tensors }
  package var operandCount: Int { inputs.count }
  package func operand(_ index: Int) -> Tensor { inputs[index].tensor }
  /// Without counting references: good for as long as the node keeps its operands.
  package func operandSlot(_ index: Int) -> Operands.Slot { inputs[index] }
  @inline(__always)
  func visitOperands(_ body: (Int, Node) -> Void) {
    inputs.visit { index, slot in slot.node._withUnsafeGuaranteedRef { body(index, $0) } }
  }
  /// Host data not yet on the device; only for the evaluation that holds the node.
  package var source: HostData? { data }
  package var error: TensorError? { failure }
  /// What readers have to look at when the submission has finished; set before `publish`.
  package var findings: Findings? {
    get { found }
    set { found = newValue }
  }
  /// For the evaluation that scheduled the node: how deep it lies below what was there, and
  /// whether a later operation of the same submission reads it.
  @exclusivity(unchecked) var level = 0
  /// For the evaluation, then for the back end, that holds the node: its place among the others.
  package var position: Int {
    get { place }
    set { place = newValue }
  }
  /// Whether nobody but the submission that it is part of can read it, so that its memory may serve
  /// again once the last reader has been recorded.
  package var isPrivate: Bool { isOwn }
  @exclusivity(unchecked) var isConsumed = false

  /// Whether it hangs on the stand-in for a sample, and so has no value of its own.
  let isTraced: Bool

  enum State: UInt { case pending, scheduled, resident, failed }

  init(source: HostData, form: TensorForm, backend: any Backend) {
    self.backend = backend
    self.form = form
    data = source
    interned = nil
    inputs = Operands()
    depth = 0
    chainBytes = source.byteCount
    isTraced = false
    word = Atomic(State.pending.rawValue)
  }

  init(_ interned: InternedSignature, _ operands: consuming Operands, backend: any Backend) {
    self.backend = backend
    self.interned = interned
    form = interned.signature.result
    var depth = 0
    var (longest, data) = (0, 0)
    var isTraced = false
    operands.visit { _, operand in
      operand.node._withUnsafeGuaranteedRef { node in
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
    }
    inputs = operands
    self.depth = depth + 1
    chainBytes = longest + data + form.shape.elementCount * form.elementType.byteCount
    self.isTraced = isTraced
    word = Atomic(State.pending.rawValue)
  }

  /// Another node for a value that has its place already, under a shape of as many elements; nil
  /// if it has none yet.
  init?(twinOf node: Node, shape: Shape) {
    guard node.state == .resident, let slice = node.slice else { return nil }
    backend = node.backend
    form = TensorForm(shape, node.form.elementType)
    interned = node.interned
    inputs = Operands()
    depth = 0
    chainBytes = 0
    isTraced = false
    self.slice = slice
    submission = node.submission
    found = node.found
    word = Atomic(State.resident.rawValue)
  }

  /// A stand-in for a sample while a model is traced.
  init(placeholder form: TensorForm, backend: any Backend) {
    self.backend = backend
    self.form = form
    interned = nil
    inputs = Operands()
    depth = 0
    chainBytes = 0
    isTraced = true
    word = Atomic(State.pending.rawValue)
  }

  /// What brings a promised node to the device; nil for all others.
  package var promise: (any Promise)? {
    get { owed }
    set { owed = newValue }
  }

  /// A promise: a result that a batch will give.
  package init(promised form: TensorForm, backend: any Backend) {
    self.backend = backend
    self.form = form
    interned = nil
    inputs = Operands()
    depth = 0
    chainBytes = 0
    isTraced = false
    // Evaluation 0 is nobody's.
    word = Atomic(State.scheduled.rawValue)
  }

  // A chain of a million pending nodes must not be released recursively.
  deinit {
    if inputs.isEmpty { return }
    var doomed: [Node] = []
    moveOperands(to: &doomed)
    while var node = doomed.popLast() {
      if isKnownUniquelyReferenced(&node) { node.moveOperands(to: &doomed) }
    }
  }

  private func moveOperands(to list: inout [Node]) { inputs.removeAll(into: &list) }

  /// Whether so much hangs on it that it should not stay pending.
  var isLong: Bool { depth >= Evaluator.depthLimit || chainBytes >= Evaluator.pendingBytes }

  /// The bytes of the tensor, rounded up to whole vectors of 16.
  package var byteCount: Int {
    (form.shape.elementCount * form.elementType.byteCount + 15) & ~15
  }

  /// Finds out which of these nodes nobody else holds: nodes that the caller has claimed, in
  /// dependency order and in no other list.
  static func markPrivate(_ nodes: inout [Node]) {
    nodes.look { $1.place = $0 }
    // Without the references that the nodes have to each other, the list is all that is left.
    var lent: [Unmanaged<Node>] = []
    nodes.lend { nodes in
      nodes.look { reader, node in
        node.visitOperands { _, operand in
          guard operand.place < reader, nodes.isNode(at: operand.place, operand) else { return }
          lent.append(.passUnretained(operand))
        }
      }
    }
    for operand in lent { operand.release() }
    for index in nodes.indices {
      let isOnly = isKnownUniquelyReferenced(&nodes[index])
      nodes[index].isOwn = isOnly
    }
    for operand in lent { _ = operand.retain() }
  }

  // MARK: State

  var state: State { State(rawValue: word.load(ordering: .acquiring) & 3) ?? .failed }

  /// Whether it is made of host data, on the device or not.
  var comesFromHost: Bool { interned == nil && promise == nil && !isTraced && chainBytes > 0 }

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
    failure = error
    slice = nil
    submission = nil
    finish(.failed)
  }

  private func finish(_ state: State) {
    // Dropped after the state is out: what hangs on them may be much.
    var dropped = Operands()
    swap(&dropped, &inputs)
    data = nil
    word.store(state.rawValue, ordering: .releasing)
    dropped.removeAll()
  }

  // MARK: What back ends read

  /// Whether it is host data that no device has yet and nobody is taking there.
  package var isHostData: Bool { interned == nil && !isTraced && isPending }

  /// Host data that no device has yet; only for the evaluation that holds the node.
  package var needsUpload: Bool { slice == nil && data != nil }

  /// The storage of an operand that has been scheduled before; nil if there is none.
  package var residence: (slice: StorageSlice, submission: (any Submission)?)? {
    slice.map { ($0, submission) }
  }

  /// The same without counting references; good until the node lets go of it.
  package var lentResidence:
    (storage: Unmanaged<AnyObject>, offset: Int, submission: Unmanaged<AnyObject>?)?
  {
    guard let slice else { return nil }
    return (
      .passUnretained(slice.storage), slice.offset, submission.map { .passUnretained($0) }
    )
  }
}

/// Elements on the host, kept until a device wants them.
package final class HostData: Sendable {
  package let byteCount: Int
  private let access: @Sendable ((UnsafeRawBufferPointer) -> Void) -> Void

  // Without the look-up of types at run time, which every sample of a coalesced call would pay for.
  @_specialize(where E == Float)
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
