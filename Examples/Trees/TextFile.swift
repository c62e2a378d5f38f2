import Glibc

/// What the user gave and cannot be worked with.
struct InputError: Error, CustomStringConvertible {
  /// One line for a person.
  let description: String
  init(_ description: String) { self.description = description }
}

/// The file that the user names.
enum TextFile {
  /// The largest file that is read; another may have no end.
  static let limit = 16 << 20

  /// The whole file as text.
  /// - Throws: `InputError` for a file that cannot be read, is larger than `limit` or is not UTF-8.
  static func read(_ path: String) throws(InputError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var portion = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &portion, portion.count)
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(path, errno)
      }
      bytes += portion.prefix(count)
      guard bytes.count <= limit else {
        throw InputError("\(path) is larger than the \(limit >> 20) MiB that are read")
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InputError("\(path) is not UTF-8 text")
    }
    return text
  }

  private static func failure(_ path: String, _ code: Int32) -> InputError {
    InputError(
      "cannot read \(path.isEmpty ? "a file without a name" : path): "
        + String(cString: strerror(code)))
  }
}
