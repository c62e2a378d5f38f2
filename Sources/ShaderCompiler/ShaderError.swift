/// Why a shader could not be compiled.
public struct ShaderError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure it was. New codes may be added.
  public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The GLSL is wrong.
    public static let compilation = Code(rawValue: "compilation")

    /// An `#include` names nothing in ``ShaderSource/includes``, or includes nest too deeply.
    public static let include = Code(rawValue: "include")

    /// The compiler could not be started, or gave no valid answer.
    public static let unavailable = Code(rawValue: "unavailable")

    public var description: String { rawValue }
  }

  /// One message of the compiler.
  public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
    public enum Severity: String, Sendable, Hashable {
      case warning, error
    }

    /// The name of the source, or of the include, that the message is about.
    public var file: String

    /// The line, from 1; `nil` where the compiler gave none.
    public var line: Int?

    public var severity: Severity
    public var message: String

    public init(file: String, line: Int?, severity: Severity, message: String) {
      self.file = file
      self.line = line
      self.severity = severity
      self.message = message
    }

    public var description: String {
      let place = line.map { "\(file):\($0)" } ?? file
      return "\(place): \(severity.rawValue): \(message)"
    }
  }

  public var code: Code

  /// The name of the source that was to be compiled.
  public var source: String

  /// The compiler's messages, in its order.
  public var diagnostics: [Diagnostic]

  /// The compiler's messages as it gave them.
  public var text: String

  public init(code: Code, source: String, diagnostics: [Diagnostic] = [], text: String) {
    self.code = code
    self.source = source
    self.diagnostics = diagnostics
    self.text = text
  }

  public var description: String {
    let reason =
      switch code {
      case .include: "an #include of the shader \(source) cannot be resolved"
      case .unavailable: "the shader compiler is unavailable for \(source)"
      default: "the shader \(source) does not compile"
      }
    return text.isEmpty ? reason : "\(reason):\n\(text)"
  }
}
