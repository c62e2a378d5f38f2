/// A Swift type that can be the element of a tensor: `Float`, `Float16`, `BFloat16`, `Int32`,
/// `UInt8` and `Bool`.
public protocol TensorElement: Sendable, BitwiseCopyable {
  /// What tensors call the type.
  static var elementType: ElementType { get }
  /// The element nearest to a value, as `Tensor.cast(to:)` converts it.
  init(nearest value: Double)
}

extension ElementType {
  /// The Swift type of the elements.
  public var swiftType: any TensorElement.Type {
    switch self {
    case .float32: Float.self
    case .float16: Float16.self
    case .bfloat16: BFloat16.self
    case .int32: Int32.self
    case .uint8: UInt8.self
    case .bool: Bool.self
    }
  }
}

extension Float: TensorElement {
  public static var elementType: ElementType { .float32 }
  public init(nearest value: Double) { self = Float(value) }
}

extension Float16: TensorElement {
  public static var elementType: ElementType { .float16 }
  public init(nearest value: Double) { self = Float16(value) }
}

extension Int32: TensorElement {
  public static var elementType: ElementType { .int32 }
  /// Rounded towards zero; what is too large becomes the nearest limit, NaN becomes 0.
  public init(nearest value: Double) {
    if value.isNaN {
      self = 0
    } else {
      self = Int32(Swift.min(Swift.max(value, Double(Int32.min)), Double(Int32.max)))
    }
  }
}

extension UInt8: TensorElement {
  public static var elementType: ElementType { .uint8 }
  /// Rounded towards zero; what is too large becomes the nearest limit, NaN becomes 0.
  public init(nearest value: Double) {
    self = value.isNaN ? 0 : UInt8(Swift.min(Swift.max(value, 0), 255))
  }
}

extension Bool: TensorElement {
  public static var elementType: ElementType { .bool }
  /// Whether the value is not 0.
  public init(nearest value: Double) { self = value != 0 }
}

/// A number of 8 bits of exponent and 7 of fraction: the upper half of a `Float`.
public struct BFloat16: TensorElement, Hashable, CustomStringConvertible {
  public static var elementType: ElementType { .bfloat16 }

  /// Sign, exponent and fraction.
  public var bitPattern: UInt16

  /// The number of these bits.
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// The nearest number, ties to even; every NaN becomes a quiet one.
  public init(_ value: Float) {
    let bits = value.bitPattern
    if value.isNaN {
      bitPattern = UInt16(truncatingIfNeeded: bits >> 16 & 0x8000) | 0x7FC0
    } else {
      bitPattern = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }
  }

  public init(nearest value: Double) { self.init(value.roundedToOdd) }

  public var description: String { "\(Float(self))" }
}

extension Float {
  /// Exact.
  public init(_ value: BFloat16) { self.init(bitPattern: UInt32(value.bitPattern) << 16) }
}

extension Double {
  // Rounding to float32 on the way to fewer bits must not round twice: the last bit says
  // whether anything was lost (Boldo and Melquiond, "Emulation of FMA and correctly rounded
  // sums: proved algorithms using rounding to odd", 2008).
  fileprivate var roundedToOdd: Float {
    let near = Float(self)
    guard near.isFinite, Double(near) != self else { return near }
    let below = Double(near).magnitude > magnitude ? (self > 0 ? near.nextDown : near.nextUp) : near
    return Float(bitPattern: below.bitPattern | 1)
  }
}
