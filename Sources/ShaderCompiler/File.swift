import Glibc

/// The few file operations that the cache needs; failures are values, and harmless.
enum File {
  enum Reading {
    case contents([UInt32])
    case absent
    /// There, but not a plain file of whole words that can be read.
    case unreadable
  }

  /// Reads a file of 32-bit words.
  static func read(_ path: String, maximumSize: Int) -> Reading {
    // Non-blocking, in case somebody put a pipe there.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .absent }
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= maximumSize, status.st_size % MemoryLayout<UInt32>.size == 0
    else { return .unreadable }

    let count = Int(status.st_size) / MemoryLayout<UInt32>.size
    let contents = [UInt32](unsafeUninitializedCapacity: count) { buffer, initialized in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      let whole = transfer(bytes.count) { done in
        Glibc.read(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      }
      initialized = whole ? count : 0
    }
    return contents.count == count ? .contents(contents) : .unreadable
  }

  /// Puts a file of these words at `path` in one step: readers see the old file or the new one.
  static func replace(_ path: String, with words: [UInt32]) -> Bool {
    var template = Array("\(path).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { return false }
    let written = words.withUnsafeBytes { bytes in
      transfer(bytes.count) { done in
        Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      }
    }
    let closed = close(descriptor) == 0
    if written, closed, rename(template, path) == 0 { return true }
    unlink(template)
    return false
  }

  /// Whether the directory exists, after creating what was missing of its path.
  static func makeDirectories(_ path: String) -> Bool {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return true }
    guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex,
      makeDirectories(String(path[..<slash]))
    else { return false }
    return mkdir(path, 0o700) == 0 || errno == EEXIST
  }

  /// Repeats a partial read or write until `count` bytes are through.
  private static func transfer(_ count: Int, _ step: (Int) -> Int) -> Bool {
    var done = 0
    while done < count {
      let result = step(done)
      if result > 0 {
        done += result
      } else if result == 0 || errno != EINTR {
        return false
      }
    }
    return true
  }
}
