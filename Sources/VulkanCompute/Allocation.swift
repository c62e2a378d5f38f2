/// A piece of device memory; goes back to its pool with the last reference.
///
/// Whoever submits work on it must keep a reference until the work has finished.
public final class Allocation: Sendable {
  /// The address kernels use.
  public let address: UInt64
  /// Bytes asked for.
  public let byteCount: Int
  /// The address on the host; nil if the host cannot see this memory.
  public nonisolated(unsafe) let contents: UnsafeMutableRawPointer?
  /// Whether the host reads this memory at full speed.
  public let isReadback: Bool
  private let pool: MemoryPool
  private let piece: MemoryPiece

  init(_ piece: MemoryPiece, bytes: Int, pool: MemoryPool) {
    self.piece = piece
    self.pool = pool
    byteCount = bytes
    isReadback = pool.isReadback
    let start = piece.offset + (pool.options.checked ? Canary.bytes : 0)
    address = piece.buffer.address + UInt64(start)
    contents = piece.buffer.contents.map { $0 + start }
    if pool.options.checked { Canary.plant(region, bytes: bytes) }
  }

  deinit { pool.giveBack(piece) }

  /// Checked mode: what was written outside of the allocation, or nil.
  public func violation() -> String? {
    guard pool.options.checked else { return nil }
    return Canary.violation(region, bytes: byteCount)
  }

  /// Checked mode: the first 32-bit word of these bytes that has the poison still, or again;
  /// nil if none has. A kernel that read poison passes it on where arithmetic keeps a NaN's
  /// payload: software drivers do, NVIDIA's cards do not.
  /// - Returns: the index of the word, counted from the range's start.
  public func poisonedWord(in range: Range<Int>) -> Int? {
    guard pool.options.checked, let contents else { return nil }
    return Canary.poisonedWord(
      UnsafeRawBufferPointer(start: contents, count: byteCount), range.clamped(to: 0..<byteCount))
  }

  private var region: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      start: piece.buffer.contents.map { $0 + piece.offset }, count: piece.size)
  }

  var buffer: DeviceBuffer { piece.buffer }
  var bufferOffset: Int { Int(address - piece.buffer.address) }
}

/// The patterns of checked mode.
enum Canary {
  static let bytes = 64
  private static let guardWord: UInt32 = 0xC0DE_CAFE
  /// A quiet NaN with a payload that arithmetic does not make by itself.
  static let poison: UInt32 = 0x7FE5_A5A5

  /// Guards before and after the bytes, poison in them.
  static func plant(_ region: UnsafeMutableRawBufferPointer, bytes count: Int) {
    guard region.baseAddress != nil else { return }
    let words = region.bindMemory(to: UInt32.self)
    let (first, last) = interior(count)
    for index in words.indices {
      words[index] = index < first || index >= last ? guardWord : poison
    }
  }

  static func violation(_ region: UnsafeMutableRawBufferPointer, bytes count: Int) -> String? {
    guard region.baseAddress != nil else { return nil }
    let words = region.bindMemory(to: UInt32.self)
    let (first, last) = interior(count)
    for index in words.indices where index < first || index >= last {
      if words[index] != guardWord {
        return "a kernel wrote \((index - first) * 4) bytes from the start of an allocation of "
          + "\(count) bytes"
      }
    }
    return nil
  }

  static func poisonedWord(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
    (0..<range.count / 4).first { index in
      let word = bytes.loadUnaligned(fromByteOffset: range.lowerBound + index * 4, as: UInt32.self)
      // A change of sign keeps the rest.
      return word & 0x7FFF_FFFF == poison
    }
  }

  // Kernels write whole vectors of 16 bytes at most past the last element.
  private static func interior(_ count: Int) -> (first: Int, last: Int) {
    (bytes / 4, bytes / 4 + (count + 15) / 16 * 4)
  }
}
