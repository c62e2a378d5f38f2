import CZlib

/// Takes deflated bytes apart, as RFC 1951 describes them, with zlib.
struct Inflater: ~Copyable {
  /// Two bits can stand for 258 bytes: nothing deflates further.
  static let largestRatio = 1_032

  private let source: FileBytes
  private let stream: UnsafeMutablePointer<z_stream>

  init(_ source: FileBytes) throws(TensorFileError) {
    self.source = source
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // Negative: without the header of zlib's own files.
    let status = inflateInit2_(
      stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      stream.deallocate()
      throw TensorFileError(.outOfMemory, "there is no memory to inflate with")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// The first bytes; fewer if there are no more.
  static func prefix(of source: FileBytes, count: Int) throws(TensorFileError) -> [UInt8] {
    let region = try MemoryRegion(count: count)
    let result = try Inflater(source).run(into: region.bytes)
    return Array(region.bytes.prefix(result.written))
  }

  /// All bytes, which must be so many; memory is touched only as they come.
  static func all(of source: FileBytes, count: Int) throws(TensorFileError) -> FileBytes {
    let region = try MemoryRegion(count: count)
    let result = try Inflater(source).run(into: region.bytes)
    guard result.written == count else {
      throw .malformed("\(result.written) bytes were deflated; there are to be \(count)")
    }
    guard result.isAtEnd else { throw .malformed("more than \(count) bytes were deflated") }
    guard result.read == source.count else {
      throw .malformed("\(source.count - result.read) bytes follow the deflated ones")
    }
    return FileBytes(region)
  }

  private struct Progress {
    var read = 0
    var written = 0
    var isAtEnd = false
  }

  /// Inflates until the buffer is full and one more byte would not fit, or until the end.
  private func run(into buffer: UnsafeMutableRawBufferPointer) throws(TensorFileError) -> Progress {
    var progress = Progress()
    // zlib counts in 32 bits.
    let portion = 1 << 30
    var spare: UInt8 = 0
    try source.withUnsafeBytes { bytes throws(TensorFileError) in
      try withUnsafeMutableBytes(of: &spare) { spare throws(TensorFileError) in
        while true {
          let input = min(bytes.count - progress.read, portion)
          let room = min(buffer.count - progress.written, portion)
          let isFull = room == 0
          // zlib does not write to its input.
          stream.pointee.next_in = UnsafeMutablePointer(
            mutating: bytes.baseAddress.map {
              ($0 + progress.read).assumingMemoryBound(to: UInt8.self)
            })
          stream.pointee.avail_in = UInt32(input)
          stream.pointee.next_out =
            isFull
            ? spare.baseAddress!.assumingMemoryBound(to: UInt8.self)
            : (buffer.baseAddress! + progress.written).assumingMemoryBound(to: UInt8.self)
          stream.pointee.avail_out = UInt32(isFull ? 1 : room)
          let status = inflate(stream, Z_NO_FLUSH)
          progress.read += input - Int(stream.pointee.avail_in)
          let written = (isFull ? 1 : room) - Int(stream.pointee.avail_out)
          if !isFull { progress.written += written }
          switch status {
          case Z_STREAM_END:
            progress.isAtEnd = !isFull || written == 0
            return
          case Z_OK:
            if isFull, written > 0 { return }
          case Z_MEM_ERROR:
            throw TensorFileError(.outOfMemory, "there is no memory to inflate with")
          case Z_BUF_ERROR:
            // Nothing to read: the deflated bytes end too soon.
            return
          default:
            throw .malformed(
              "byte \(progress.read) of the deflated ones cannot be: "
                + (stream.pointee.msg.map { String(cString: $0) } ?? "no data"))
          }
        }
      }
    }
    return progress
  }
}

/// The checksum of zip files.
struct CRC32 {
  private(set) var value: UInt32 = 0

  static func of(_ parts: [FileBytes]) -> UInt32 {
    var sum = CRC32()
    for part in parts { part.withUnsafeBytes { sum.add($0) } }
    return sum.value
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, bytes.count > 0 else { return }
    value = UInt32(
      truncatingIfNeeded: crc32_z(
        UInt(value), base.assumingMemoryBound(to: UInt8.self), bytes.count))
  }
}
