import SwoopCore

extension Tensor {
  /// Each element 0 with probability `rate`, and otherwise 1 / (1 - rate) times as large, so that
  /// its expected value stays (Srivastava et al., "Dropout", 2014; the scale at training, as is
  /// usual now, instead of at use). For training: what is trained is used without it.
  ///
  /// The key alone decides which elements are dropped: those where `bernoulli(shape, probability:
  /// 1 - rate, key: key)` is false. Elements are multiplied in float32, by the nearest number to
  /// 1 / (1 - rate), and rounded to the element type: so the result has the same bits on every
  /// device, by every path. What is dropped is 0, whatever it was, and has a gradient of 0.
  /// - Parameters:
  ///   - key: used here alone; `split` makes one for each call.
  ///   - rate: 0 ..< 1; 1 - rate is rounded to a multiple of 2⁻²⁴. With 0 the result is the tensor
  ///     itself.
  /// - Returns: of the same shape and element type; of integers float32.
  /// - Throws: `invalidArgument` for another rate.
  public func dropout(key: RandomKey, rate: Float) throws(TensorError) -> Tensor {
    // Also of NaN not true.
    guard rate >= 0, rate < 1 else {
      throw TensorError(
        .invalidArgument, "dropout was given rate \(rate); it takes 0 ..< 1")
    }
    let type = elementType.isFloatingPoint ? elementType : .float32
    if rate == 0 { return try cast(to: type) }
    let isKept = try Tensor.bernoulli(shape, probability: 1 - rate, key: key, on: device)
    let scaled = try cast(to: .float32) * (1 / (1 - rate))
    return try Tensor.where(isKept, scaled.cast(to: type), 0)
  }
}
