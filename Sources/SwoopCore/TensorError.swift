/// What went wrong, as one struct with a code: a new code breaks nobody's `switch`.
///
/// The message names the operation, the shapes and what would have been accepted.
public struct TensorError: Error, Hashable, CustomStringConvertible {
  /// The kind of an error.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    package init(_ description: String) { self.description = description }

    /// The operands' shapes do not fit each other, or not the operation.
    public static let shapeMismatch = Code("shapeMismatch")
    /// A shape that no tensor can have: negative, too many dimensions, or too large.
    public static let invalidShape = Code("invalidShape")
    /// An axis that the tensor does not have, or one named twice.
    public static let invalidAxis = Code("invalidAxis")
    /// An index of an element or a bound of a slice that the axis does not have.
    public static let invalidIndex = Code("invalidIndex")
    /// An element type that the operation or the reader does not take.
    public static let elementTypeMismatch = Code("elementTypeMismatch")
    /// Operands that live on different devices.
    public static let deviceMismatch = Code("deviceMismatch")
    /// A reduction without an identity over no elements.
    public static let emptyReduction = Code("emptyReduction")
    /// An argument outside of what the function takes.
    public static let invalidArgument = Code("invalidArgument")
    /// An index that the tensor does not have, found by the device: whoever reads the result, or
    /// what was computed from it, gets this error for the first such index.
    public static let indexOutOfRange = Code("indexOutOfRange")
    /// A value was asked for where it cannot exist yet.
    public static let notAvailable = Code("notAvailable")
    /// A gradient was asked for through something that has no derivative.
    public static let notDifferentiable = Code("notDifferentiable")
    /// No device of that name, or none at all.
    public static let deviceNotFound = Code("deviceNotFound")
    /// The device cannot do this.
    public static let unsupported = Code("unsupported")
    /// A kernel that does not compile; the message is the compiler's.
    public static let kernelCompilation = Code("kernelCompilation")
    /// The device or the host has no memory left for this.
    public static let outOfMemory = Code("outOfMemory")
    /// A coalescer's queue has no room, and the caller did not want to wait.
    public static let queueFull = Code("queueFull")
    /// A coalescer that has been shut down.
    public static let shutDown = Code("shutDown")
    /// The device was lost; it stays lost for the life of the process.
    public static let deviceLost = Code("deviceLost")
    /// The device failed in another way; the message names the Vulkan result.
    public static let deviceFailure = Code("deviceFailure")
    /// Checked mode found memory written, or left unwritten, against the rules.
    public static let memoryViolation = Code("memoryViolation")
  }

  /// What kind of error it is; compare it with the constants of `Code`.
  public let code: Code
  /// What is wrong, and what would have been accepted; one line.
  public let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(code): \(message)" }
}

extension TensorError {
  package static func shapeMismatch(
    _ operation: String, _ shapes: [Shape], accepted: String
  ) -> TensorError {
    let list = shapes.map(\.description).joined(separator: " and ")
    return TensorError(.shapeMismatch, "\(operation) was given \(list); it takes \(accepted)")
  }
}
