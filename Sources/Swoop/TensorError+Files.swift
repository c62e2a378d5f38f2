import SwoopCore
import TensorFiles

extension TensorError.Code {
  /// There is no such file.
  public static let fileNotFound = TensorError.Code("fileNotFound")
  /// There is one, but it cannot be read.
  public static let unreadableFile = TensorError.Code("unreadableFile")
  /// A file that breaks the rules of its format.
  public static let malformedFile = TensorError.Code("malformedFile")
  /// A file that could not be written; what was there before is untouched.
  public static let unwritableFile = TensorError.Code("unwritableFile")
  /// A name that no tensor in the file or the archive has.
  public static let tensorNotFound = TensorError.Code("tensorNotFound")
}

extension TensorError {
  init(_ error: TensorFileError) {
    let code: Code =
      switch error.code {
      case .fileNotFound: .fileNotFound
      case .unreadable: .unreadableFile
      case .malformed: .malformedFile
      case .unwritable: .unwritableFile
      case .tensorNotFound: .tensorNotFound
      case .unsupportedElementType: .elementTypeMismatch
      case .unsupported: .unsupported
      case .outOfMemory: .outOfMemory
      default: .invalidArgument
      }
    self.init(code, error.description)
  }

  /// Runs what works on files.
  static func ofFiles<R>(_ body: () throws(TensorFileError) -> R) throws(TensorError) -> R {
    do throws(TensorFileError) {
      return try body()
    } catch {
      throw TensorError(error)
    }
  }
}
