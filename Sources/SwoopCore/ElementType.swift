/// The type of a tensor's elements.
public enum ElementType: String, Sendable, CaseIterable, Codable, CustomStringConvertible {
  case float32, int32

  /// Bytes an element occupies.
  public var byteCount: Int { 4 }

  public var isFloatingPoint: Bool { self == .float32 }

  public var description: String { rawValue }

  /// The type that holds the values of both: float32 as soon as one of them is.
  package static func promoted(_ a: ElementType, _ b: ElementType) -> ElementType {
    a == b ? a : .float32
  }
}

/// A Swift type that can be the element of a tensor: `Float` and `Int32`.
public protocol TensorElement: Sendable, BitwiseCopyable {
  static var elementType: ElementType { get }
}

extension Float: TensorElement { public static var elementType: ElementType { .float32 } }
extension Int32: TensorElement { public static var elementType: ElementType { .int32 } }

/// A Swift number that can stand beside a tensor in an expression: `x + 1`, `2 * x`.
///
/// The number takes the tensor's element type where it can hold the value; a fraction beside
/// an int32 tensor makes the result float32.
public protocol TensorScalar: Sendable {
  /// The value, and the element type it has where nothing else decides.
  var tensorScalar: (value: Double, elementType: ElementType) { get }
}

extension Int: TensorScalar {
  public var tensorScalar: (value: Double, elementType: ElementType) { (Double(self), .int32) }
}
extension Int32: TensorScalar {
  public var tensorScalar: (value: Double, elementType: ElementType) { (Double(self), .int32) }
}
extension Float: TensorScalar {
  public var tensorScalar: (value: Double, elementType: ElementType) { (Double(self), .float32) }
}
extension Double: TensorScalar {
  public var tensorScalar: (value: Double, elementType: ElementType) { (self, .float32) }
}
