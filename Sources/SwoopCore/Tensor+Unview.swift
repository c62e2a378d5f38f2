// From a view's shape back to the node's: what a gradient needs to leave a view.

extension TensorOperation {
  /// Zeros of `attributes.resultShape`, and the operand where the view that `attributes.words`
  /// describes lies in it. The view touches no element twice.
  package static let unview = TensorOperation("unview", .unview, .rounded, computation: .own) {
    operands, attributes, name throws(TensorError) in
    try expect(1, operands, name)
    let shape = operands[0].shape
    guard let result = attributes.resultShape, attributes.words.count == shape.rank + 1 else {
      throw TensorError(
        .invalidArgument,
        "\(name) was given \(attributes.words.count) words for shape \(shape); it takes a shape, a "
          + "step for each axis, and an offset")
    }
    let view = Layout(shape, unviewing: attributes.words)
    guard view.isNested, view.lowest >= 0, view.lowest + view.extent <= result.elementCount else {
      throw TensorError(
        .unsupported,
        "\(name) was given a view of shape \(shape) that touches an element twice, or lies outside "
          + "of \(result)")
    }
    return TensorForm(result, operands[0].elementType)
  }
}

extension Layout {
  /// A view as the words of `unview`: the step along each axis, and where the first element is.
  fileprivate var unviewWords: [UInt32] {
    (0..<shape.rank).map { UInt32(truncatingIfNeeded: strides[$0]) }
      + [UInt32(truncatingIfNeeded: offset)]
  }

  package init(_ shape: Shape, unviewing words: [UInt32]) {
    var strides = InlineArray<8, Int>(repeating: 0)
    for axis in 0..<shape.rank { strides[axis] = Int(Int32(bitPattern: words[axis])) }
    self.init(shape: shape, strides: strides, offset: Int(words[shape.rank]))
  }

  /// Where the element that lies lowest in memory is; 0 if there are none.
  package var lowest: Int { shape.elementCount == 0 ? 0 : offset - origin }

  /// The axes that are stepped along, the largest step first.
  package var axesByStep: [Int] {
    (0..<shape.rank).filter { shape[$0] > 1 }
      .sorted { abs(strides[$0]) > abs(strides[$1]) }
  }

  /// Whether each step is longer than all that the smaller ones reach: so no element is touched
  /// twice, and dividing by the steps, the largest first, finds an element's place. So it is for
  /// whatever slicing, flipping and reordering axes makes of row-major elements.
  fileprivate var isNested: Bool {
    if shape.elementCount == 0 { return true }
    var reach = 0
    for axis in axesByStep.reversed() {
      guard abs(strides[axis]) > reach else { return false }
      reach += (shape[axis] - 1) * abs(strides[axis])
    }
    return true
  }

  /// The order of axes in which the layout is all of the row-major elements of a shape of so many
  /// elements; nil if it is not.
  fileprivate func rowMajorOrder(_ count: Int) -> [Int]? {
    guard offset == 0, shape.elementCount == count else { return nil }
    let axes = axesByStep
    var step = 1
    for axis in axes.reversed() {
      guard strides[axis] == step else { return nil }
      step *= shape[axis]
    }
    return (0..<shape.rank).filter { shape[$0] <= 1 } + axes
  }
}

extension Tensor {
  /// A gradient with regard to this tensor as one with regard to its node: of the node's shape and
  /// element type.
  /// - Parameter gradient: of this tensor's shape, or of one that this broadcasts to.
  func broughtBack(_ gradient: Tensor) throws(TensorError) -> Tensor {
    let own = try gradient.summed(to: shape).cast(to: elementType)
    guard let view else { return own }
    let layout = view.layout
    let repeated = (0..<shape.rank).filter { shape[$0] > 1 && layout.strides[$0] == 0 }
    if !repeated.isEmpty {
      let sizes = (0..<shape.rank).map { repeated.contains($0) ? 1 : shape[$0] }
      let single = Layout(
        shape: Shape(unchecked: sizes), strides: layout.strides, offset: layout.offset)
      return try Tensor(node, view: View(single)).broughtBack(own)
    }
    let target = node.form.shape
    if let order = layout.rowMajorOrder(target.elementCount) {
      return try own.transposed(order).reshaped(target)
    }
    var attributes = Attributes()
    attributes.resultShape = target
    attributes.words = layout.unviewWords
    return try Tensor.make(.unview, [own], attributes)
  }

  /// The sum over what an operand of that shape was repeated along by broadcasting.
  func summed(to target: Shape) throws(TensorError) -> Tensor {
    if shape == target { return self }
    let added = shape.rank - target.rank
    let axes = (0..<shape.rank).filter { axis in
      axis < added || (target[axis - added] == 1 && shape[axis] != 1)
    }
    return try (axes.isEmpty ? self : reduce(.sum, axes, true)).reshaped(target)
  }

  /// The view of row-major elements that `unview` was given.
  func viewed(_ shape: Shape, unviewing words: [UInt32]) throws(TensorError) -> Tensor {
    let dense = try contiguous()
    var layout = Layout(shape, unviewing: words)
    layout.offset += dense.layout.offset
    return Tensor(dense.node, view: View(layout))
  }
}
