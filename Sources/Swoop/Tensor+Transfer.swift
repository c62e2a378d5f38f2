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

  /// The elements of a tensor of two dimensions, row by row.
  ///
  /// For more dimensions read `array(as:)`, which has the elements in row-major order.
  /// - Throws: `shapeMismatch` for another number of dimensions; as `array(as:)`.
  public func array2D<E: TensorElement>(
    as type: E.Type = E.self
  ) async throws(TensorError) -> [[E]] {
    try checkMatrix("array2D")
    return rows(of: try await array(as: type))
  }

  /// `array2D(as:)` for a thread that may block.
  @available(*, noasync)
  public func blockingArray2D<E: TensorElement>(
    as type: E.Type = E.self
  ) throws(TensorError) -> [[E]] {
    try checkMatrix("blockingArray2D")
    return rows(of: try blockingArray(as: type))
  }

  private func checkMatrix(_ function: String) throws(TensorError) {
    guard shape.rank == 2 else {
      throw TensorError(
        .shapeMismatch,
        "\(function) was asked of a tensor of shape \(shape); it takes two dimensions")
    }
  }

  private func rows<E>(of elements: [E]) -> [[E]] {
    let width = shape[1]
    return (0..<shape[0]).map { Array(elements[$0 * width..<($0 + 1) * width]) }
  }
}
