import SwoopCore

// Making tensors. Without `on:` they go to `Device.default()`, and every function throws
// `deviceNotFound` if there is none. Shapes that no tensor can have throw `invalidShape`.

extension Tensor {
  /// A tensor of a number, or of nested arrays of numbers: `Tensor([[1, 2], [3, 4]])`.
  ///
  /// Numbers of Swift's types that a tensor can have keep theirs; `Int` gives int32, `Double`
  /// float32. `as:` decides otherwise, and converts as `cast(to:)` does.
  /// - Throws: `shapeMismatch` if arrays of one depth differ in length; `invalidArgument` for a
  ///   whole number that the integer type cannot hold.
  public init<A: TensorConvertible>(
    _ values: A, as elementType: ElementType? = nil, on device: Device? = nil
  ) throws(TensorError) {
    guard A.tensorRank <= Shape.maximumRank else {
      throw TensorError(
        .invalidShape,
        "arrays nested \(A.tensorRank) deep were given; a tensor has at most "
          + "\(Shape.maximumRank) dimensions")
    }
    let elementType = elementType ?? A.tensorElementType
    let backend = try device.orDefault().backend
    // A list of elements of their own type is taken as it is.
    func whole<E: TensorElement>(_: E.Type) throws(TensorError) -> Tensor? {
      guard let list = same(values, as: [E].self) else { return nil }
      return try Tensor(list, shape: [list.count], backend: backend)
    }
    let list: Tensor? =
      switch elementType {
      case .float32: try whole(Float.self)
      case .int32: try whole(Int32.self)
      case .uint8: try whole(UInt8.self)
      case .bool: try whole(Bool.self)
      case .float16: try whole(Float16.self)
      case .bfloat16: try whole(BFloat16.self)
      }
    if let list {
      self = list
      return
    }
    var literal = TensorLiteral(elementType, rank: A.tensorRank)
    try values.append(to: &literal)
    self = try literal.tensor(on: backend)
  }

  /// A tensor of these elements in row-major order.
  /// - Throws: `shapeMismatch` if the shape does not take so many.
  public init<E: TensorElement>(
    _ elements: some Collection<E>, shape: Shape, on device: Device? = nil
  ) throws(TensorError) {
    try self.init(Array(elements), shape: shape, backend: device.orDefault().backend)
  }

  /// A tensor of these elements in row-major order, which are not copied before the device takes
  /// them.
  /// - Throws: `shapeMismatch` if the shape does not take so many.
  public init<E: TensorElement>(
    _ elements: [E], shape: Shape, on device: Device? = nil
  ) throws(TensorError) {
    guard let device else {
      // Stays for the life of the process.
      try self.init(elements, shape: shape, in: Device.default().backend.lentSignatures)
      return
    }
    defer { withExtendedLifetime(device) {} }
    try self.init(elements, shape: shape, in: device.backend.lentSignatures)
  }

  /// A tensor of zeros.
  public static func zeros(
    _ shape: Shape, _ elementType: ElementType = .float32, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    try full(shape, 0, as: elementType, on: device)
  }

  /// A tensor of ones.
  public static func ones(
    _ shape: Shape, _ elementType: ElementType = .float32, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    try full(shape, 1, as: elementType, on: device)
  }

  /// A tensor of one value, repeated. A whole number gives int32, another float32; `as:`
  /// decides otherwise, and converts as `cast(to:)` does.
  /// - Throws: `invalidArgument` for a whole number that int32 cannot hold.
  public static func full<S: TensorScalar>(
    _ shape: Shape, _ value: S, as elementType: ElementType? = nil, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    try shape.check()
    let device = try device.orDefault()
    let (number, own) = value.tensorScalar
    switch elementType ?? own {
    case .float32: return try repeating(Float(number), shape, device)
    case .float16: return try repeating(Float16(nearest: number), shape, device)
    case .bfloat16: return try repeating(BFloat16(nearest: number), shape, device)
    case .int32: return try repeating(whole(value, Int32.self), shape, device)
    case .uint8: return try repeating(whole(value, UInt8.self), shape, device)
    case .bool: return try repeating(number != 0, shape, device)
    }
  }

  private static func whole<S: TensorScalar, E: TensorElement & FixedWidthInteger>(
    _ value: S, _: E.Type
  ) throws(TensorError) -> E {
    let (number, own) = value.tensorScalar
    if own == .int32, E(exactly: number) == nil {
      throw TensorError(
        .invalidArgument,
        "full was given \(wholeText(number)) for \(E.elementType) elements, which lie in "
          + "\(E.min) ... \(E.max); `as: .float32` takes it")
    }
    return E(nearest: number)
  }

  private static func repeating<E: TensorElement>(
    _ element: E, _ shape: Shape, _ device: Device
  ) throws(TensorError) -> Tensor {
    try Tensor(
      Array(repeating: element, count: shape.elementCount), shape: shape, backend: device.backend)
  }

  /// Random float32 numbers, equally likely anywhere in the range.
  ///
  /// The same seed gives the same bits on every device: they are made on the host by SplitMix64
  /// (Steele, Lea and Flood, 2014). Element i comes of the upper 24 bits of its i-th output, as
  /// lower + (upper - lower) · bits / 2²⁴ in double precision, rounded once. Not for secrets.
  /// - Throws: `invalidArgument` for a range that is not finite.
  public static func random(
    _ shape: Shape, in range: ClosedRange<Float> = 0...1, seed: UInt64, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    try shape.check()
    guard range.lowerBound.isFinite, range.upperBound.isFinite else {
      throw TensorError(.invalidArgument, "random was given \(range); it takes a finite range")
    }
    let device = try device.orDefault()
    let lower = Double(range.lowerBound)
    let step = (Double(range.upperBound) - lower) / Double(1 << 24)
    var generator = SplitMix(seed: seed)
    let elements = (0..<shape.elementCount).map { _ in
      Float(lower + step * Double(generator.next() >> 40))
    }
    return try Tensor(elements, shape: shape, backend: device.backend)
  }
}

extension Device? {
  func orDefault() throws(TensorError) -> Device {
    if let self { return self }
    return try Device.default()
  }
}
