import SwoopCore

/// What a tensor can be made of: numbers, and arrays of such, to any depth.
public protocol TensorConvertible {
  /// The element type of the numbers inside where nothing else is asked for: int32 for whole
  /// numbers, float32 for the others.
  static var tensorElementType: ElementType { get }

  /// The depth of the nesting; 0 for a number.
  static var tensorRank: Int { get }

  /// Appends the numbers inside, in order.
  /// - Throws: `shapeMismatch` if arrays of one depth differ in length, `invalidArgument` for a
  ///   whole number that int32 cannot hold.
  func append(to literal: inout TensorLiteral) throws(TensorError)
}

/// Numbers being gathered into the elements of a tensor.
public struct TensorLiteral {
  /// The element type they are gathered as.
  public let elementType: ElementType
  // Of one element type, one of the two fills.
  private(set) var floats: [Float] = []
  private(set) var integers: [Int32] = []
  /// The length seen at each depth.
  private var sizes: [Int?]
  private var depth = 0

  init(_ elementType: ElementType, rank: Int) {
    self.elementType = elementType
    sizes = Array(repeating: nil, count: rank)
  }

  /// Arrays inside an empty one have no length; it counts as 0.
  var shape: Shape { Shape(unchecked: sizes.map { $0 ?? 0 }) }

  /// Appends a fraction; as int32 it is cut as `Tensor.cast(to:)` cuts.
  public mutating func append(_ value: Double) {
    switch elementType {
    case .float32: floats.append(Float(value))
    case .int32: integers.append(Int32(saturating: value))
    }
  }

  /// Appends a whole number.
  /// - Throws: `invalidArgument` if the elements are int32 and it is outside of their range.
  public mutating func append(_ value: Int) throws(TensorError) {
    switch elementType {
    case .float32: floats.append(Float(value))
    case .int32:
      guard let exact = Int32(exactly: value) else {
        throw TensorError(
          .invalidArgument,
          "\(value) was given for an int32 tensor, whose elements lie in "
            + "\(Int32.min) ... \(Int32.max); `as: .float32` takes it")
      }
      integers.append(exact)
    }
  }

  /// Appends a list of elements of their own type at once; false if they need converting.
  mutating func append<E>(whole array: [E]) -> Bool {
    switch elementType {
    case .float32:
      guard let list = array as? [Float] else { return false }
      floats += list
    case .int32:
      guard let list = array as? [Int32] else { return false }
      integers += list
    }
    return true
  }

  /// Enters an array of so many elements.
  mutating func enter(_ count: Int) throws(TensorError) {
    guard depth < sizes.count else {
      throw TensorError(
        .shapeMismatch, "arrays were given inside a value that says it is \(sizes.count) deep")
    }
    if let size = sizes[depth], size != count {
      throw TensorError(
        .shapeMismatch,
        "nested arrays of \(size) and of \(count) elements were given at depth \(depth); arrays "
          + "of one depth have one length")
    }
    sizes[depth] = count
    depth += 1
  }

  mutating func leave() { depth -= 1 }
}

extension Int32 {
  /// Rounded towards zero; what is too large becomes the nearest limit, NaN becomes 0.
  init(saturating value: Double) {
    if value.isNaN {
      self = 0
    } else {
      self = Int32(Swift.min(Swift.max(value, Double(Int32.min)), Double(Int32.max)))
    }
  }
}

extension TensorConvertible where Self: TensorScalar {
  public static var tensorRank: Int { 0 }
}

extension Int: TensorConvertible {
  public static var tensorElementType: ElementType { .int32 }
  public func append(to literal: inout TensorLiteral) throws(TensorError) {
    try literal.append(self)
  }
}

extension Int32: TensorConvertible {
  public static var tensorElementType: ElementType { .int32 }
  public func append(to literal: inout TensorLiteral) throws(TensorError) {
    try literal.append(Int(self))
  }
}

extension Float: TensorConvertible {
  public static var tensorElementType: ElementType { .float32 }
  public func append(to literal: inout TensorLiteral) { literal.append(Double(self)) }
}

extension Double: TensorConvertible {
  public static var tensorElementType: ElementType { .float32 }
  public func append(to literal: inout TensorLiteral) { literal.append(self) }
}

extension Array: TensorConvertible where Element: TensorConvertible {
  public static var tensorElementType: ElementType { Element.tensorElementType }
  public static var tensorRank: Int { Element.tensorRank + 1 }
  public func append(to literal: inout TensorLiteral) throws(TensorError) {
    try literal.enter(count)
    if !literal.append(whole: self) {
      for element in self { try element.append(to: &literal) }
    }
    literal.leave()
  }
}
