import Glibc
import SwoopCore
import Synchronization

/// Memory for one tensor, aligned to a cache line.
final class HostStorage: Storage, @unchecked Sendable {
  static let alignment = 64

  let start: UnsafeMutableRawPointer
  private let byteCount: Int

  private static let live = Atomic<Int>(0)
  private static let peak = Atomic<Int>(0)

  /// Bytes of tensors now, and the most there have been.
  static var usage: (live: Int, peak: Int) {
    (live.load(ordering: .relaxed), peak.load(ordering: .relaxed))
  }

  /// - Throws: `outOfMemory`.
  init(byteCount: Int) throws(TensorError) {
    var memory: UnsafeMutableRawPointer?
    let status = posix_memalign(
      &memory, HostStorage.alignment, Swift.max(byteCount, HostStorage.alignment))
    guard status == 0, let memory else {
      throw TensorError(.outOfMemory, "the host has no \(byteCount) bytes left for a tensor")
    }
    start = memory
    self.byteCount = byteCount
    let now = HostStorage.live.wrappingAdd(byteCount, ordering: .relaxed).newValue
    if now > HostStorage.peak.load(ordering: .relaxed) {
      HostStorage.peak.max(now, ordering: .relaxed)
    }
  }

  deinit {
    HostStorage.live.wrappingSubtract(byteCount, ordering: .relaxed)
    free(start)
  }

  func fill(from bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    start.copyMemory(from: source, byteCount: bytes.count)
  }

  // What a slice of another back end would give, which `deviceMismatch` rules out.
  private nonisolated(unsafe) static let nowhere = UnsafeRawPointer(
    UnsafeMutableRawPointer.allocate(byteCount: alignment, alignment: alignment))

  static func address(of slice: StorageSlice) -> UnsafeRawPointer {
    guard let storage = slice.storage as? HostStorage else { return nowhere }
    return UnsafeRawPointer(storage.start) + slice.offset
  }
}
