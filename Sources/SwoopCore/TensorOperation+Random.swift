// Random numbers of `attributes.resultShape`. Operands are the key's four words (int32), what the
// distribution needs, and for the normal one NormalTable. Every number is exactly determined.

extension TensorOperation {
  static let random: [TensorOperation] = [
    randomBits, randomUniform, randomBernoulli, randomIntegers, randomNormal,
  ]

  /// 32 random bits each.
  public static let randomBits = numbers("randomBits", .int32, parameters: nil)
  /// min(lower + u · width, last), u of 24 bits: the parameters are lower, width and last.
  public static let randomUniform = numbers("randomUniform", .float32, parameters: .float32)
  /// Whether u of 24 bits is below the parameter.
  public static let randomBernoulli = numbers("randomBernoulli", .bool, parameters: .float32)
  /// The parameters are the least and how many there are, 0 for all of int32.
  public static let randomIntegers = numbers("randomIntegers", .int32, parameters: .int32)
  /// mean + quantile · deviation, which are the parameters; the quantile as NormalTable has it.
  public static let randomNormal = numbers(
    "randomNormal", .float32, parameters: .float32, hasTable: true)

  private static func numbers(
    _ name: String, _ type: ElementType, parameters: ElementType?, hasTable: Bool = false
  ) -> TensorOperation {
    TensorOperation(name, .random, .rounded, computation: .own) {
      operands, attributes, name throws(TensorError) in
      let types = [.int32] + (parameters.map { [$0] } ?? []) + (hasTable ? [.float32] : [])
      try expect(types.count, operands, name)
      guard operands.map(\.elementType) == types, operands[0].shape == [4],
        let shape = attributes.resultShape
      else {
        throw TensorError(
          .invalidArgument, "\(name) takes a key of four words, and parameters of \(types)")
      }
      return TensorForm(shape, type)
    }
  }
}
