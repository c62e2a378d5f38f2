@testable import SwoopCore

/// A back end that computes nothing and remembers what it was handed.
final class FakeBackend: Backend {
  struct Handed: Sendable {
    let operations: [String]
    let sourceCount: Int
    let path: Path
  }

  let signatures = SignatureTable()

  let name: String
  private let handed = Lock<[Handed]>([])
  /// Refuses every schedule that holds an operation of this name.
  private let refused = Lock<String?>(nil)
  /// Called with the names of the operations before anything else.
  private let hook = Lock<(@Sendable ([String]) -> Void)?>(nil)
  private let memory = Memory()

  private let hasHostMemory: Bool

  /// - Parameter hasHostMemory: whether samples may lie in slots.
  init(_ name: String = "fake", hasHostMemory: Bool = false) {
    self.name = name
    self.hasHostMemory = hasHostMemory
    signatures.serve(self)
  }

  final class Memory: Storage, Sendable {
    nonisolated(unsafe) let bytes: UnsafeMutableRawPointer
    init(byteCount: Int = 16) {
      bytes = .allocate(byteCount: max(byteCount, 16), alignment: 16)
    }
    deinit { bytes.deallocate() }
  }

  var takesHostSamples: Bool { hasHostMemory }

  func hostMemory(_ byteCount: Int) -> (home: Residence, start: UnsafeMutableRawPointer)? {
    let memory = Memory(byteCount: byteCount)
    return (Residence(memory), memory.bytes)
  }

  static let refusal = TensorError(.outOfMemory, "refused")

  func onSubmit(_ hook: @escaping @Sendable ([String]) -> Void) { self.hook.withLock { $0 = hook } }

  func refuse(_ operation: String?) { refused.withLock { $0 = operation } }

  func submit(_ schedule: Schedule) throws(TensorError) {
    let names = schedule.groups.flatMap { group in
      group.nodes.map { _ in group.signature.operation.name }
    }
    hook.withLock { $0 }?(names)
    handed.withLock {
      $0.append(
        Handed(operations: names, sourceCount: schedule.sources.count, path: schedule.path))
    }
    if let refused = refused.withLock({ $0 }), names.contains(refused) {
      throw FakeBackend.refusal
    }
    for node in schedule.sources { node.fulfil(Residence(memory)) }
    for group in schedule.groups {
      for node in group.nodes {
        for operand in node.operands where operand.node.residence == nil {
          throw TensorError(.notAvailable, "an operand was handed over after what needs it")
        }
        node.fulfil(Residence(memory))
      }
    }
  }

  func submit(_ trace: Trace, _ samples: BatchSamples) throws(TensorError) -> BatchResult {
    throw TensorError(.unsupported, "the stand-in runs no traces")
  }

  func readable(
    _ slice: StorageSlice, byteCount: Int
  ) throws(TensorError) -> (slice: StorageSlice, submission: (any Submission)?) { (slice, nil) }

  // Nobody reads elements of a back end that computes none.
  private nonisolated(unsafe) let nothing = UnsafeMutableRawPointer.allocate(
    byteCount: 64, alignment: 64)
  func address(of slice: StorageSlice) -> UnsafeRawPointer { UnsafeRawPointer(nothing) }
  deinit { nothing.deallocate() }

  func synchronize() throws(TensorError) {}

  /// What came with operations, or sources alone.
  var all: [Handed] { handed.withLock { $0 } }
  var withOperations: [Handed] { all.filter { !$0.operations.isEmpty } }
  var operationCount: Int { all.reduce(0) { $0 + $1.operations.count } }

  func tensor(_ elements: [Float] = [1]) throws -> Tensor {
    try Tensor(elements, shape: Shape([elements.count]), backend: self)
  }
}

extension CoalescingQueue {
  /// What is handed in at once, as lists of tests have it.
  func enter(_ item: Item) -> Entry { enter(item.sample, item.result) }
}

extension CoalescingQueue.Item {
  init(_ backend: FakeBackend) throws {
    let sample = try backend.tensor()
    self.init(sample: sample, result: Node(promised: sample.node.form, backend: backend))
  }

  var call: CoalescingQueue.Call { .init(result) }
}
