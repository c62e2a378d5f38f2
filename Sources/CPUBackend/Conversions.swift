import SwoopCore

/// An element as kernels compute with it, and back.
private protocol StoredElement: TensorElement {
  var float: Float { get }
  var int32: Int32 { get }
  /// Rounded to nearest, ties to even.
  init(float: Float)
  /// The lower bits; of bool, whether there are any.
  init(int32: Int32)
}

extension Float: StoredElement {
  fileprivate var float: Float { self }
  fileprivate var int32: Int32 { 0 }
  fileprivate init(float: Float) { self = float }
  fileprivate init(int32: Int32) { self = Float(int32) }
}

extension Float16: StoredElement {
  fileprivate var float: Float { Float(self) }
  fileprivate var int32: Int32 { 0 }
  fileprivate init(float: Float) { self = Float16(float) }
  fileprivate init(int32: Int32) { self = Float16(int32) }
}

extension BFloat16: StoredElement {
  fileprivate var float: Float { Float(self) }
  fileprivate var int32: Int32 { 0 }
  fileprivate init(float: Float) { self = BFloat16(float) }
  fileprivate init(int32: Int32) { self = BFloat16(Float(int32)) }
}

extension Int32: StoredElement {
  fileprivate var float: Float { Float(self) }
  fileprivate var int32: Int32 { self }
  fileprivate init(float: Float) { self = Int32(nearest: Double(float)) }
  fileprivate init(int32: Int32) { self = int32 }
}

extension UInt8: StoredElement {
  fileprivate var float: Float { Float(self) }
  fileprivate var int32: Int32 { Int32(self) }
  fileprivate init(float: Float) { self = UInt8(nearest: Double(float)) }
  fileprivate init(int32: Int32) { self = UInt8(truncatingIfNeeded: int32) }
}

extension Bool: StoredElement {
  fileprivate var float: Float { self ? 1 : 0 }
  fileprivate var int32: Int32 { self ? 1 : 0 }
  fileprivate init(float: Float) { self = float != 0 }
  fileprivate init(int32: Int32) { self = int32 != 0 }
}

extension ElementType {
  fileprivate var stored: any StoredElement.Type {
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

extension Operand {
  /// The operand itself if it is of that type, a row-major converted copy if not.
  /// - Parameter type: float32 or int32.
  func converted(to type: ElementType) throws(TensorError) -> Operand {
    if elementType == type { return self }
    let copy = try HostStorage(byteCount: layout.shape.elementCount * type.byteCount)
    widen(elementType.stored, to: copy.start, isFloat: type == .float32)
    return Operand(copy, layout.shape, type)
  }

  private func widen<S: StoredElement>(
    _ stored: S.Type, to target: UnsafeMutableRawPointer, isFloat: Bool
  ) {
    if isFloat {
      mapRows(layout.shape, self, target.assumingMemoryBound(to: Float.self)) { (x: S) in x.float }
    } else {
      mapRows(layout.shape, self, target.assumingMemoryBound(to: Int32.self)) { (x: S) in x.int32 }
    }
  }
}

extension HostStorage {
  /// Fills itself with so many elements that were computed as float32 or int32.
  func narrow(_ wide: HostStorage, _ count: Int, as type: ElementType) {
    narrow(wide, count, type.stored, isFloat: type.isFloatingPoint)
  }

  private func narrow<S: StoredElement>(
    _ wide: HostStorage, _ count: Int, _ stored: S.Type, isFloat: Bool
  ) {
    let target = start.assumingMemoryBound(to: S.self)
    if isFloat {
      let source = wide.start.assumingMemoryBound(to: Float.self)
      for index in 0..<count { target[index] = S(float: source[index]) }
    } else {
      let source = wide.start.assumingMemoryBound(to: Int32.self)
      for index in 0..<count { target[index] = S(int32: source[index]) }
    }
  }
}

extension CPUBackend {
  /// Runs one operation: its kernel sees float32 and int32 alone, whatever the types are.
  static func execute(
    _ signature: Signature, _ operands: [Operand], into result: HostStorage
  ) throws(TensorError) {
    let kernel = try kernel(for: signature.operation)
    let types = signature.operation.computation.types(of: operands.map(\.elementType))
    var call = KernelCall(
      operands: [], attributes: signature.attributes, form: signature.result, result: result.start)
    for (operand, type) in zip(operands, types) {
      call.operands.append(try operand.converted(to: type))
    }
    let (type, count) = (call.form.elementType, call.form.shape.elementCount)
    if type == type.wide {
      try kernel(call)
    } else {
      let wide = try HostStorage(byteCount: count * 4)
      call.result = wide.start
      try kernel(call)
      result.narrow(wide, count, as: type)
    }
    withExtendedLifetime((operands, call)) {}
  }
}
