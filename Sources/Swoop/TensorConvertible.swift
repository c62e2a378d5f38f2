import SwoopCore

/// What a tensor can be made of: numbers, and arrays of such, to any depth.
public protocol TensorConvertible {
  /// The element type of the numbers inside where nothing else is asked for: their own if there is
  /// one, else int32 for whole numbers and float32 for the others.
  static var tensorElementType: ElementType { get }

  /// The depth of the nesting; 0 for a number.
  static var tensorRank: Int { get }

  /// Appends the numbers inside, in order.
  /// - Throws: `shapeMismatch` if arrays of one depth differ in length, `invalidArgument` for a
  ///   whole number that the integer type cannot hold.
  func append(to literal: inout TensorLiteral) throws(TensorError)
}

/// Numbers being gathered into the elements of a tensor.
public struct TensorLiteral {
  /// The element type they are gathered as.
  public let elementType: ElementType
  // Of one element type, one of the three fills; float32 and int32 need no converting.
  private var floats: [Float] = []
  private var integers: [Int32] = []
  private var others: [Double] = []
  /// The length seen at each depth.
  private var sizes: [Int?]
  private var depth = 0

  init(_ elementType: ElementType, rank: Int) {
    self.elementType = elementType
    sizes = Array(repeating: nil, count: rank)
  }

  /// Arrays inside an empty one have no length; it counts as 0.
  private var shape: Shape { Shape(unchecked: sizes.map { $0 ?? 0 }) }

  func tensor(on backend: any Backend) throws(TensorError) -> Tensor {
    @inline(__always) func converted<E: TensorElement>(_: E.Type) throws(TensorError) -> Tensor {
      try Tensor(others.map { E(nearest: $0) }, shape: shape, backend: backend)
    }
    switch elementType {
    case .float32: return try Tensor(floats, shape: shape, backend: backend)
    case .int32: return try Tensor(integers, shape: shape, backend: backend)
    case .float16: return try converted(Float16.self)
    case .bfloat16: return try converted(BFloat16.self)
    case .uint8: return try converted(UInt8.self)
    case .bool: return try converted(Bool.self)
    }
  }

  /// Appends a fraction; as an integer it is cut as `Tensor.cast(to:)` cuts.
  public mutating func append(_ value: Double) {
    switch elementType {
    case .float32: floats.append(Float(value))
    case .int32: integers.append(Int32(nearest: value))
    default: others.append(value)
    }
  }

  /// Appends a whole number.
  /// - Throws: `invalidArgument` if the elements are integers and it is outside of their range.
  public mutating func append(_ value: Int) throws(TensorError) {
    switch elementType {
    case .float32: floats.append(Float(value))
    case .int32: integers.append(try exact(value))
    case .uint8: others.append(Double(try exact(value) as UInt8))
    default: append(Double(value))
    }
  }

  private func exact<I: FixedWidthInteger>(_ value: Int) throws(TensorError) -> I {
    guard let exact = I(exactly: value) else {
      throw TensorError(
        .invalidArgument,
        "\(value) was given for \(elementType) elements, which lie in \(I.min) ... \(I.max); "
          + "`as: .float32` takes it")
    }
    return exact
  }

  /// Appends numbers of a type that is known here; false for any other. One by one they would take
  /// twenty times as long: through generic code, which looks their type up for each.
  fileprivate mutating func append<E>(whole array: [E]) throws(TensorError) -> Bool {
    func list<T>(_: T.Type) -> [T]? { same(array, as: [T].self) }
    if let list = list(Float.self) {
      if elementType == .float32 { floats += list } else { append(fractions: list) { Double($0) } }
    } else if let list = list(Int32.self) {
      if elementType == .int32 { integers += list } else { try append(integers: list) }
    } else if let list = list(Double.self) {
      append(fractions: list) { $0 }
    } else if let list = list(Int.self) {
      try append(integers: list)
    } else if let list = list(UInt8.self) {
      try append(integers: list)
    } else if let list = list(Bool.self) {
      append(fractions: list) { $0 ? 1 : 0 }
    } else if let list = list(Float16.self) {
      append(fractions: list) { Double($0) }
    } else if let list = list(BFloat16.self) {
      append(fractions: list) { Double(Float($0)) }
    } else {
      return false
    }
    return true
  }

  @inline(__always)
  private mutating func append<T>(fractions list: [T], _ value: (T) -> Double) {
    switch elementType {
    case .float32: floats += list.map { Float(value($0)) }
    case .int32: integers += list.map { Int32(nearest: value($0)) }
    default: others += list.map(value)
    }
  }

  @inline(__always)
  private mutating func append<T: FixedWidthInteger>(integers list: [T]) throws(TensorError) {
    switch elementType {
    case .float32: floats += list.map { Float($0) }
    case .int32: for value in list { integers.append(try exact(Int(value))) }
    case .uint8: for value in list { others.append(Double(try exact(Int(value)) as UInt8)) }
    default: append(fractions: list) { Double($0) }
    }
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

/// The value, if it is of that very type. A cast from one list to another, where both types are
/// known to be lists, would look at every element.
func same<A, B>(_ value: A, as type: B.Type) -> B? {
  A.self == type ? value as? B : nil
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

extension Float16: TensorConvertible {
  public static var tensorElementType: ElementType { .float16 }
  public static var tensorRank: Int { 0 }
  public func append(to literal: inout TensorLiteral) { literal.append(Double(self)) }
}

extension BFloat16: TensorConvertible {
  public static var tensorElementType: ElementType { .bfloat16 }
  public static var tensorRank: Int { 0 }
  public func append(to literal: inout TensorLiteral) { literal.append(Double(Float(self))) }
}

extension UInt8: TensorConvertible {
  public static var tensorElementType: ElementType { .uint8 }
  public static var tensorRank: Int { 0 }
  public func append(to literal: inout TensorLiteral) throws(TensorError) {
    try literal.append(Int(self))
  }
}

extension Bool: TensorConvertible {
  public static var tensorElementType: ElementType { .bool }
  public func append(to literal: inout TensorLiteral) { literal.append(self ? 1.0 : 0.0) }
}

extension Array: TensorConvertible where Element: TensorConvertible {
  public static var tensorElementType: ElementType { Element.tensorElementType }
  public static var tensorRank: Int { Element.tensorRank + 1 }
  public func append(to literal: inout TensorLiteral) throws(TensorError) {
    try literal.enter(count)
    if try !literal.append(whole: self) {
      for element in self { try element.append(to: &literal) }
    }
    literal.leave()
  }
}
