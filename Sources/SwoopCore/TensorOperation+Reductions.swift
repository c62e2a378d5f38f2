// Reductions beside those of the table's first days, and scans. They give float32 or int32; the
// functions of Tensor cast.

extension TensorOperation {
  static let moreReductions = [prod, min, argmin, anyOf, allOf]

  /// Integers wrap around.
  public static let prod = reduction("prod", .multiplied)
  /// NaN if one element is.
  public static let min = reduction("min", .rounded, needsElements: true)
  /// The index along the axis of the first smallest element; NaN counts as smallest.
  public static let argmin = reduction(
    "argmin", .rounded, needsElements: true, resultType: .int32)
  /// 1 if an element is not 0, else 0.
  public static let anyOf = reduction("any", .rounded, resultType: .int32)
  /// 1 if no element is 0, else 0.
  public static let allOf = reduction("all", .rounded, resultType: .int32)

  static let scans = [cumulativeSum, cumulativeProduct, cumulativeMax]

  /// n is the number of elements up to the place. Integers wrap around.
  public static let cumulativeSum = scan("cumulativeSum", .accumulated)
  /// n is the number of elements up to the place. Integers wrap around.
  public static let cumulativeProduct = scan("cumulativeProduct", .multiplied)
  /// NaN from the first NaN on.
  public static let cumulativeMax = scan("cumulativeMax", .rounded)

  private static func scan(_ name: String, _ precision: Precision) -> TensorOperation {
    TensorOperation(name, .scan, precision) { operands, _, name throws(TensorError) in
      try expect(1, operands, name)
      return TensorForm(operands[0].shape, operands[0].elementType.wide)
    }
  }
}
