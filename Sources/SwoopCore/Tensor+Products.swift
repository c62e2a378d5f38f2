extension Tensor {
  /// The matrix product over the last two axes; the axes before them broadcast. A vector
  /// counts as one row on the left, as one column on the right.
  ///
  /// Each element is accumulated in the order of the inner dimension, whatever the batch; one of
  /// more than 131,072 in parts of 65,536, which are then added up.
  /// - Parameter other: `[…, k, n]` where this tensor is `[…, m, k]`.
  /// - Returns: `[…, m, n]`.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public func matmul(_ other: Tensor) throws(TensorError) -> Tensor {
    try Tensor.product(.matmul, Operands(self, other))
  }

  /// activation(self · weight + bias) in one kernel, unless k is so large that `matmul` takes parts.
  /// - Parameters:
  ///   - weight: `[…, k, n]` where this tensor is `[…, m, k]` or `[k]`.
  ///   - bias: `[n]`, or nil for none.
  /// - Throws: `shapeMismatch`, `deviceMismatch`.
  public func linear(
    _ weight: Tensor, bias: Tensor? = nil, activation: Activation = .none
  ) throws(TensorError) -> Tensor {
    try Tensor.product(.linear, Operands(self, weight, bias), activation)
  }

  /// A product in float32 or int32, of operands of any types that meet.
  private static func product(
    _ operation: TensorOperation, _ operands: consuming Operands,
    _ activation: Activation = .none
  ) throws(TensorError) -> Tensor {
    var type = operands[0].look { node, _ in node.described.form.elementType }
    var isReady = type == type.wide
    operands.visit { index, operand in
      let isFine = operand.look { node, view in
        // Kernels step through factors, and read a bias as it lies.
        let lies = index < 2 ? view?.isUpright : view?.layout.isContiguous
        return node.described.form.elementType == type && lies ?? true
      }
      if !isFine { isReady = false }
    }
    let isDeep =
      operands[0].look { node, view in (view?.layout.shape ?? node.form.shape).last ?? 0 } > deepest
    if isReady, !isDeep { return try make(operation, operands, activation: activation) }
    let tensors = operands.tensors
    for tensor in tensors { type = .promoted(type, tensor.elementType) }
    var wide: [Tensor] = []
    for (index, tensor) in tensors.enumerated() {
      let tensor = try tensor.cast(to: type.wide)
      wide.append(try index < 2 ? tensor.upright() : tensor.contiguous())
    }
    if !isDeep {
      return try make(operation, Operands(wide), activation: activation).cast(to: type)
    }
    var attributes = Attributes()
    attributes.activation = activation
    let form = try operation.infer(
      wide.map { TensorForm($0.shape, $0.elementType) }, attributes, operation.name)
    var result = try inParts(wide[0], wide[1]).reshaped(form.shape)
    if wide.count > 2 { result = try result + wide[2] }
    if activation == .relu { result = try result.relu() }
    return try result.cast(to: type)
  }

  /// The longest inner dimension that one kernel goes through.
  private static let deepest = 1 << 17

  /// The product in parts of the inner dimension, which are then added up: so more than one
  /// workgroup has work where results are few, and lavapipe, whose loops end after 65,535 turns,
  /// does all of it.
  private static func inParts(_ a: Tensor, _ b: Tensor) throws(TensorError) -> Tensor {
    var a = a.shape.rank == 1 ? a.inserting(axis: 0) : a
    var b = b.shape.rank == 1 ? b.inserting(axis: 1) : b
    let rows = a.shape[a.shape.rank - 2]
    let depth = b.shape[b.shape.rank - 2]
    let columns = b.shape[b.shape.rank - 1]
    if b.shape.rank == 2 {
      // All rows meet one right factor.
      a = try a.reshaped(a.shape.dropLast().reduce(1, *), depth)
    } else if Swift.max(a.shape.rank, b.shape.rank) == Shape.maximumRank {
      // There must be room for one axis more.
      let outer = try Shape.broadcast(
        Shape(unchecked: a.shape.dropLast(2)), Shape(unchecked: b.shape.dropLast(2)),
        operation: "matmul")
      a = try a.stretched(to: Shape(outer + [rows, depth]))
        .reshaped(outer.elementCount, rows, depth)
      b = try b.stretched(to: Shape(outer + [depth, columns]))
        .reshaped(outer.elementCount, depth, columns)
    }
    let (inA, inB) = (a.shape.rank - 1, b.shape.rank - 2)
    let length = 1 << 16
    let parts = depth / length
    let left = try a.narrowed(inA, 0, parts * length)
      .reshaped(a.shape.dropLast() + [parts, length])
    let right = try b.narrowed(inB, 0, parts * length)
      .reshaped(b.shape.dropLast(2) + [parts, length, columns])
    var order = Array(0...inA + 1)
    order.swapAt(inA - 1, inA)
    let products = try make(.matmul, [left.transposed(order), right])
    let sum = try products.reduce(.sum, [products.shape.rank - 3], false)
    let rest = depth - parts * length
    if rest == 0 { return sum }
    return try sum
      + make(
        .matmul,
        [a.narrowed(inA, parts * length, rest), b.narrowed(inB, parts * length, rest)])
  }
}
