import Synchronization

/// One tensor value: what makes it, or where it is.
///
/// The metadata never changes; the rest goes through one atomic state. Whoever moves a node
/// from pending to scheduled owns its mutable fields until it publishes resident or failed.
package final class Node: @unchecked Sendable {
  // These references are counted by hand, once each, as those of the operands are: a node is made for
  // every operation.
  /// The signatures of its back end, which holds them.
  let table: Unmanaged<SignatureTable>
  /// The signature of what it computes, if `isOperation`.
  package unowned(unsafe) let described: SharedForm
  package let isOperation: Bool
  /// Whether it hangs on the stand-in for a sample, and so has no value of its own.
  let isTraced: Bool
  // Who may touch these when, `word` says; the run-time system would write down every access besides.
  @exclusivity(unchecked) var isOwn = false
  @exclusivity(unchecked) var isConsumed = false
  /// The longest chain of pending operations that ends here.
  private let chain: Int32
  /// For the evaluation that scheduled the node: how deep it lies below what was there, and
  /// whether a later operation of the same submission reads it.
  @exclusivity(unchecked) private var depthBelow: Int32 = 0
  @exclusivity(unchecked) private var place: Int32 = 0
  /// The bytes along the chain of pending operations and host data that ends here, at most.
  let chainBytes: Int
  // Low two bits: the state; above: which evaluation has it scheduled.
  private let word: Atomic<UInt>
  @exclusivity(unchecked) @usableFromInline var inputs: Operands
  /// Keeps host data that no device has yet, whose address is `start` as long as there is no `home`.
  @exclusivity(unchecked) @usableFromInline var data: AnyObject?
  @exclusivity(unchecked) @usableFromInline var home: Unmanaged<Residence>?
  @exclusivity(unchecked) @usableFromInline var start = 0
  /// For a promise: the batch that it is part of, which is counted for all of its calls at once.
  @exclusivity(unchecked) private(set) var joined: Unmanaged<CoalescingQueue.Batch>?
  /// For a promise: nobody waits (0), answered (1), cancelled (2), or the continuation of who waits.
  /// So answering and cancelling are one atomic step each, and only one of them wins.
  let caller = Atomic<UInt>(0)
  @exclusivity(unchecked) @usableFromInline var rare: Rare?

  /// What few nodes have.
  @usableFromInline final class Rare {
    var failure: TensorError?
    var findings: Findings?
    var joint: InternedSignature?
  }

  private var withRare: Rare {
    if let rare { return rare }
    let made = Rare()
    rare = made
    return made
  }

  /// The back end, counted: `table` says what is asked with every operation.
  package var backend: any Backend { table._withUnsafeGuaranteedRef { $0.backend } }

  @inlinable package var form: TensorForm { described.form }

  /// What it computes; nil for host data, promises and stand-ins.
  @inlinable package var interned: InternedSignature? {
    isOperation ? unsafeDowncast(described, to: InternedSignature.self) : nil
  }

  /// What computes it, which may be others' operations too; only for the evaluation, then the back
  /// end, that holds the node.
  package var scheduled: InternedSignature? { rare?.joint ?? interned }

  /// Where the signature is, and whether it is of a product, of an operation; without counting
  /// references.
  @inline(__always)
  var lentScheduled: (address: UInt, isProduct: Bool) {
    func look(_ signature: Unmanaged<SharedForm>) -> (UInt, Bool) {
      (
        UInt(bitPattern: signature.toOpaque()),
        signature._withUnsafeGuaranteedRef {
          unsafeDowncast($0, to: InternedSignature.self).isProduct
        }
      )
    }
    if rare != nil, let scheduled { return look(.passUnretained(scheduled)) }
    return look(.passUnretained(described))
  }

  /// Has the node computed with what was to be its operands, from theirs.
  func run(as signature: InternedSignature, on operands: consuming Operands) {
    withRare.joint = signature
    inputs = operands
  }

  /// What it is computed from, until it has been.
  package var operands: [Tensor] { inputs.tensors }
  @inlinable package var operandCount: Int { inputs.count }
  package func operand(_ index: Int) -> Tensor { inputs[index].tensor }
  /// Without counting references: good for as long as the node keeps its operands.
  @inlinable @inline(__always) package func operandSlot(_ index: Int) -> Operands.Slot {
    inputs[index]
  }
  @inline(__always)
  func visitOperands(_ body: (Int, Node) -> Void) {
    inputs.visit { index, slot in slot.node._withUnsafeGuaranteedRef { body(index, $0) } }
  }
  package var error: TensorError? { rare?.failure }
  /// What readers have to look at when the submission has finished; set before `publish`.
  package var findings: Findings? {
    get { rare?.findings }
    set { if newValue != nil || rare != nil { withRare.findings = newValue } }
  }
  /// Whether there may be findings.
  @inlinable package var isRare: Bool { rare != nil }
  var depth: Int { Int(chain) }
  var level: Int {
    get { Int(depthBelow) }
    set { depthBelow = Int32(truncatingIfNeeded: newValue) }
  }
  /// For the evaluation, then for the back end, that holds the node: its place among the others.
  package var position: Int {
    get { Int(place) }
    set { place = Int32(truncatingIfNeeded: newValue) }
  }
  /// Whether nobody but the submission that it is part of can read it, so that its memory may serve
  /// again once the last reader has been recorded.
  package var isPrivate: Bool { isOwn }

  enum State: UInt { case pending, scheduled, resident, failed }

  /// A node without operands.
  /// - Parameter form: as `SharedForm.lent` gives it.
  init(
    _ form: Unmanaged<SharedForm>, _ table: Unmanaged<SignatureTable>, _ state: State,
    data: HostData? = nil, isTraced: Bool = false
  ) {
    self.table = table
    described = form._withUnsafeGuaranteedRef { $0 }
    isOperation = false
    self.isTraced = isTraced
    chain = 0
    chainBytes = data?.byteCount ?? 0
    inputs = Operands()
    word = Atomic(state.rawValue)
    holdBackend()
    if let data { keep(data) }
  }

  convenience init(
    _ interned: InternedSignature, _ operands: consuming Operands, backend: any Backend
  ) {
    self.init(interned.forNode, operands, in: backend.lentSignatures)
    withExtendedLifetime(backend) {}
  }

  /// - Parameters:
  ///   - signature: a reference that becomes the node's, as `forNode` gives it.
  ///   - table: the back end's.
  @inline(__always)
  init(
    _ signature: Unmanaged<InternedSignature>, _ operands: consuming Operands,
    in table: Unmanaged<SignatureTable>
  ) {
    self.table = table
    described = signature.takeUnretainedValue()
    let elementBytes = signature._withUnsafeGuaranteedRef { $0.elementBytes }
    isOperation = true
    var depth: Int32 = 0
    var (longest, data) = (0, 0)
    var isTraced = false
    operands.visit { _, operand in
      operand.node._withUnsafeGuaranteedRef { node in
        if node.isPending {
          depth = Swift.max(depth, node.chain)
          if node.isOperation {
            longest = Swift.max(longest, node.chainBytes)
          } else {
            data += node.chainBytes
          }
        }
        if node.isTraced { isTraced = true }
      }
    }
    inputs = operands
    chain = depth + 1
    chainBytes = longest + data + elementBytes
    self.isTraced = isTraced
    word = Atomic(State.pending.rawValue)
    holdBackend()
  }

  // The count of a back end, or of a form, is written to by whoever makes or drops a node, on every
  // core; those that stay anyway are not counted.

  @inline(__always)
  private func holdBackend() {
    if !table._withUnsafeGuaranteedRef({ $0.isPermanent }) {
      _ = table._withUnsafeGuaranteedRef { $0.lentBackend }?.retain()
    }
  }

  @inline(__always)
  private func letGo() {
    let form = Unmanaged.passUnretained(described)
    if !form._withUnsafeGuaranteedRef({ $0.isPermanent }) { form.release() }
    if let home { Residence.letGo(home) }
    if let joined { CoalescingQueue.Batch.letGo(joined) }
    // Last: it holds the table.
    if !table._withUnsafeGuaranteedRef({ $0.isPermanent }) {
      table._withUnsafeGuaranteedRef { $0.lentBackend }?.release()
    }
  }

  /// Another node for a value that has its place already, under a shape of as many elements; nil
  /// if it has none yet.
  convenience init?(twinOf node: Node, shape: Shape) {
    guard node.state == .resident, let home = node.home else { return nil }
    self.init(
      SharedForm.lent(TensorForm(shape, node.form.elementType)), node.table, .resident)
    place(home.takeUnretainedValue(), offset: node.start)
    if let interned = node.interned { withRare.joint = interned }
    findings = node.findings
  }

  /// A stand-in for a sample while a model is traced.
  convenience init(placeholder form: TensorForm, backend: any Backend) {
    self.init(SharedForm.lent(form), backend.lentSignatures, .pending, isTraced: true)
    withExtendedLifetime(backend) {}
  }

  var isPromised: Bool { joined != nil }

  /// What brings a promised node to the device, once it is part of a batch; nil for all others.
  var promise: CoalescingQueue.Call? { joined == nil ? nil : CoalescingQueue.Call(self) }

  /// Somebody has its value. The queue that owed it may not have noticed yet, and would keep the
  /// results of the batch until the next call.
  @inline(__always)
  func hasBeenRead() {
    if let joined, joined._withUnsafeGuaranteedRef({ $0.phase == .submitted }) {
      joined.takeUnretainedValue().queue?.pump(.ifMany)
    }
  }

  /// Becomes part of a batch, before anybody else sees the node.
  @inline(__always)
  func join(_ batch: Unmanaged<CoalescingQueue.Batch>) {
    precondition(joined == nil, "a call was handed in twice")
    joined = batch
  }

  /// A promise: a result that a batch will give, on the device of another.
  package convenience init(promised form: borrowing SharedForm, like other: borrowing Node) {
    // Evaluation 0 is nobody's.
    self.init(
      form.isPermanent ? .passUnretained(form) : .passRetained(form), other.table, .scheduled)
  }

  package convenience init(promised form: TensorForm, backend: any Backend) {
    self.init(SharedForm.lent(form), backend.lentSignatures, .scheduled)
    withExtendedLifetime(backend) {}
  }

  // A chain of a million pending nodes must not be released recursively.
  deinit {
    letGo()
    if inputs.isEmpty { return }
    var doomed: [Node] = []
    moveOperands(to: &doomed)
    while var node = doomed.popLast() {
      if isKnownUniquelyReferenced(&node) { node.moveOperands(to: &doomed) }
    }
  }

  /// Whether it may have operands still: then it is not to be released from within another's release.
  var hangsOnOthers: Bool { isOperation && state != .resident && state != .failed }

  /// Lets go of what it was to be computed from; for what has become part of another.
  func forgetOperands() { inputs.removeAll() }

  private func moveOperands(to list: inout [Node]) { inputs.removeAll(into: &list) }

  /// Whether so much hangs on it that it should not stay pending.
  var isLong: Bool { chain >= Evaluator.depthLimit || chainBytes >= Evaluator.pendingBytes }

  /// The bytes of the tensor, rounded up to whole vectors of 16.
  @inlinable package var byteCount: Int { described.byteCount }

  // MARK: State

  var state: State { State(rawValue: word.load(ordering: .acquiring) & 3) ?? .failed }

  /// Whether it is made of host data, on the device or not.
  var comesFromHost: Bool { !isOperation && joined == nil && !isTraced && chainBytes > 0 }

  package var hasFailed: Bool { state == .failed }

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

  /// Says where the value will be once the submission has finished, for later operations of the
  /// same evaluation; `publish` tells everybody.
  /// - Parameter offset: bytes from the start of the storage.
  package func place(_ home: Residence, offset: Int) {
    home.hold(1)
    placeHeld(home, offset: offset)
  }

  /// The same where one `hold` has been, or will be, for many nodes.
  @inlinable @inline(__always) package func placeHeld(_ home: Residence, offset: Int) {
    if let earlier = self.home { Residence.letGo(earlier) }
    self.home = .passUnretained(home)
    start = offset
  }

  package func publish() { finish(.resident) }

  /// `place` and `publish` at once.
  package func fulfil(_ home: Residence, offset: Int = 0) {
    place(home, offset: offset)
    publish()
  }

  /// `placeHeld` and `publish` at once.
  package func fulfilHeld(_ home: Residence, offset: Int) {
    placeHeld(home, offset: offset)
    publish()
  }

  package func fail(_ error: TensorError) {
    withRare.failure = error
    if let home { Residence.letGo(home) }
    home = nil
    finish(.failed)
  }

  private func finish(_ state: State) {
    if data != nil { data = nil }
    // Dropped after the state is out: what hangs on them may be much. Nobody else looks at them.
    word.store(state.rawValue, ordering: .releasing)
    inputs.removeAll()
  }

  // MARK: What back ends read

  /// Whether it is host data that no device has yet and nobody is taking there.
  package var isHostData: Bool { !isOperation && !isTraced && isPending }

  /// Host data that no device has yet; only for the evaluation that holds the node.
  @inlinable @inline(__always) package var needsUpload: Bool { data != nil && home == nil }

  /// The storage of an operand that has been scheduled before; nil if there is none.
  package var residence: (slice: StorageSlice, submission: (any Submission)?)? {
    home?._withUnsafeGuaranteedRef { (StorageSlice($0.storage, offset: start), $0.submission) }
  }

  /// Where its value is, or will be, for whoever reads it: it keeps that for good.
  @inline(__always)
  var readyHome: Unmanaged<Residence>? {
    state == .resident ? home : nil
  }

  /// The same without counting references; good until the node lets go of it.
  @inlinable @inline(__always) package var lentResidence: (home: Unmanaged<Residence>, offset: Int)?
  {
    home.map { ($0, start) }
  }
}
