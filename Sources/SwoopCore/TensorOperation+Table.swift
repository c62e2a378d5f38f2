// The one table of what can be computed. An operation is added here, in its family's kernel,
// in the CPU back end and in the test table, and nowhere else.

extension TensorOperation {
  /// Every row, in the order of the documentation.
  public static let all: [TensorOperation] = [
    add, subtract, multiply, divide, negate, exp, log, sqrt, tanh, relu, cast, copy,
    sum, mean, max, argmax, softmax, matmul, linear,
  ]

  // MARK: Element by element

  public static let add = elementwise("add", .rounded, arity: 2)
  public static let subtract = elementwise("subtract", .rounded, arity: 2)
  public static let multiply = elementwise("multiply", .rounded, arity: 2)
  /// int32 operands are divided as float32, as in NumPy's true division.
  public static let divide = elementwise("divide", .ulps(2.5), arity: 2, floating: true)
  public static let negate = elementwise("negate", .rounded, arity: 1)
  public static let exp = elementwise("exp", .exponential, arity: 1, floating: true)
  public static let log = elementwise("log", .logarithm, arity: 1, floating: true)
  /// Vulkan derives it from 1 / inversesqrt: 2 + 2.5 units, and their product.
  public static let sqrt = elementwise("sqrt", .ulps(5), arity: 1, floating: true)
  /// Polynomial near 0, 1 - 2 / (exp(2x) + 1) elsewhere; see the kernel for the bound.
  public static let tanh = elementwise("tanh", .ulps(8), arity: 1, floating: true)
  public static let relu = elementwise("relu", .rounded, arity: 1)

  /// To `attributes.resultType`; float32 to int32 rounds towards zero and saturates, NaN gives 0.
  package static let cast = TensorOperation("cast", .elementwise, .rounded) {
    operands, attributes, name throws(TensorError) in
    try expect(1, operands, name)
    return TensorForm(operands[0].shape, attributes.resultType ?? operands[0].elementType)
  }

  /// A row-major copy of a view.
  package static let copy = elementwise("copy", .rounded, arity: 1)

  // MARK: Over axes

  public static let sum = reduction("sum", .accumulated)
  public static let mean = reduction("mean", .accumulated, floating: true, needsElements: true)
  public static let max = reduction("max", .rounded, needsElements: true)
  /// The index along the axis of the first largest element; NaN counts as largest.
  public static let argmax = reduction(
    "argmax", .rounded, needsElements: true, resultType: .int32)

  /// Along the last axis.
  public static let softmax = TensorOperation("softmax", .rowwise, .softmax) {
    operands, _, name throws(TensorError) in
    try expect(1, operands, name)
    return TensorForm(operands[0].shape, .float32)
  }

  // MARK: Products

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

extension TensorOperation {
  private static func expect(
    _ count: Int, _ operands: [TensorForm], _ name: String
  ) throws(TensorError) {
    guard operands.count == count else {
      throw TensorError(
        .invalidArgument, "\(name) was given \(operands.count) operands; it takes \(count)")
    }
  }

  private static func elementwise(
    _ name: String, _ precision: Precision, arity: Int, floating: Bool = false
  ) -> TensorOperation {
    TensorOperation(name, .elementwise, precision) {
      operands, _, name throws(TensorError) in
      try expect(arity, operands, name)
      var shape = operands[0].shape
      for operand in operands.dropFirst() {
        shape = try Shape.broadcast(shape, operand.shape, operation: name)
        guard operand.elementType == operands[0].elementType else {
          throw TensorError(
            .elementTypeMismatch,
            "\(name) was given \(operands[0].elementType) and "
              + "\(operand.elementType); it takes one element type")
        }
      }
      return TensorForm(shape, floating ? .float32 : operands[0].elementType)
    }
  }

  private static func reduction(
    _ name: String, _ precision: Precision, floating: Bool = false, needsElements: Bool = false,
    resultType: ElementType? = nil
  ) -> TensorOperation {
    TensorOperation(name, .reduction, precision) {
      operands, attributes, name throws(TensorError) in
      try expect(1, operands, name)
      let shape = operands[0].shape
      let result = shape.reduced(attributes.axes, keepingDimensions: attributes.keepingDimensions)
      if needsElements, result.elementCount > 0, shape.elementCount == 0 {
        throw TensorError(
          .emptyReduction,
          "\(name) over axes \(attributes.axes) of a tensor of shape \(shape): "
            + "there are no elements to take it of")
      }
      let type = resultType ?? (floating ? .float32 : operands[0].elementType)
      return TensorForm(result, type)
    }
  }

  /// The last two axes multiply, those before them broadcast; a vector counts as one row (left)
  /// or one column (right), and that axis is absent from the result.
  private static func product(
    _ a: TensorForm, _ b: TensorForm, _ name: String
  ) throws(TensorError) -> TensorForm {
    guard a.elementType == b.elementType else {
      throw TensorError(
        .elementTypeMismatch,
        "\(name) was given \(a.elementType) and \(b.elementType); it takes one element type")
    }
    guard a.shape.rank >= 1, b.shape.rank >= 1,
      a.shape[a.shape.rank - 1] == b.shape[Swift.max(b.shape.rank - 2, 0)]
    else {
      throw .shapeMismatch(
        name, [a.shape, b.shape], accepted: "[…, m, k] and […, k, n], or a vector for either")
    }
    let leading = try Shape.broadcast(
      Shape(unchecked: a.shape.dropLast(2)), Shape(unchecked: b.shape.dropLast(2)), operation: name)
    var sizes = Array(leading)
    if a.shape.rank > 1 { sizes.append(a.shape[a.shape.rank - 2]) }
    if b.shape.rank > 1 { sizes.append(b.shape[b.shape.rank - 1]) }
    return TensorForm(try Shape(sizes), a.elementType)
  }
}
