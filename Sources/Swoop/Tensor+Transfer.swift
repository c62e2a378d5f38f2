import SwoopCore

extension Tensor {
  /// The same elements on another device; the tensor itself if it lives there.
  ///
  /// Blocks the thread until the elements have been read from the device they are on. In a task say
  /// `try await x.wait()` before: then there is nothing left to wait for but the copy itself.
  /// - Throws: what made the tensor fail; `notDifferentiable` for one that a gradient depends on.
  public func copied(to device: Device) throws(TensorError) -> Tensor {
    if device == self.device { return self }
    try Tape.refuse(self, in: "copied(to:)")
    func copy<E: TensorElement>(_: E.Type) throws(TensorError) -> Tensor {
      try Tensor(blockingArray(as: E.self), shape: shape, backend: device.backend)
    }
    return try copy(elementType.swiftType)
  }

  /// The elements in nested arrays, as deep as the tensor has dimensions:
  /// `x.nested(as: [[Float]].self)` of a matrix, `Float.self` of a single element.
  /// - Throws: `shapeMismatch` for arrays of another depth; `invalidArgument` for more than 2²⁰ empty
  ///   arrays; as `array(as:)`.
  nonisolated(nonsending) public func nested<A: TensorReadable>(
    as type: A.Type = A.self
  ) async throws -> A {
    try checkDepth(A.self, "nested")
    return nest(try await array(as: A.TensorElements.self))
  }

  /// `nested(as:)` for a thread that may block.
  @available(*, noasync)
  public func blockingNested<A: TensorReadable>(as type: A.Type = A.self) throws(TensorError) -> A {
    try checkDepth(A.self, "blockingNested")
    return nest(try blockingArray(as: A.TensorElements.self))
  }

  private func checkDepth<A: TensorReadable>(
    _: A.Type, _ function: String
  ) throws(TensorError) {
    guard A.tensorRank == shape.rank else {
      throw TensorError(
        .shapeMismatch,
        "\(function) was asked of a tensor of shape \(shape) as \(A.self), which is \(A.tensorRank) "
          + "deep; it takes arrays as deep as the tensor has dimensions")
    }
    // A file of no bytes may say so.
    var arrays = 1
    for size in shape.dropLast() where arrays <= 1 << 20 { arrays *= size }
    if shape.elementCount == 0, arrays > 1 << 20 {
      throw TensorError(
        .invalidArgument,
        "\(function) was asked of a tensor of shape \(shape), which makes \(arrays) empty arrays or "
          + "more; it makes at most \(1 << 20)")
    }
  }

  private func nest<A: TensorReadable>(_ elements: [A.TensorElements]) -> A {
    A.values(of: elements[...], sizes: ([1] + shape)[...])[0]
  }
}
