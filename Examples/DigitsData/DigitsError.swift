/// What is wrong with a file of the digits: one line, with the file and where there is one the line.
public struct DigitsError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of an error.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }

    /// There is no such file.
    public static let fileNotFound = Code("fileNotFound")
    /// There is one, but it cannot be read.
    public static let unreadable = Code("unreadable")
    /// It could be read, but is not what it should be.
    public static let malformed = Code("malformed")
    /// It could not be written; what was there before is untouched.
    public static let unwritable = Code("unwritable")
    /// Numbers that no network of this form can have.
    public static let invalidWeights = Code("invalidWeights")
  }

  /// What kind of error it is; compare it with the constants of `Code`.
  public let code: Code
  /// The file, unless the numbers came from none.
  public let path: String?
  /// The line of a text file, counted from 1.
  public let line: Int?
  /// What is wrong, and what would have been accepted.
  public let message: String

  init(_ code: Code, _ path: String?, line: Int? = nil, _ message: String) {
    self.code = code
    self.path = path
    self.line = line
    self.message = message
  }

  public var description: String {
    guard let path else { return message }
    let name = path.isEmpty ? "a file without a name" : path
    return line.map { "\(name):\($0): \(message)" } ?? "\(name): \(message)"
  }
}
