import Glibc

extension FileBytes {
  /// A whole file.
  /// - Parameters:
  ///   - path: what is no regular file, such as a pipe, is read to its end.
  ///   - isMapped: whether to map a regular file instead of reading it. Its bytes are then read
  ///     from the disk when they are first looked at, and another program must not shorten the
  ///     file meanwhile: the system would end this one. Replacing the file, as the writers here
  ///     do, is harmless.
  ///   - limit: the most bytes that are read; what goes on beyond is refused.
  /// - Throws: `fileNotFound`, `unreadable`, `outOfMemory`; `malformed` beyond the limit.
  public init(
    path: String, isMapped: Bool = false, limit: Int = .max
  ) throws(TensorFileError) {
    try self.init(path: path, isMapped: isMapped, limit: limit) { _ throws(TensorFileError) in nil }
  }

  /// How long a file is to be, from what it begins with; nil if that does not say it yet.
  typealias Measure = (UnsafeRawBufferPointer) throws(TensorFileError) -> Int?

  /// - Parameter measure: asked again and again while a pipe or a device is read, which may never
  ///   end: what does not begin as its format does is refused then, and so is what goes on.
  init(
    path: String, isMapped: Bool = false, limit: Int = .max, measure: Measure
  ) throws(TensorFileError) {
    do throws(TensorFileError) {
      // A path with a NUL would silently be another one.
      guard !path.utf8.contains(0) else {
        throw TensorFileError(.fileNotFound, "the name holds a NUL")
      }
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        let code = errno
        throw TensorFileError(code == ENOENT ? .fileNotFound : .unreadable, systemText(code))
      }
      defer { close(descriptor) }
      self = try FileBytes(
        reading: descriptor, isMapped: isMapped, limit: limit, measure: measure)
    } catch {
      throw error.of(path)
    }
  }

  private init(
    reading descriptor: Int32, isMapped: Bool, limit: Int, measure: Measure
  ) throws(TensorFileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw TensorFileError(.unreadable, systemText(errno))
    }
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    let size = isRegular ? Int(status.st_size) : 0
    guard size <= limit else { throw FileBytes.tooLong(limit) }
    if isMapped, size > 0 {
      self.init(try MemoryRegion(mapping: descriptor, count: size))
      return
    }
    // The files of /proc are regular and say that they are empty.
    let region = try MemoryRegion(count: size > 0 ? size : 1 << 16)
    var (filled, limit) = (0, limit)
    var length: Int?
    while true {
      if size == 0, length == nil, filled > 0 {
        let start = UnsafeRawBufferPointer(
          rebasing: UnsafeRawBufferPointer(region.bytes)[..<filled])
        length = try measure(start)
        if let length { limit = Swift.min(limit, length) }
        guard filled <= limit else { throw FileBytes.tooLong(limit) }
      }
      if filled == region.count {
        // Nobody knows where a pipe ends; a regular file may have grown.
        var next: UInt8 = 0
        let isAtEnd = try FileBytes.read(descriptor, &next, 1) == 0
        if isAtEnd { break }
        guard filled < limit else { throw FileBytes.tooLong(limit) }
        try region.resize(to: filled > Int.max / 2 ? .max : max(filled * 2, 1 << 16))
        region.base.storeBytes(of: next, toByteOffset: filled, as: UInt8.self)
        filled += 1
      }
      let wanted = region.count - filled
      let count = try FileBytes.read(descriptor, region.base + filled, wanted)
      filled += count
      guard filled <= limit else { throw FileBytes.tooLong(limit) }
      if count == 0 { break }
    }
    if filled < region.count { try region.resize(to: filled) }
    self.init(region)
  }

  private static func read(
    _ descriptor: Int32, _ memory: UnsafeMutableRawPointer, _ count: Int
  ) throws(TensorFileError) -> Int {
    while true {
      let result = Glibc.read(descriptor, memory, count)
      if result >= 0 { return result }
      if errno != EINTR { throw TensorFileError(.unreadable, systemText(errno)) }
    }
  }

  private static func tooLong(_ limit: Int) -> TensorFileError {
    .malformed("the file is larger than \(limit) bytes")
  }
}
