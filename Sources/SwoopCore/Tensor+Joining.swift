// Several tensors into one, one into several, and more of one: every element is copied at most
// once, by one kernel.

extension Tensor {
  /// The tensors one behind the other along an axis. They may have different element types, which
  /// meet as `ElementType.promoted` says.
  /// - Parameter tensors: at least one; of equal shapes but for that axis.
  /// - Throws: `invalidArgument` for no tensors; `shapeMismatch`, `invalidAxis`, `invalidShape`,
  ///   `deviceMismatch`.
  public static func concatenated(
    _ tensors: [Tensor], axis: Int = 0
  ) throws(TensorError) -> Tensor {
    guard let first = tensors.first else {
      throw TensorError(.invalidArgument, "concatenated was given no tensors; it takes one or more")
    }
    var attributes = Attributes()
    attributes.axes = [try first.shape.normalized(axis: axis, operation: "concatenated")]
    if tensors.count == 1 { return first }
    let type = tensors.dropFirst().reduce(first.elementType) { .promoted($0, $1.elementType) }
    var operands: [Tensor] = []
    for tensor in tensors { operands.append(try tensor.cast(to: type)) }
    return try make(.concatenate, operands, attributes)
  }

  /// The tensors side by side along a new axis.
  /// - Parameters:
  ///   - tensors: at least one; of one shape.
  ///   - axis: the new axis's place in the result; negative ones count from its back.
  /// - Throws: as `concatenated`.
  public static func stacked(_ tensors: [Tensor], axis: Int = 0) throws(TensorError) -> Tensor {
    var expanded: [Tensor] = []
    for tensor in tensors {
      guard tensor.shape == tensors[0].shape else {
        throw .shapeMismatch(
          "stacked", [tensors[0].shape, tensor.shape], accepted: "tensors of one shape")
      }
      expanded.append(try tensor.expandingDimensions(axis))
    }
    guard let first = expanded.first else {
      throw TensorError(.invalidArgument, "stacked was given no tensors; it takes one or more")
    }
    let place = try first.shape.normalized(axis: axis, operation: "stacked")
    return try concatenated(expanded, axis: place)
  }

  /// Views of so many equal parts along an axis.
  /// - Throws: `invalidArgument` for a number that does not divide the axis; `invalidAxis`.
  public func split(_ count: Int, axis: Int = 0) throws(TensorError) -> [Tensor] {
    let size = shape[try shape.normalized(axis: axis, operation: "split")]
    guard count > 0, count <= Swift.max(size, 1), size % count == 0 else {
      throw TensorError(
        .invalidArgument,
        "split was given \(count) parts for axis \(axis) of shape \(shape); it takes a number "
          + "that divides \(size)")
    }
    return try split(sizes: Array(repeating: size / count, count: count), axis: axis)
  }

  /// Views of parts of these sizes along an axis.
  /// - Throws: `invalidArgument` for sizes that do not add up to the axis's; `invalidAxis`.
  public func split(sizes: [Int], axis: Int = 0) throws(TensorError) -> [Tensor] {
    let axis = try shape.normalized(axis: axis, operation: "split")
    var left = shape[axis]
    for size in sizes where left >= 0 { left = size < 0 || size > left ? -1 : left - size }
    guard left == 0 else {
      throw TensorError(
        .invalidArgument,
        "split was given sizes \(sizes) for axis \(axis) of shape \(shape); it takes sizes that "
          + "add up to \(shape[axis])")
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return viewed(layout.narrowed(axis, start, size))
    }
  }

  /// With zeros before and after the elements of each axis, the element type unchanged.
  /// - Parameters:
  ///   - before: how many, for every axis; empty for none.
  ///   - after: how many, for every axis; empty for none.
  /// - Throws: `invalidArgument` for numbers that are negative or not one an axis; `invalidShape`.
  public func padded(before: [Int] = [], after: [Int] = []) throws(TensorError) -> Tensor {
    try padded(before: before, after: after, with: false)
  }

  /// With elements of one value before and after those of each axis.
  /// - Parameters:
  ///   - before: how many, for every axis; empty for none.
  ///   - after: how many, for every axis; empty for none.
  ///   - value: a fraction beside integers makes the result float32, a whole number beside bool
  ///     int32.
  /// - Throws: `invalidArgument` for numbers that are negative or not one an axis, or a value that
  ///   the element type cannot hold; `invalidShape`.
  public func padded<S: TensorScalar>(
    before: [Int] = [], after: [Int] = [], with value: S
  ) throws(TensorError) -> Tensor {
    let rank = shape.rank
    func checked(_ list: [Int]) throws(TensorError) -> [Int] {
      guard list.isEmpty || list.count == rank, list.allSatisfy({ $0 >= 0 }) else {
        throw TensorError(
          .invalidArgument,
          "padded was given \(list) for a tensor of shape \(shape); it takes \(rank) numbers, "
            + "none of them negative")
      }
      return list.isEmpty ? Array(repeating: 0, count: rank) : list
    }
    let (before, after) = (try checked(before), try checked(after))
    var sizes: [Int] = []
    for axis in 0..<rank {
      let (part, overflow) = before[axis].addingReportingOverflow(after[axis])
      let (size, overflows) = part.addingReportingOverflow(shape[axis])
      sizes.append(overflow || overflows ? .max : size)
    }
    let target = try Shape(sizes)
    let filling = try Tensor(
      scalar: value, as: value.elementType(beside: elementType), for: "padded",
      backend: node.backend)
    let type = ElementType.promoted(elementType, filling.elementType)
    let part = try cast(to: type)
    if target == shape { return part }
    let whole = try filling.cast(to: type).broadcast(to: target)
    if shape.elementCount == 0 { return whole }
    return try Tensor.make(
      .replace, [whole, part], .box(before, Array(repeating: 1, count: rank)))
  }

