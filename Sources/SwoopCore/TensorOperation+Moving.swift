// Rows that move elements and compute nothing.

extension TensorOperation {
  static let moving: [TensorOperation] = [concatenate, replace]

  /// One operand behind the other along an axis.
  public static let concatenate = TensorOperation("concatenate", .joining, .rounded) {
    operands, attributes, name throws(TensorError) in
    guard let first = operands.first, let axis = attributes.axes.first, axis < first.shape.rank
    else {
      throw TensorError(
        .invalidArgument, "\(name) was given no operands or no axis; it takes both")
    }
    var sizes = Array(first.shape)
    for operand in operands.dropFirst() {
      try expectType(operand, of: first, name)
      guard operand.shape.rank == sizes.count,
        sizes.indices.allSatisfy({ $0 == axis || operand.shape[$0] == sizes[$0] })
      else {
        throw .shapeMismatch(
          name, [first.shape, operand.shape],
          accepted: "shapes that are equal but for axis \(axis)")
      }
      sizes[axis] += operand.shape[axis]
    }
    return TensorForm(try Shape(sizes), first.elementType)
  }

  /// The first operand with the second in its place, as `Attributes.box` says.
  public static let replace = TensorOperation("replace", .placing, .rounded) {
    operands, attributes, name throws(TensorError) in
    try expect(2, operands, name)
    let (whole, part) = (operands[0].shape, operands[1].shape)
    try expectType(operands[1], of: operands[0], name)
    let words = attributes.words.map { Int($0) }
    let fits =
      part.rank == whole.rank && words.count == 2 * whole.rank
      && (0..<whole.rank).allSatisfy { axis in
        let step = words[whole.rank + axis]
        return step > 0 && words[axis] + (part[axis] - 1) * step < whole[axis]
      }
    guard fits else {
      throw .shapeMismatch(name, [whole, part], accepted: "a part that lies inside of the whole")
    }
    return operands[0]
  }

  private static func expectType(
    _ operand: TensorForm, of first: TensorForm, _ name: String
  ) throws(TensorError) {
    guard operand.elementType == first.elementType else {
      throw TensorError(
        .elementTypeMismatch,
        "\(name) was given \(first.elementType) and \(operand.elementType); it takes one element "
          + "type")
    }
  }
}

// What an element of the result was moved from gets its gradient.

extension TensorOperation {
  static let movingDerivatives: [TensorOperation: Derivative] = [
    .concatenate: .pullback { pullback in
      let axis = pullback.attributes.axes[0]
      var start = 0
      return pullback.operands.indices.map { index in
        let size = pullback.operands[index].shape[axis]
        defer { start += size }
        guard pullback.wants[index] else { return nil }
        return pullback.gradient.viewed(pullback.gradient.layout.narrowed(axis, start, size))
      }
    },
    .replace: .partials(
      { try $0.gradient.replacing($0.box, with: 0) }, { try $0.gradient.selecting($0.box) }),
    .randomBits: .undefined(because: constant), .randomUniform: .undefined(because: constant),
    .randomBernoulli: .undefined(because: constant),
    .randomIntegers: .undefined(because: constant), .randomNormal: .undefined(because: constant),
  ]

  private static let constant = "what random numbers are made from is constant"
}

extension Pullback {
  /// The part of the result that the second operand of `replace` became.
  fileprivate var box: [any TensorIndex] {
    let words = attributes.words.map { Int($0) }
    return (0..<result.shape.rank).map { axis in
      let (start, step) = (words[axis], words[result.shape.rank + axis])
      return AxisIndex.slice(from: start, to: start + (y.shape[axis] - 1) * step + 1, by: step)
    }
  }
}
