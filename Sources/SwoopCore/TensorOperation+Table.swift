// The one table of what can be computed. An operation is added here or in its family's file, in
// its family's kernel, in the CPU back end and in the table of cases, and nowhere else.

extension TensorOperation {
  /// Every row, in the order of the documentation.
  public static let all: [TensorOperation] =
    arithmetic + comparisons + logic + functions + mathematics + conversions + reductions
    + moreReductions + scans + rowwise + products + networks + moving + random + indexing + sorting

  // MARK: Arithmetic. Integers wrap around.

  private static let arithmetic = [
    add, subtract, multiply, divide, negate, abs, sign, square, minimum, maximum, clip,
    floor, ceil, round, trunc,
  ]

  /// Of bool: or.
  public static let add = elementwise("add", .rounded, arity: 2)
  /// The difference.
  public static let subtract = elementwise("subtract", .rounded, arity: 2, accepts: .numbers)
  /// Of bool: and.
  public static let multiply = elementwise("multiply", .rounded, arity: 2)
  /// Integers are divided as float32, as in NumPy's true division.
  public static let divide = elementwise("divide", .ulps(2.5), arity: 2, result: .floating)
  /// The element with the other sign.
  public static let negate = elementwise("negate", .rounded, arity: 1, accepts: .numbers)
  /// The magnitude; of the least int32, itself.
  public static let abs = elementwise("abs", .rounded, arity: 1)
  /// -1, 0 or 1; NaN of NaN.
  public static let sign = elementwise("sign", .rounded, arity: 1, accepts: .numbers)
  /// x · x.
  public static let square = elementwise("square", .rounded, arity: 1)
  /// NaN if either is.
  public static let minimum = elementwise("minimum", .rounded, arity: 2)
  /// NaN if either is.
  public static let maximum = elementwise("maximum", .rounded, arity: 2)
  /// minimum(maximum(x, low), high).
  public static let clip = elementwise("clip", .rounded, arity: 3)
  /// Rounded down to a whole number.
  public static let floor = elementwise("floor", .rounded, arity: 1, accepts: .numbers)
  /// Rounded up to a whole number.
  public static let ceil = elementwise("ceil", .rounded, arity: 1, accepts: .numbers)
  /// To the nearest whole number, ties to even.
  public static let round = elementwise("round", .rounded, arity: 1, accepts: .numbers)
  /// Without the fraction.
  public static let trunc = elementwise("trunc", .rounded, arity: 1, accepts: .numbers)

  // MARK: Comparisons, in the type that both meet in. With a NaN all are false but notEqual.

  private static let comparisons = [
    equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isNaN, isInfinite, isFinite,
  ]

  /// Whether both are equal.
  public static let equal = elementwise("equal", .rounded, arity: 2, result: .bool)
  /// Whether they differ.
  public static let notEqual = elementwise("notEqual", .rounded, arity: 2, result: .bool)
  /// Whether the first is less.
  public static let less = elementwise("less", .rounded, arity: 2, result: .bool)
  /// Whether the first is less or equal.
  public static let lessOrEqual = elementwise("lessOrEqual", .rounded, arity: 2, result: .bool)
  /// Whether the first is greater.
  public static let greater = elementwise("greater", .rounded, arity: 2, result: .bool)
  /// Whether the first is greater or equal.
  public static let greaterOrEqual = elementwise(
    "greaterOrEqual", .rounded, arity: 2, result: .bool)
  /// Whether the element is not a number.
  public static let isNaN = elementwise(
    "isNaN", .rounded, arity: 1, result: .bool, computation: .floating)
  /// Whether the element is an infinity.
  public static let isInfinite = elementwise(
    "isInfinite", .rounded, arity: 1, result: .bool, computation: .floating)
  /// Whether the element is neither infinite nor NaN.
  public static let isFinite = elementwise(
    "isFinite", .rounded, arity: 1, result: .bool, computation: .floating)

  // MARK: Logic, of what is not 0; and bits

  private static let logic = [
    logicalAnd, logicalOr, logicalXor, logicalNot, bitwiseAnd, bitwiseOr, bitwiseXor, bitwiseNot,
    shiftLeft, shiftRight, `where`,
  ]

