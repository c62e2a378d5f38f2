import Glibc

extension DataFile {
  /// Writes a file that appears whole or not at all: into a temporary file in the same directory,
  /// flushed to the disk, then renamed.
  ///
  /// If anything fails the temporary file is removed, and what was at `path` is untouched. A
  /// symbolic link is followed.
  static func write(_ bytes: [UInt8], to path: String) throws(DigitsError) {
    var status = stat()
    let exists = stat(path, &status) == 0
    // A rename would put a file in the place of a device such as /dev/null.
    guard !exists || status.st_mode & S_IFMT == S_IFREG else {
      throw DigitsError(.unwritable, path, "it is there already and no regular file")
    }
    let target = exists ? resolved(path) : path
    let temporary =
      parent(of: target)
      + "/.digits-\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw unwritable(path) }
    do throws(DigitsError) {
      do throws(DigitsError) {
        // An existing file keeps who may read it.
        if exists { fchmod(descriptor, status.st_mode & 0o7777) }
        try fill(descriptor, bytes, path)
        guard fsync(descriptor) == 0 else { throw unwritable(path) }
      } catch {
        close(descriptor)
        throw error
      }
      guard close(descriptor) == 0, rename(temporary, target) == 0 else { throw unwritable(path) }
    } catch {
      unlink(temporary)
      throw error
    }
    // The file is whole; that its name survives a power cut is worth a try, not an error.
    let directory = open(parent(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  private static func fill(
    _ descriptor: Int32, _ bytes: [UInt8], _ path: String
  ) throws(DigitsError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count == 0 || errno != EINTR {
        throw unwritable(path, count == 0 ? EIO : errno)
      }
    }
  }

  private static func unwritable(_ path: String, _ code: Int32 = errno) -> DigitsError {
    DigitsError(.unwritable, path, "cannot be written: \(text(of: code))")
  }

  private static func resolved(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
