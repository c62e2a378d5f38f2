/// What runs operations. The CPU and every Vulkan device have one; the graph above is the same.
package protocol Backend: AnyObject, Sendable {
  /// The device's name as people choose it.
  var name: String { get }

  /// The signatures it has met; always the same table, which it `serve`s.
  var signatures: SignatureTable { get }

  /// The same without counting references.
  var lentSignatures: Unmanaged<SignatureTable> { get }

  /// Runs the groups in order as the schedule's path says, and fulfils every node of them:
  /// with storage and the submission that will fill it. Does not wait for the device.
  /// - Throws: what makes all of the schedule's nodes fail.
  func submit(_ schedule: Schedule) throws(TensorError)

  /// Runs a traced model on a batch of samples, each row-major and of the trace's input form.
  /// The trace's constants have been submitted before, and so have the samples, except that host
  /// data may be the caller's own evaluation's if `takesHostSamples`; it is then given its place, and
  /// each of these samples is all of its node. There are samples in slots only if it has given
  /// `hostMemory`.
  func submit(_ trace: Trace, _ samples: BatchSamples) throws(TensorError) -> BatchResult

  /// Whether a batch may bring host data of its samples to the device itself.
  var takesHostSamples: Bool { get }

  /// Memory that the host fills and kernels read, and where it begins; nil if there is none.
  func hostMemory(_ byteCount: Int) -> (home: Residence, start: UnsafeMutableRawPointer)?

  /// Whether elementwise operations may run as one.
  var fuses: Bool { get }

  /// A place the host can read these bytes from once the submission has finished: the slice
  /// itself, or a copy on its way; nil means that nothing new was submitted.
  func readable(
    _ slice: StorageSlice, byteCount: Int
  ) throws(TensorError) -> (slice: StorageSlice, submission: (any Submission)?)

  /// The address on the host of a slice that `readable` gave.
  func address(of slice: StorageSlice) -> UnsafeRawPointer

  /// Waits until everything submitted so far has finished.
  func synchronize() throws(TensorError)
}

extension Backend {
  package var takesHostSamples: Bool { false }
  package var fuses: Bool { false }
  package func hostMemory(_ byteCount: Int) -> (home: Residence, start: UnsafeMutableRawPointer)? {
    nil
  }
  package var lentSignatures: Unmanaged<SignatureTable> { .passUnretained(signatures) }
}

/// Work handed over to the device.
package protocol Submission: AnyObject, Sendable {
  /// Whether it has finished; never waits.
  var isFinished: Bool { get }
  /// Blocks the calling thread until it has finished.
  func wait() throws(TensorError)
  /// Suspends the calling task until it has finished.
  nonisolated(nonsending) func finished() async throws(TensorError)
}

/// Memory of a back end; goes back to it with the last reference.
package protocol Storage: AnyObject, Sendable {}

/// A part of a storage: one tensor's bytes.
package struct StorageSlice: Sendable {
  package let storage: any Storage
  /// Bytes from the storage's start.
  package let offset: Int
  package init(_ storage: any Storage, offset: Int) {
    self.storage = storage
    self.offset = offset
  }
}

/// How operations reach the device.
package enum Path: Sendable, Hashable {
  /// Every operation is its own submission.
  case perOp
  /// Many operations, one submission, one dispatch each.
  case recorded
  /// Many operations, one submission; those of one signature that are ready together share a
  /// dispatch.
  case batched

  /// The most operations of one submission. Groups grow with it, and so does the memory that a
  /// submission holds.
  package var submissionLimit: Int { self == .batched ? 16_384 : 4096 }
}

/// What two operations must have in common to run as one dispatch.
package struct Signature: Hashable, Sendable {
  package let operation: TensorOperation
  package let attributes: Attributes
  package let operands: [OperandForm]
  package let result: TensorForm

  package init(
    operation: TensorOperation, attributes: Attributes, operands: [OperandForm],
    result: TensorForm
  ) {
    self.operation = operation
    self.attributes = attributes
    self.operands = operands
    self.result = result
  }
}

package struct OperandForm: Hashable, Sendable {
  package let layout: Layout
  package let elementType: ElementType

  /// The layout is kept without its offset, which is part of an operand's address.
  package init(layout: Layout, elementType: ElementType) {
    var layout = layout
    layout.offset = 0
    self.layout = layout
    self.elementType = elementType
  }
}

/// Operations of one signature that run as one dispatch; on the per-op and the recorded path
/// there is one in each.
package struct OperationGroup: Sendable {
  package let interned: InternedSignature
  package let nodes: [Node]
  /// Whether nothing in the same submission reads them: the host is likely to.
  package let isResult: Bool
}

/// Groups in an order that respects their dependencies.
package struct Schedule: Sendable {
  package let groups: [OperationGroup]
  /// Host data that the groups read, or that somebody wants on the device.
  package let sources: [Node]
  package let path: Path
  /// Whether it has been found out which nodes are private.
  package var hasPrivate = false
}
