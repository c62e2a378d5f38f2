import Glibc
import TensorFiles

/// Where the files of the digits lie, and how they are read.
enum DataFile {
  /// The file itself if one was given, else that in the folder of `SWOOP_DATA`, else the first of
  /// that name in the usual places.
  static func locate(
    _ name: String, given path: String?,
    environment: String? = getenv("SWOOP_DATA").map { String(cString: $0) }
  ) throws(DigitsError) -> String {
    if let path { return path }
    // Whoever names a folder means it: another's files would be measured in silence.
    if let environment, !environment.isEmpty { return environment + "/" + name }
    let directories = directories(executable: executable)
    for directory in directories where access(directory + "/" + name, F_OK) == 0 {
      return directory + "/" + name
    }
    throw DigitsError(
      .fileNotFound, name,
      "there is none in \(directories.joined(separator: ", ")); SWOOP_DATA can name the directory")
  }

  /// The usual places, the first to be tried first.
  static func directories(executable: String?) -> [String] {
    (executable.map { [parent(of: $0)] } ?? [])
      + [parent(of: #filePath) + "/Data", "Examples/DigitsData/Data"]
  }

  private static var executable: String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return nil }
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The directory a file is in.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The whole file; one of more than `limit` bytes is refused, for it may have no end.
  static func read(_ path: String, limit: Int) throws(DigitsError) -> FileBytes {
    do throws(TensorFileError) {
      return try FileBytes(path: path, limit: limit)
    } catch {
      throw DigitsError(error, path)
    }
  }
}

extension DigitsError {
  init(_ error: TensorFileError, _ path: String) {
    let code: Code =
      switch error.code {
      case .fileNotFound: .fileNotFound
      case .unreadable, .outOfMemory: .unreadable
      case .unwritable: .unwritable
      default: .malformed
      }
    self.init(code, path, error.message)
  }
}
