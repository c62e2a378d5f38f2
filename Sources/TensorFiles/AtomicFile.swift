import Glibc

/// Files that appear whole or not at all.
public enum AtomicFile {
  /// Writes text to a file: into a temporary file in the same directory, flushed to the disk, then
  /// renamed.
  ///
  /// If anything fails the temporary file is removed and what was at `path` before is untouched.
  /// A symbolic link is followed, also to a file that is not there yet. What is no regular file,
  /// such as `/dev/stdout` or a pipe, cannot be replaced and is written to as it is.
  ///
  /// - Throws: `FileWriteFailure`.
  public static func write(_ text: String, to path: String) throws(FileWriteFailure) {
    try write([FileBytes(Array(text.utf8))], to: path)
  }

  /// Writes bytes, one part after the other, as `write(_:to:)` writes text.
  /// - Throws: `FileWriteFailure`.
  public static func write(_ parts: [FileBytes], to path: String) throws(FileWriteFailure) {
    try write(to: path) { descriptor throws(FileWriteFailure) in
      for part in parts {
        try part.withUnsafeBytes { bytes throws(FileWriteFailure) in
          try writeAll(bytes, to: descriptor, path: path)
        }
      }
    }
  }

  /// What will keep `write` from writing there, as far as can be told beforehand: the end of a
  /// sentence that names the path; nil if nothing. Nothing is left there.
  public static func obstacle(to path: String) -> String? {
    if path.isEmpty { return "which is no file's name" }
    if path.utf8.contains(0) { return "which has a NUL in it" }
    var status = stat()
    let exists = stat(path, &status) == 0
    let code = errno
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { return "which is a folder" }
    if isWrittenInPlace(path, exists: exists, kind) {
      return access(path, W_OK) == 0 ? nil : "which cannot be written: \(reason(errno))"
    }
    if !exists, code != ENOENT { return "which cannot be written: \(reason(code))" }
    // Who may write is only part of it: a file system can refuse whom a folder lets in.
    let folder = directory(of: followed(path))
    do throws(FileWriteFailure) {
      let (descriptor, temporary) = try openTemporary(in: folder, for: path)
      close(descriptor)
      unlink(temporary)
      return nil
    } catch {
      return "whose folder cannot be written to: \(reason(error.code))"
    }
  }

  fileprivate static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

  private static func isWrittenInPlace(_ path: String, exists: Bool, _ kind: mode_t) -> Bool {
    path.hasPrefix("/dev/") || path.hasPrefix("/proc/") || exists && kind != S_IFREG
  }

  /// Writes a file whose content `body` writes to a descriptor.
  package static func write(
    to path: String, body: (_ descriptor: Int32) throws(FileWriteFailure) -> Void
  ) throws(FileWriteFailure) {
    // The system would take a name up to a NUL for the whole.
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw FileWriteFailure(path: path, code: path.isEmpty ? ENOENT : EINVAL)
    }
    var status = stat()
    let exists = stat(path, &status) == 0
    // Links in a circle, for one, are not to be replaced by a file.
    guard exists || errno == ENOENT else { throw FileWriteFailure(path: path, code: errno) }
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { throw FileWriteFailure(path: path, code: EISDIR) }
    if isWrittenInPlace(path, exists: exists, kind) {
      try writeInPlace(path, body)
    } else {
      try replace(path, followed(path), mode: exists ? status.st_mode : nil, body)
    }
  }

  private static func writeInPlace(
    _ path: String, _ body: (_ descriptor: Int32) throws(FileWriteFailure) -> Void
  ) throws(FileWriteFailure) {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileWriteFailure(path: path, code: errno) }
    do throws(FileWriteFailure) {
      try body(descriptor)
    } catch {
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw FileWriteFailure(path: path, code: errno) }
  }

  private static func replace(
    _ path: String, _ target: String, mode: mode_t?,
    _ body: (_ descriptor: Int32) throws(FileWriteFailure) -> Void
  ) throws(FileWriteFailure) {
    let directory = directory(of: target)
    let (descriptor, temporary) = try openTemporary(in: directory, for: path)
    var isOpen = true
    do throws(FileWriteFailure) {
      // An existing file keeps who may read it.
      if let mode { fchmod(descriptor, mode & 0o7777) }
      try body(descriptor)
      guard fsync(descriptor) == 0 else { throw FileWriteFailure(path: path, code: errno) }
      isOpen = false
      guard close(descriptor) == 0 else { throw FileWriteFailure(path: path, code: errno) }
      guard rename(temporary, target) == 0 else { throw FileWriteFailure(path: path, code: errno) }
    } catch {
      if isOpen { close(descriptor) }
      unlink(temporary)
      throw error
    }
    // The file is whole already; that its name survives a power cut is worth a try, not an error.
    let handle = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if handle >= 0 {
      fsync(handle)
      close(handle)
    }
  }

  private static func openTemporary(
    in directory: String, for path: String
  ) throws(FileWriteFailure) -> (descriptor: Int32, path: String) {
    for _ in 0..<16 {
      // Not derived from the name, which may be as long as a name can be.
      let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
      let temporary = directory + "/.swoop-\(getpid())-\(suffix).tmp"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (descriptor, temporary) }
      if errno != EEXIST { throw FileWriteFailure(path: path, code: errno) }
    }
    throw FileWriteFailure(path: path, code: EEXIST)
  }

  /// Writes all of it to a descriptor.
  package static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
  ) throws(FileWriteFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count == 0 || errno != EINTR {
        throw FileWriteFailure(path: path, code: count == 0 ? EIO : errno)
      }
    }
  }

  /// What a path stands for if it is a link, or the first of several; the last may name nothing yet.
  private static func followed(_ path: String) -> String {
    var path = path
    // As many as the system follows.
    for _ in 0..<40 {
      guard let next = destination(of: path) else { break }
      path = next.hasPrefix("/") ? next : directory(of: path) + "/" + next
    }
    return path
  }

  private static func destination(of link: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
      guard let start = buffer.baseAddress else { return nil }
      let count = readlink(link, start, buffer.count)
      guard count > 0 else { return nil }
      return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// Why a file could not be written.
public struct FileWriteFailure: Error, Equatable, CustomStringConvertible {
  /// The file that was to be written.
  public let path: String

  /// The system's error code.
  public let code: Int32

  /// A failure of a path, with the system's error code.
  public init(path: String, code: Int32) {
    self.path = path
    self.code = code
  }

  /// One line for a person.
  public var description: String {
    "cannot write \(path.isEmpty ? "a file without a name" : path): \(AtomicFile.reason(code))"
  }
}
