import Glibc

/// Bytes that do not change: a file's, memory's, or a part of either. Parts share the memory.
public struct FileBytes: Sendable {
  private let owner: any ByteOwner
  private let range: Range<Int>

  /// The bytes of an array, which it keeps.
  public init<E: BitwiseCopyable & Sendable>(_ elements: [E]) {
    owner = ArrayBytes(elements: elements)
    range = 0..<elements.count * MemoryLayout<E>.stride
  }

  init(_ region: MemoryRegion) {
    owner = region
    range = 0..<region.count
  }

  private init(owner: any ByteOwner, range: Range<Int>) {
    self.owner = owner
    self.range = range
  }

  /// How many there are.
  public var count: Int { range.count }

  /// A part; the caller has checked that it is one.
  subscript(part: Range<Int>) -> FileBytes {
    precondition(part.lowerBound >= 0 && part.upperBound <= count, "outside of the file")
    return FileBytes(
      owner: owner,
      range: range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// Calls `body` with the bytes, at any alignment. They are gone when it returns.
  public func withUnsafeBytes<R, F: Error>(
    _ body: (UnsafeRawBufferPointer) throws(F) -> R
  ) throws(F) -> R {
    try owner.withBytes { whole throws(F) in
      try body(UnsafeRawBufferPointer(rebasing: whole[range]))
    }
  }

  /// A copy.
  public var array: [UInt8] { withUnsafeBytes { Array($0) } }

  /// A copy of one after the other.
  static func joined(_ parts: [FileBytes]) -> [UInt8] {
    var all: [UInt8] = []
    all.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for part in parts { part.withUnsafeBytes { all += $0 } }
    return all
  }
}

protocol ByteOwner: Sendable {
  func withBytes<R, F: Error>(_ body: (UnsafeRawBufferPointer) throws(F) -> R) throws(F) -> R
}

private struct ArrayBytes<E: BitwiseCopyable & Sendable>: ByteOwner {
  let elements: [E]

  func withBytes<R, F: Error>(_ body: (UnsafeRawBufferPointer) throws(F) -> R) throws(F) -> R {
    try elements.withUnsafeBufferPointer { buffer throws(F) in
      try body(UnsafeRawBufferPointer(buffer))
    }
  }
}

/// Memory that is written by whoever makes it, and only read once it is part of `FileBytes`.
final class MemoryRegion: ByteOwner, @unchecked Sendable {
  private(set) var base: UnsafeMutableRawPointer
  private(set) var count: Int
  private let isMapped: Bool

  /// Memory that holds anything. Not an array: running out of memory is an error, and pages that
  /// nothing was written to cost nothing.
  init(count: Int) throws(TensorFileError) {
    guard let memory = malloc(max(count, 1)) else { throw MemoryRegion.exhausted(count) }
    base = memory
    self.count = count
    isMapped = false
  }

  /// The whole of an open file of so many bytes, which must be more than none.
  init(mapping descriptor: Int32, count: Int) throws(TensorFileError) {
    guard let memory = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
      memory != MAP_FAILED
    else {
      let code = errno
      throw code == ENOMEM
        ? MemoryRegion.exhausted(count) : TensorFileError(.unreadable, systemText(code))
    }
    base = memory
    self.count = count
    isMapped = true
  }

  deinit {
    if isMapped { munmap(base, count) } else { free(base) }
  }

  /// Keeps the first bytes and gives back, or adds, the rest.
  func resize(to count: Int) throws(TensorFileError) {
    guard let memory = realloc(base, max(count, 1)) else { throw MemoryRegion.exhausted(count) }
    base = memory
    self.count = count
  }

  var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: count)
  }

  func withBytes<R, F: Error>(_ body: (UnsafeRawBufferPointer) throws(F) -> R) throws(F) -> R {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  private static func exhausted(_ count: Int) -> TensorFileError {
    TensorFileError(.outOfMemory, "there is no memory for \(count) bytes")
  }
}

/// What the system calls an error.
func systemText(_ code: Int32) -> String { String(cString: strerror(code)) }
