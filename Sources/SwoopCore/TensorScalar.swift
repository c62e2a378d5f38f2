/// A Swift number that can stand beside a tensor in an expression: `x + 1`, `2 * x`.
///
/// The number takes the tensor's element type where it can hold the kind of value: a fraction
/// beside an integer tensor makes the result float32, a whole number beside a bool tensor int32.
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
extension Bool: TensorScalar {
  public var tensorScalar: (value: Double, elementType: ElementType) { (self ? 1 : 0, .bool) }
}

extension TensorScalar {
  /// The element type the number takes beside a tensor.
  package func elementType(beside type: ElementType) -> ElementType {
    switch tensorScalar.elementType {
    case .bool: type
    case .int32: type == .bool ? .int32 : type
    default: type.floating
    }
  }
}

extension Tensor {
  /// A number as a tensor of no dimensions.
  /// - Throws: `invalidArgument` for a whole number that an integer type cannot hold.
  package init<S: TensorScalar>(
    scalar: S, as type: ElementType, for operation: String, backend: any Backend
  ) throws(TensorError) {
    let (value, own) = scalar.tensorScalar
    func element<E: TensorElement>(_: E.Type) throws(TensorError) -> Tensor {
      try Tensor([E(nearest: value)], shape: [], backend: backend)
    }
    func whole<E: TensorElement & FixedWidthInteger>(_: E.Type) throws(TensorError) -> Tensor {
      guard own == .float32 || E(exactly: value) != nil else {
        throw TensorError(
          .invalidArgument,
          "\(operation) was given \(wholeText(value)) for \(type) elements, which lie in "
            + "\(E.min) ... \(E.max)")
      }
      return try element(E.self)
    }
    switch type {
    case .float32: self = try element(Float.self)
    case .float16: self = try element(Float16.self)
    case .bfloat16: self = try element(BFloat16.self)
    case .int32: self = try whole(Int32.self)
    case .uint8: self = try whole(UInt8.self)
    case .bool: self = try element(Bool.self)
    }
  }
}

/// A whole number as it was written, not as a fraction.
package func wholeText(_ value: Double) -> String {
  Int(exactly: value).map { "\($0)" } ?? "\(value)"
}
