import SwoopCore

// Random numbers from keys, made on the device: the same bits on every device, by every path.
// All throw `invalidShape` for a shape that no tensor can have, and `deviceNotFound`.

extension Tensor {
  /// Random numbers, equally likely anywhere in the range, of 2²⁴ evenly spaced ones.
  /// - Parameters:
  ///   - shape: of the result.
  ///   - range: of finite width.
  ///   - elementType: a floating-point type; float32 numbers rounded to it may reach the upper
  ///     bound.
  ///   - key: what the numbers are made from.
  ///   - device: where the tensor is made; the default device without it.
  /// - Throws: `invalidArgument` for a range that is empty, or whose bounds or width are not
  ///   finite; `elementTypeMismatch`.
  public static func uniform(
    _ shape: Shape, in range: Range<Float> = 0..<1, as elementType: ElementType = .float32,
    key: RandomKey, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    let width = range.upperBound - range.lowerBound
    guard width.isFinite, width > 0 else {
      throw TensorError(
        .invalidArgument, "uniform was given \(range); it takes a range of finite width over 0")
    }
    let parameters = [range.lowerBound, width, range.upperBound.nextDown]
    return try random(.randomUniform, shape, elementType, key, parameters, device)
  }

  /// Random numbers from the normal distribution: the quantile of 32 random bits, by polynomials
  /// that are off by 2⁻²⁰ · deviation at most (Scripts/normal-table.py). None is further than 6.4
  /// deviations from the mean.
  /// - Parameters:
  ///   - shape: of the result.
  ///   - mean: of the distribution.
  ///   - deviation: of the distribution, 0 or more.
  ///   - elementType: a floating-point type.
  ///   - key: what the numbers are made from.
  ///   - device: where the tensor is made; the default device without it.
  /// - Throws: `invalidArgument` for a mean or deviation that is not finite, or a negative
  ///   deviation; `elementTypeMismatch`.
  public static func normal(
    _ shape: Shape, mean: Float = 0, deviation: Float = 1, as elementType: ElementType = .float32,
    key: RandomKey, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    guard mean.isFinite, deviation.isFinite, deviation >= 0 else {
      throw TensorError(
        .invalidArgument,
        "normal was given mean \(mean) and deviation \(deviation); it takes finite ones, and no "
          + "negative deviation")
    }
    return try random(.randomNormal, shape, elementType, key, [mean, deviation], device)
  }

  /// Random bool elements, true with this probability: whether 24 random bits are below it.
  /// - Throws: `invalidArgument` for a probability outside of 0 ... 1.
  public static func bernoulli(
    _ shape: Shape, probability: Float = 0.5, key: RandomKey, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    guard probability >= 0, probability <= 1 else {
      throw TensorError(
        .invalidArgument, "bernoulli was given probability \(probability); it takes 0 ... 1")
    }
    return try random(.randomBernoulli, shape, nil, key, [probability], device)
  }

  /// Random int32 elements, equally likely anywhere in the range but for 1 in 2³².
  /// - Throws: `invalidArgument` for a range that is empty or does not lie in int32.
  public static func integers(
    _ shape: Shape, in range: Range<Int>, key: RandomKey, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    guard !range.isEmpty, range.lowerBound >= Int(Int32.min),
      range.upperBound - 1 <= Int(Int32.max)
    else {
      throw TensorError(
        .invalidArgument,
        "integers was given \(range); it takes a range with elements, all of them int32")
    }
    let parameters = [
      Int32(range.lowerBound), Int32(truncatingIfNeeded: range.upperBound - range.lowerBound),
    ]
    return try random(.randomIntegers, shape, nil, key, parameters, device)
  }

  /// Random bits, as int32 elements.
  public static func randomBits(
    _ shape: Shape, key: RandomKey, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    try random(.randomBits, shape, nil, key, [] as [Int32], device)
  }

  /// The numbers 0 ..< count as int32 in random order, every order equally likely but for 1 in 2³²
  /// at each place. Shuffled on the host (Durstenfeld, 1964), since each step hangs on the last.
  /// - Throws: `invalidShape` for a negative number.
  public static func permutation(
    _ count: Int, key: RandomKey, on device: Device? = nil
  ) throws(TensorError) -> Tensor {
    let shape = try Shape([count])
    var order = (0..<Int32(count)).map { $0 }
    var bits = SIMD4<UInt32>()
    for left in stride(from: count, to: 1, by: -1) {
      let turn = (count - left) % 2
      if turn == 0 {
        bits = key.block(UInt32(truncatingIfNeeded: (count - left) / 2), RandomKey.orders)
      }
      let other = RandomKey.number(below: UInt64(left), bits[2 * turn], bits[2 * turn + 1])
      order.swapAt(left - 1, Int(other))
    }
    return try Tensor(order, shape: shape, backend: device.orDefault().backend)
  }

  private static func random<E: TensorElement>(
    _ operation: TensorOperation, _ shape: Shape, _ type: ElementType?, _ key: RandomKey,
    _ parameters: [E], _ device: Device?
  ) throws(TensorError) -> Tensor {
    try shape.check()
    if let type, !type.isFloatingPoint {
      throw TensorError(
        .elementTypeMismatch, "\(operation.name) was given \(type); it takes a floating-point type")
    }
    let backend = try device.orDefault().backend
    let words = (0..<4).map { Int32(bitPattern: key.words[$0]) }
    var operands = [try Tensor(words, shape: [4], backend: backend)]
    if !parameters.isEmpty {
      operands.append(
        try Tensor(parameters, shape: Shape([parameters.count]), backend: backend))
    }
    if operation == .randomNormal { operands.append(try table(backend)) }
    var attributes = Attributes()
    attributes.resultShape = shape
    let result = try make(operation, operands, attributes)
    return try type.map { type throws(TensorError) in try result.cast(to: type) } ?? result
  }

  // A device's table is uploaded once.
  private static let tables = Lock<[ObjectIdentifier: Tensor]>([:])

  private static func table(_ backend: any Backend) throws(TensorError) -> Tensor {
    if let table = tables.withLock({ $0[ObjectIdentifier(backend)] }) { return table }
    let list = NormalTable.coefficients
    let made = try Tensor(list, shape: Shape([list.count]), backend: backend)
    return tables.withLock { tables in
      if let table = tables[ObjectIdentifier(backend)] { return table }
      tables[ObjectIdentifier(backend)] = made
      return made
    }
  }
}
