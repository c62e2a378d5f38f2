/// Reads numbers, the little end first, one after the other.
struct ByteReader {
  private let bytes: FileBytes
  private let name: String
  private var position = 0

  /// - Parameter name: what the bytes are, for the error if they end too soon.
  init(_ bytes: FileBytes, _ name: String) {
    self.bytes = bytes
    self.name = name
  }

  var remaining: Int { bytes.count - position }
  var isAtEnd: Bool { remaining == 0 }

  private func check(_ count: Int) throws(TensorFileError) {
    guard count <= remaining else { throw .malformed("\(name) ends too soon") }
  }

  mutating func skip(_ count: Int) throws(TensorFileError) {
    try check(count)
    position += count
  }

  mutating func take(_ count: Int) throws(TensorFileError) -> FileBytes {
    try check(count)
    defer { position += count }
    return bytes[position..<position + count]
  }

  private mutating func number<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type
  ) throws(TensorFileError) -> T {
    try check(MemoryLayout<T>.size)
    defer { position += MemoryLayout<T>.size }
    return T(
      littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: T.self) }
    )
  }

  mutating func uint16() throws(TensorFileError) -> UInt16 { try number(UInt16.self) }
  mutating func uint32() throws(TensorFileError) -> UInt32 { try number(UInt32.self) }
  mutating func uint64() throws(TensorFileError) -> UInt64 { try number(UInt64.self) }
}

extension [UInt8] {
  mutating func append<T: FixedWidthInteger>(_ number: T) {
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> T(shift)))
    }
  }
}
