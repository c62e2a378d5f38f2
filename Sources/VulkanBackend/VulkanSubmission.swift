import SwoopCore
import Synchronization
import VulkanCompute

/// Work handed over to the device, with everything the device still needs for it.
final class VulkanSubmission: Submission, SubmittedWork, @unchecked Sendable {
  private let backend: VulkanBackend
  private var value: UInt64 = 0
  // Written before the submission; let go by whoever sees it finished.
  @exclusivity(unchecked) private var retained = RetainedAllocations()
  /// Bytes of the results.
  var bytes = 0
  /// Returns what can be used again.
  var onRetire: (@Sendable () -> Void)?
  private let audit: Lock<Audit>?

  /// Checked mode: what to look at when the work is done.
  private struct Audit {
    var allocations: [Allocation] = []
    var results: [(allocation: Allocation, range: Range<Int>, operation: String)] = []
    var report: Allocation?
    var verdict: TensorError?
    var isDone = false
  }

  init(_ backend: VulkanBackend) {
    self.backend = backend
    audit = backend.device.options.checked ? Lock(Audit()) : nil
  }

  /// Keeps memory until the device is done.
  func retain(_ allocation: Allocation) {
    // The operands of a group often lie in one, or are one.
    guard retained.append(allocation), let audit else { return }
    audit.withLock { $0.allocations.append(allocation) }
  }

  /// Checked mode: these bytes must be written.
  func expect(_ allocation: Allocation, _ range: Range<Int>, by operation: String) {
    audit?.withLock { $0.results.append((allocation, range, operation)) }
  }

  /// Checked mode: another result is put into the memory, and only that is looked at in the end. Who
  /// has read unwritten elements of the first passes their poison on.
  func replace(_ allocation: Allocation) {
    audit?.withLock { audit in audit.results.removeAll { $0.allocation === allocation } }
  }

  /// Memory that kernels report bad indices to, whoever reads them.
  func allocateReports(byteCount: Int) throws(VulkanError) -> Allocation {
    let memory = try backend.device.memory.allocate(byteCount, .readback)
    retain(memory)
    return memory
  }

  /// Checked mode: where kernels report the first bad index; 0 otherwise.
  func reportAddress() throws(VulkanError) -> UInt64 {
    guard let audit else { return 0 }
    if let report = audit.withLock({ $0.report }) { return report.address }
    let report = try backend.device.memory.allocate(16, .readback)
    report.contents?.initializeMemory(as: UInt32.self, repeating: 0, count: 4)
    retain(report)
    audit.withLock { $0.report = report }
    return report.address
  }

  func submit(
    _ commands: CommandBuffer, accesses: @autoclosure () -> [MemoryAccess]
  ) throws(VulkanError) {
    value = try backend.device.queue.submit(
      commands, retaining: self, bytes: bytes, accesses: accesses())
  }

  /// Whether what it wrote can be used without a barrier.
  var isKnownFinished: Bool { backend.device.queue.isKnownFinished(value) }

  /// The same for who may ask before it has been submitted.
  var isKnownDone: Bool { value > 0 && isKnownFinished }

  // MARK: Submission

  var isFinished: Bool { (try? backend.device.queue.isFinished(value)) ?? true }

  func wait() throws(TensorError) {
    do { try backend.device.queue.wait(for: value) } catch { throw TensorError(error) }
    try verify()
  }

  nonisolated(nonsending) func finished() async throws(TensorError) {
    do { try await backend.device.queue.finished(value) } catch { throw TensorError(error) }
    try verify()
  }

  func retire() {
    _ = try? verify()
    retained.removeAll()
    onRetire?()
    onRetire = nil
  }

  /// Checked mode: canaries, reported indices, unwritten results. Once; later calls repeat the
  /// verdict.
  private func verify() throws(TensorError) {
    guard let audit else { return }
    let verdict: TensorError? = audit.withLock { audit in
      if !audit.isDone {
        audit.isDone = true
        audit.verdict = VulkanSubmission.judge(audit)
        audit.allocations = []
        audit.results = []
        audit.report = nil
      }
      return audit.verdict
    }
    if let verdict { throw verdict }
  }

  private static func judge(_ audit: Audit) -> TensorError? {
    let names = Set(audit.results.map(\.operation)).sorted().joined(separator: ", ")
    if let report = audit.report?.contents?.assumingMemoryBound(to: UInt32.self), report[0] != 0 {
      let operand = report[1] == 3 ? "the result" : "operand \(report[1])"
      return TensorError(
        .memoryViolation,
        "a kernel of \(names) used index \(report[2]) of \(operand), which has \(report[3]) elements"
      )
    }
    for allocation in audit.allocations {
      if let text = allocation.violation() {
        return TensorError(.memoryViolation, "\(text), in a submission of \(names)")
      }
    }
    for (allocation, range, operation) in audit.results {
      if let word = allocation.poisonedWord(in: range) {
        return TensorError(
          .memoryViolation,
          "element \(word) of the result of \(operation) was not written, or was computed from "
            + "memory that was not")
      }
    }
    return nil
  }
}