  /// Whether neither is 0.
  public static let logicalAnd = elementwise("logicalAnd", .rounded, arity: 2, result: .bool)
  /// Whether one is not 0.
  public static let logicalOr = elementwise("logicalOr", .rounded, arity: 2, result: .bool)
  /// Whether exactly one is not 0.
  public static let logicalXor = elementwise("logicalXor", .rounded, arity: 2, result: .bool)
  /// Whether the element is 0.
  public static let logicalNot = elementwise("logicalNot", .rounded, arity: 1, result: .bool)
  /// The bits that both have.
  public static let bitwiseAnd = elementwise("bitwiseAnd", .rounded, arity: 2, accepts: .integers)
  /// The bits that either has.
  public static let bitwiseOr = elementwise("bitwiseOr", .rounded, arity: 2, accepts: .integers)
  /// The bits that one of both has.
  public static let bitwiseXor = elementwise("bitwiseXor", .rounded, arity: 2, accepts: .integers)
  /// Of bool: not.
  public static let bitwiseNot = elementwise("bitwiseNot", .rounded, arity: 1, accepts: .integers)
  /// By 32 or more, or a negative number: 0.
  public static let shiftLeft = elementwise("shiftLeft", .rounded, arity: 2, accepts: .integers)
  /// Keeps the sign; by 32 or more, or a negative number: 0 or -1.
  public static let shiftRight = elementwise("shiftRight", .rounded, arity: 2, accepts: .integers)
  /// The second where the first is not 0, the third elsewhere.
  public static let `where` = elementwise(
    "where", .rounded, arity: 3, result: .chosen, computation: .chosen)

  // MARK: Functions

  private static let functions = [exp, log, sqrt, tanh, relu]

  /// Cephes' polynomial on the device, the C library on the CPU.
  public static let exp = function("exp", .ulps(2))
  /// Cephes' polynomial on the device, the C library on the CPU.
  public static let log = function("log", .ulps(2))
  /// Vulkan derives it from 1 / inversesqrt: 2 + 2.5 units, and their product.
  public static let sqrt = function("sqrt", .ulps(5))
  /// Polynomial near 0, 1 - 2 / (exp(2x) + 1) elsewhere; see the kernel for the bound.
  public static let tanh = function("tanh", .ulps(8))
  /// max(x, 0).
  public static let relu = elementwise("relu", .rounded, arity: 1)

  // MARK: Conversions

  private static let conversions = [cast, copy, unview]

  /// To `attributes.resultType`, as `Tensor.cast(to:)` says.
  package static let cast = TensorOperation("cast", .elementwise, .rounded) {
    operands, attributes, name throws(TensorError) in
    try expect(1, operands, name)
    return TensorForm(operands[0].shape, attributes.resultType ?? operands[0].elementType)
  }

  /// A row-major copy of a view.
  package static let copy = elementwise("copy", .rounded, arity: 1)

  // MARK: Over axes. These give float32 or int32; the functions of Tensor cast.

  private static let reductions = [sum, mean, max, argmax]

  /// Integers wrap around.
  public static let sum = reduction("sum", .accumulated)
  /// The sum, divided by the number of elements.
  public static let mean = reduction("mean", .accumulated, floating: true, needsElements: true)
  /// NaN if one element is.
  public static let max = reduction("max", .rounded, needsElements: true)
  /// The index along the axis of the first largest element; NaN counts as largest.
  public static let argmax = reduction(
    "argmax", .rounded, needsElements: true, resultType: .int32)

  private static let rowwise = [softmax]

  /// Along the last axis.
  public static let softmax = TensorOperation("softmax", .rowwise, .softmax, computation: .floating)
  {
    operands, _, name throws(TensorError) in
    try expect(1, operands, name)
    return TensorForm(operands[0].shape, .float32)
  }

  // MARK: Products, of float32 or of int32; the functions of Tensor cast.

  private static let products = [matmul, linear]

  /// The matrix product over the last two axes; the axes before them broadcast.
  public static let matmul = TensorOperation("matmul", .product, .accumulated) {
    operands, _, name throws(TensorError) in
    try expect(2, operands, name)
    return try product(operands[0], operands[1], name)
  }

  /// activation(x · weight + bias); the bias is one row.
  public static let linear = TensorOperation("linear", .product, .accumulated) {
    operands, _, name throws(TensorError) in
    guard operands.count == 3 else {
      try expect(2, operands, name)
      return try product(operands[0], operands[1], name)
    }
    let result = try product(operands[0], operands[1], name)
    let bias = operands[2]
    let weight = operands[1].shape
    let columns = weight.rank > 1 ? weight[weight.rank - 1] : 1
    guard bias.shape.rank == 1, bias.shape[0] == columns else {
      throw .shapeMismatch(
        name, operands.map(\.shape),
        accepted: "a bias of as many elements as the weight has columns")
    }
    guard bias.elementType == result.elementType else {
      throw TensorError(
        .elementTypeMismatch,
        "\(name) was given a bias of \(bias.elementType) for operands of "
          + "\(result.elementType); it takes one element type")
    }
    return result
  }
}
