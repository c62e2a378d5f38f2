/// What is wrong with a file of tensors, or with what was to be written to one.
public struct TensorFileError: Error, Hashable, CustomStringConvertible {
  /// The kind of an error.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }

    /// There is no such file.
    public static let fileNotFound = Code("fileNotFound")
    /// There is one, but it cannot be read.
    public static let unreadable = Code("unreadable")
    /// It could be read, but breaks the rules of its format.
    public static let malformed = Code("malformed")
    /// It may well be right, but has what is not read here, such as encryption.
    public static let unsupported = Code("unsupported")
    /// A type of elements that is not read, or that the format cannot hold.
    public static let unsupportedElementType = Code("unsupportedElementType")
    /// A value that the element type asked for cannot hold.
    public static let valueOutOfRange = Code("valueOutOfRange")
    /// The file has no tensor of this name.
    public static let tensorNotFound = Code("tensorNotFound")
    /// What was to be written is no tensor, or has a name that the format cannot hold.
    public static let invalidTensor = Code("invalidTensor")
    /// It could not be written; what was there before is untouched.
    public static let unwritable = Code("unwritable")
    /// There is no memory for it.
    public static let outOfMemory = Code("outOfMemory")
  }

  /// What kind of error it is; compare it with the constants of `Code`.
  public let code: Code
  /// The file, where one is known.
  public let path: String?
  /// What is wrong, and what would have been accepted; one line.
  public let message: String

  init(_ code: Code, _ message: String, path: String? = nil) {
    self.code = code
    self.path = path
    self.message = message
  }

  public var description: String {
    guard let path else { return message }
    return "\(path.isEmpty ? "a file without a name" : path): \(message)"
  }

  static func malformed(_ message: String) -> TensorFileError {
    TensorFileError(.malformed, message)
  }

  /// The same with the file's name, for those who only see bytes.
  func of(_ path: String) -> TensorFileError {
    self.path == nil ? TensorFileError(code, message, path: path) : self
  }
}

/// Text of a file in a message: quoted, on one line, and short, whatever the file holds.
func shown(_ text: String) -> String {
  let quoted = String(text.prefix(60).map { $0.isNewline ? " " : $0 }).debugDescription
  return quoted.count > 80 || text.count > 60 ? quoted.prefix(80) + "…" : quoted
}

/// A shape in a message.
func shown(_ shape: [Int]) -> String {
  let list = shape.prefix(12).map(String.init).joined(separator: ", ")
  return shape.count > 12 ? "[\(list), …]" : "[\(list)]"
}
