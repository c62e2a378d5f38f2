import SwoopCore

/// Runs operations on the CPU, at once and in the calling thread: OpenBLAS for float32 matrix
/// products, loops for the rest.
///
/// Results of matrix products may depend in the last bits on how many rows are multiplied
/// together, because OpenBLAS chooses its kernel by that number: the CPU back end is not
/// batch-invariant there. Everything else is.
package final class CPUBackend: Backend {
  package static let shared = CPUBackend()

  package let name = "cpu"
  package let signatures = SignatureTable()
  package var lentSignatures: Unmanaged<SignatureTable> { .passUnretained(signatures) }

  private init() {
    ProcessEnd.register()
    signatures.serve(self)
    signatures.stay()
  }

  package func submit(_ schedule: Schedule) throws(TensorError) {
    for node in schedule.sources {
      guard let data = node.source else { continue }
      let storage = try HostStorage(byteCount: node.byteCount)
      data.withBytes { storage.fill(from: $0) }
      node.fulfil(Residence(storage))
    }
    for group in schedule.groups {
      for node in group.nodes { try run(node) }
    }
  }

  private func run(_ node: Node) throws(TensorError) {
    guard let signature = node.interned?.signature else { return }
    var operands: [Operand] = []
    for tensor in node.operands {
      // Of the same schedule, with a bad index.
      if let error = tensor.node.error { return node.fail(error) }
      operands.append(try Operand(tensor))
    }
    let storage = try HostStorage(byteCount: node.byteCount)
    do {
      try CPUBackend.execute(signature, operands, into: storage)
    } catch  where error.code == .indexOutOfRange {
      // The operation's alone, and of those that hang on it.
      return node.fail(error)
    }
    node.fulfil(Residence(storage))
  }

  package func readable(
    _ slice: StorageSlice, byteCount: Int
  ) throws(TensorError) -> (slice: StorageSlice, submission: (any Submission)?) {
    (slice, nil)
  }

  package func address(of slice: StorageSlice) -> UnsafeRawPointer {
    HostStorage.address(of: slice)
  }

  package func synchronize() throws(TensorError) {}

  /// Bytes of tensors now, and the most there have been.
  package var usage: (live: Int, peak: Int) { HostStorage.usage }
}
