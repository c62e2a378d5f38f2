/// The element types that are read and written; named like Swoop's own.
public enum ElementKind: String, Sendable, CaseIterable, CustomStringConvertible {
  /// IEEE 754 binary32.
  case float32
  /// IEEE 754 binary16.
  case float16
  /// The upper half of a float32.
  case bfloat16
  /// A signed number of 32 bits.
  case int32
  /// A number of 8 bits.
  case uint8
  /// One byte, 0 or 1.
  case bool

  /// Bytes an element occupies.
  public var byteCount: Int { StoredType(self).byteCount }

  public var description: String { rawValue }

  static let list = allCases.map(\.rawValue).joined(separator: ", ")
}

/// The element types that a file may have: those of `ElementKind`, and numbers of other widths,
/// which are converted for whoever asks for that.
public enum StoredType: String, Sendable, CaseIterable, CustomStringConvertible {
  /// IEEE 754 binary32.
  case float32
  /// IEEE 754 binary16.
  case float16
  /// The upper half of a float32.
  case bfloat16
  /// A signed number of 32 bits.
  case int32
  /// A number of 8 bits.
  case uint8
  /// One byte, 0 or 1.
  case bool
  /// IEEE 754 binary64.
  case float64
  /// A signed number of 64 bits.
  case int64
  /// A number of 64 bits.
  case uint64
  /// A number of 32 bits.
  case uint32
  /// A signed number of 16 bits.
  case int16
  /// A number of 16 bits.
  case uint16
  /// A signed number of 8 bits.
  case int8

  init(_ kind: ElementKind) {
    self =
      switch kind {
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .int32: .int32
      case .uint8: .uint8
      case .bool: .bool
      }
  }

  /// Bytes an element occupies.
  public var byteCount: Int {
    switch self {
    case .uint8, .bool, .int8: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// The same type, if it is one that is read as it is.
  public var kind: ElementKind? { ElementKind(rawValue: rawValue) }

  /// What it is converted to on request: float32 or int32.
  var converted: ElementKind { kind ?? (self == .float64 ? .float32 : .int32) }

  public var description: String { rawValue }

  /// The bytes of a tensor of this type; nil for a shape that is negative or cannot be counted,
  /// even if one of its sizes is 0.
  func byteCount(_ shape: [Int]) -> Int? {
    var count = byteCount
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(size, 1))
      if overflow || size < 0 { return nil }
      count = product
    }
    return shape.contains(0) ? 0 : count
  }

  func unsupported(in name: String?) -> TensorFileError {
    let subject = name.map { "\(shown($0)) holds" } ?? "the file holds"
    return TensorFileError(
      .unsupportedElementType,
      "\(subject) \(self); read are \(ElementKind.list), and \(self) as \(converted) if conversion "
        + "is asked for")
  }
}
