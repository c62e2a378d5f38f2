import SwoopCore

// Tensors of a rule: one value, evenly spaced numbers, the identity; and of bytes.

extension Tensor {
  /// A tensor of one value, repeated; as `full`.
  public init<S: TensorScalar>(
    repeating value: S, shape: Shape, as elementType: ElementType? = nil, on device: Device? = nil
  ) throws(TensorError) {
    self = try .full(shape, value, as: elementType, on: device)
  }

  /// A tensor of zeros, with the shape, element type and device of another where nothing else is
  /// asked for.
  public static func zeros(
    like other: Tensor, _ elementType: ElementType? = nil
  ) throws(TensorError) -> Tensor {
    try zeros(other.shape, elementType ?? other.elementType, on: other.device)
  }

  /// A tensor of ones, likewise.
  public static func ones(
    like other: Tensor, _ elementType: ElementType? = nil
  ) throws(TensorError) -> Tensor {
    try ones(other.shape, elementType ?? other.elementType, on: other.device)
  }

  /// A tensor of one value, likewise; the value is converted as `cast(to:)` does.
  /// - Throws: `invalidArgument` for a whole number that the integer type cannot hold.
  public static func full<S: TensorScalar>(
    like other: Tensor, _ value: S, as elementType: ElementType? = nil
  ) throws(TensorError) -> Tensor {
    try full(other.shape, value, as: elementType ?? other.elementType, on: other.device)
  }

  /// The whole numbers of a range, as int32: `Tensor.arange(0..<5)`.
  /// - Throws: `invalidArgument` for numbers that int32 cannot hold, `invalidShape` for too many.
  public static func arange(
    _ range: Range<Int>, as elementType: ElementType = .int32, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    try arange(from: range.lowerBound, to: range.upperBound, as: elementType, on: device)
  }

  /// The numbers from the first up to but without the last, evenly spaced; downwards for a
  /// negative step. Number i is first + i · step in double precision, rounded once. Whole numbers
  /// give int32, others float32; `as:` decides otherwise.
  /// - Throws: `invalidArgument` for a step of 0, for numbers that are not finite, or that the
  ///   integer type cannot hold; `invalidShape` for more than a tensor can have.
  public static func arange<S: TensorScalar>(
    from first: S, to last: S, by step: S? = nil, as elementType: ElementType? = nil,
    on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    let (start, own) = first.tensorScalar
    let end = last.tensorScalar.value
    let step = step?.tensorScalar.value ?? 1
    let count = ((end - start) / step).rounded(.up)
    guard step != 0, start.isFinite, end.isFinite, step.isFinite, count.isFinite else {
      throw TensorError(
        .invalidArgument,
        "arange was given \(start), \(end) and a step of \(step); it takes finite numbers, and a "
          + "step that is not 0")
    }
    // Too large for an Int is too large for a shape.
    let shape = try Shape([count > 0x1p62 ? .max : Swift.max(Int(Swift.max(count, 0)), 0)])
    return try sequence(
      shape, elementType ?? (own == .bool ? .int32 : own), device, "arange"
    ) { start + Double($0) * step }
  }

  /// So many numbers from the first to the last, both among them, evenly spaced; of one, the
  /// first. Each is worked out in double precision and rounded once.
  /// - Throws: `invalidArgument` for bounds that are not finite; `invalidShape` for a negative
  ///   number of numbers.
  public static func linspace(
    _ first: Double, _ last: Double, count: Int, as elementType: ElementType = .float32,
    on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    guard first.isFinite, last.isFinite else {
      throw TensorError(
        .invalidArgument, "linspace was given \(first) and \(last); it takes finite bounds")
    }
    let shape = try Shape([count])
    return try sequence(shape, elementType, device, "linspace") { index in
      if index == 0 { return first }
      if index == count - 1 { return last }
      let part = Double(index) / Double(count - 1)
      // Halves do not overflow where the difference would.
      return first * (1 - part) + last * part
    }
  }

  /// A matrix of zeros with ones from upper left to lower right.
  /// - Parameters:
  ///   - rows: the size of the first axis.
  ///   - columns: as many as rows where nothing else is asked for.
  ///   - diagonal: 0 for the main one, positive numbers for those above it, negative for those
  ///     below.
  ///   - elementType: of the result.
  ///   - device: where the tensor is made; the default device without it.
  /// - Throws: `invalidShape`.
  public static func eye(
    _ rows: Int, _ columns: Int? = nil, diagonal: Int = 0, as elementType: ElementType = .float32,
    on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    let shape = try Shape([rows, columns ?? rows])
    let width = shape[1]
    return try sequence(shape, elementType, device, "eye") { index in
      let (row, column) = (index / width, index % width)
      let (place, overflow) = column.subtractingReportingOverflow(diagonal)
      return !overflow && row == place ? 1 : 0
    }
  }

  /// A tensor of elements as they lie in memory, row-major, in the machine's byte order. They are
  /// copied. A bool is true unless its byte is 0.
  /// - Throws: `shapeMismatch` if the bytes are not those of so many elements; `invalidShape`.
  public init(
    bytes: UnsafeRawBufferPointer, shape: Shape, _ elementType: ElementType,
    on device: Device? = nil
  ) throws(TensorError) {
    try shape.check()
    let backend = try device.orDefault().backend
    guard bytes.count == shape.elementCount * elementType.byteCount else {
      throw TensorError(
        .shapeMismatch,
        "\(bytes.count) bytes were given for shape \(shape) of \(elementType), which takes "
          + "\(shape.elementCount * elementType.byteCount)")
    }
    func elements<E: TensorElement>(_: E.Type) throws(TensorError) -> Tensor {
      let list = (0..<shape.elementCount).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<E>.stride, as: E.self)
      }
      return try Tensor(list, shape: shape, backend: backend)
    }
    if elementType == .bool {
      // Any other byte than 0 and 1 is no Bool of Swift's.
      self = try Tensor(bytes.map { $0 != 0 }, shape: shape, backend: backend)
    } else {
      self = try elements(elementType.swiftType)
    }
  }

  private static func sequence(
    _ shape: Shape, _ elementType: ElementType, _ device: Device?, _ name: String,
    _ value: (Int) -> Double
  ) throws(TensorError) -> Tensor {
    let backend = try device.orDefault().backend
    let count = shape.elementCount
    func elements<E: TensorElement>(_: E.Type) throws(TensorError) -> Tensor {
      try Tensor((0..<count).map { E(nearest: value($0)) }, shape: shape, backend: backend)
    }
    if elementType.isInteger, count > 0 {
      // Monotone, so the ends are the extremes.
      let limits = elementType == .uint8 ? 0.0...255 : Double(Int32.min)...Double(Int32.max)
      for end in [value(0), value(count - 1)] where !limits.contains(end.rounded(.towardZero)) {
        throw TensorError(
          .invalidArgument,
          "\(name) was given numbers up to \(end) for \(elementType) elements; `as: .float32` "
            + "takes them")
      }
    }
    return try elements(elementType.swiftType)
  }
}