  /// The tensor so many times along each axis, as a whole: `[1, 2]` twice is `[1, 2, 1, 2]`.
  /// - Parameter counts: for the last axes if fewer than there are; more make new axes in front.
  /// - Throws: `invalidArgument` for a negative number; `invalidShape`.
  public func tiled(_ counts: Int...) throws(TensorError) -> Tensor { try tiled(counts) }

  /// The same with a list.
  public func tiled(_ counts: [Int]) throws(TensorError) -> Tensor {
    guard counts.allSatisfy({ $0 >= 0 }) else {
      throw TensorError(
        .invalidArgument, "tiled was given \(counts); it takes numbers of 0 or more")
    }
    let rank = Swift.max(shape.rank, counts.count)
    let own = Array(repeating: 1, count: rank - shape.rank) + Array(shape)
    let all = Array(repeating: 1, count: rank - counts.count) + counts
    _ = try Shape(
      zip(own, all).map { size, count in
        let (product, overflow) = size.multipliedReportingOverflow(by: count)
        return overflow ? .max : product
      })
    return try reshaped(own).repeating(all, isWhole: true)
  }

  /// Every element along the axis so many times in a row: `[1, 2]` twice is `[1, 1, 2, 2]`.
  /// - Throws: `invalidArgument` for a negative number; `invalidAxis`, `invalidShape`.
  public func repeated(_ count: Int, axis: Int) throws(TensorError) -> Tensor {
    let axis = try shape.normalized(axis: axis, operation: "repeated")
    guard count >= 0 else {
      throw TensorError(
        .invalidArgument, "repeated was given \(count); it takes numbers of 0 or more")
    }
    var sizes = Array(shape)
    let (size, overflow) = sizes[axis].multipliedReportingOverflow(by: count)
    sizes[axis] = overflow ? .max : size
    _ = try Shape(sizes)
    var counts = Array(repeating: 1, count: shape.rank)
    counts[axis] = count
    return try repeating(counts, isWhole: false)
  }

  /// The tensor so many times along each axis, by one copy of a view with axes to repeat along.
  private func repeating(_ counts: [Int], isWhole: Bool) throws(TensorError) -> Tensor {
    let result = zip(shape, counts).map { $0 * $1 }
    // Of nothing any number of times is nothing, and need not fit a shape on the way.
    if result.contains(0) { return viewed(Layout(Shape(unchecked: result))) }
    var sizes: [Int] = []
    var steps: [Int] = []
    for (axis, count) in counts.enumerated() {
      let own = (shape[axis], layout.strides[axis])
      let pieces =
        count == 1
        ? [own]
        : shape[axis] == 1 ? [(count, 0)] : isWhole ? [(count, 0), own] : [own, (count, 0)]
      sizes += pieces.map(\.0)
      steps += pieces.map(\.1)
    }
    if sizes.count <= Shape.maximumRank {
      var strides = InlineArray<8, Int>(repeating: 0)
      for (axis, step) in steps.enumerated() { strides[axis] = step }
      let view = Layout(
        shape: Shape(unchecked: sizes), strides: strides, offset: layout.offset)
      return try viewed(view).reshaped(result)
    }
    // Too many axes for one copy: one at a time, as the middle one of three.
    var whole = self
    for axis in counts.indices where counts[axis] != 1 {
      var next = Array(whole.shape)
      let inner = next[(axis + 1)...].reduce(1, *)
      let three = [next[..<axis].reduce(1, *), next[axis], inner]
      next[axis] *= counts[axis]
      whole = try whole.reshaped(three).repeating([1, counts[axis], 1], isWhole: isWhole)
        .reshaped(next)
    }
    return whole
  }
}

extension Layout {
  /// `count` elements of an axis from `start` on.
  func narrowed(_ axis: Int, _ start: Int, _ count: Int) -> Layout {
    selecting(
      (0..<shape.rank).map {
        $0 == axis
          ? AxisSelection(axis: $0, start: start, count: count)
          : AxisSelection(axis: $0, count: shape[$0])
      })
  }
}
