/// The type of a tensor's elements.
///
/// All arithmetic is done in 32 bits: float16 and bfloat16 are computed in float32 and rounded
/// once, to nearest with ties to even, when a result is stored; uint8 and bool in int32.
public enum ElementType: String, Sendable, CaseIterable, Codable, CustomStringConvertible {
  /// IEEE 754 binary32.
  case float32
  /// IEEE 754 binary16.
  case float16
  /// The upper half of a float32: 8 bits of exponent, 7 of fraction.
  case bfloat16
  /// A whole number of 32 bits; arithmetic wraps around.
  case int32
  /// A whole number of 0 ... 255.
  case uint8
  /// One byte, 0 or 1.
  case bool

  /// Bytes an element occupies.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8, .bool: 1
    }
  }

  /// float32, float16 and bfloat16.
  public var isFloatingPoint: Bool {
    switch self {
    case .float32, .float16, .bfloat16: true
    case .int32, .uint8, .bool: false
    }
  }

  /// int32 and uint8; bool counts as no number.
  public var isInteger: Bool { self == .int32 || self == .uint8 }

  public var description: String { rawValue }

  /// The type that kernels compute in: float32 or int32.
  package var wide: ElementType { isFloatingPoint ? .float32 : .int32 }

  /// The type of the result where operands of these types meet. NumPy's rule: the smallest type
  /// that holds the values of both. float64, which NumPy gives for int32 beside a floating-point
  /// type, does not exist here; float32 stands for it. uint8 and bool fit into every
  /// floating-point type; float16 and bfloat16 meet in float32.
  ///
  /// |          | float32 | float16 | bfloat16 | int32   | uint8    | bool     |
  /// |----------|---------|---------|----------|---------|----------|----------|
  /// | float32  | float32 | float32 | float32  | float32 | float32  | float32  |
  /// | float16  | float32 | float16 | float32  | float32 | float16  | float16  |
  /// | bfloat16 | float32 | float32 | bfloat16 | float32 | bfloat16 | bfloat16 |
  /// | int32    | float32 | float32 | float32  | int32   | int32    | int32    |
  /// | uint8    | float32 | float16 | bfloat16 | int32   | uint8    | uint8    |
  /// | bool     | float32 | float16 | bfloat16 | int32   | uint8    | bool     |
  public static func promoted(_ a: ElementType, _ b: ElementType) -> ElementType {
    if a == b { return a }
    switch (a, b) {
    case (.bool, let other), (let other, .bool): return other
    case (.uint8, let other), (let other, .uint8): return other
    default: return .float32
    }
  }

  /// The floating-point type that functions such as `exp` give for operands of this type.
  package var floating: ElementType { isFloatingPoint ? self : .float32 }
}
