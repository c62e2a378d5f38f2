import SwoopCore
import TensorFiles

// One tensor, one npy file: what `numpy.save` writes and `numpy.load` reads. Several tensors in
// one file are a `TensorArchive`.

extension Tensor {
  /// Reads an npy file, of either byte order and either order of elements.
  /// - Parameters:
  ///   - path: the file.
  ///   - converting: whether float64 is rounded to float32, and integers of other widths become
  ///     int32.
  ///   - device: where the tensor is made; the default device without it.
  /// - Throws: `fileNotFound`, `unreadableFile`, `malformedFile`; `elementTypeMismatch` for types
  ///   that tensors do not have; `invalidArgument` for a number that the type it is converted to
  ///   cannot hold; `invalidShape` for more than eight dimensions; `outOfMemory`.
  public init(
    npy path: String, converting: Bool = false, on device: Device? = nil
  ) throws(TensorError) {
    let stored = try TensorError.ofFiles { () throws(TensorFileError) in
      try NPYFile.read(path: path, converting: converting)
    }
    do {
      try self.init(stored, on: device)
    } catch  where error.code == .invalidShape {
      throw TensorError(
        .invalidShape, "\(path) holds an array of shape \(stored.shape): " + error.message)
    }
  }

  /// Writes an npy file, which appears whole or not at all, once the elements are there.
  /// - Throws: `elementTypeMismatch` for bfloat16, which npy does not have: `cast(to:)` float32
  ///   loses nothing; `unwritableFile`; what made the tensor fail.
  nonisolated(nonsending) public func write(npy path: String) async throws {
    let stored = try await stored()
    try TensorError.ofFiles { () throws(TensorFileError) in try NPYFile.write(stored, to: path) }
  }

  /// `write(npy:)` for a thread that may block.
  @available(*, noasync)
  public func blockingWrite(npy path: String) throws(TensorError) {
    let stored = try blockingStored()
    try TensorError.ofFiles { () throws(TensorFileError) in try NPYFile.write(stored, to: path) }
  }
}

extension Tensor {
  /// A tensor of elements from a file: row-major, of the stored kind.
  /// - Throws: `invalidShape` for a shape that no tensor can have.
  public init(_ stored: StoredTensor, on device: Device? = nil) throws(TensorError) {
    let shape = try Shape(stored.shape)
    let device = try device.orDefault()
    guard let elementType = ElementType(rawValue: stored.kind.rawValue) else {
      throw TensorError(
        .elementTypeMismatch,
        "the file holds \(stored.kind); tensors are "
          + ElementType.allCases.map(\.rawValue).joined(separator: ", "))
    }
    func made<E: TensorElement>(_ type: E.Type) throws(TensorError) -> Tensor {
      try Tensor(stored.elements(as: type), shape: shape, backend: device.backend)
    }
    self = try made(elementType.swiftType)
  }

  /// The elements as files have them, once they are there.
  nonisolated(nonsending) func stored() async throws(TensorError) -> StoredTensor {
    func read<E: TensorElement>(_ type: E.Type) async throws(TensorError) -> StoredTensor {
      try stored(try await elements(as: type))
    }
    return try await read(elementType.swiftType)
  }

  func blockingStored() throws(TensorError) -> StoredTensor {
    func read<E: TensorElement>(_ type: E.Type) throws(TensorError) -> StoredTensor {
      try stored(try blockingArray(as: type))
    }
    return try read(elementType.swiftType)
  }

  private func stored<E: TensorElement>(_ elements: [E]) throws(TensorError) -> StoredTensor {
    guard let kind = ElementKind(rawValue: elementType.rawValue) else {
      throw TensorError(
        .elementTypeMismatch,
        "\(elementType) cannot be written; files hold "
          + ElementKind.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return try TensorError.ofFiles { () throws(TensorFileError) in
      try StoredTensor(kind, shape: Array(shape), bytes: FileBytes(elements))
    }
  }
}

extension StoredTensor {
  fileprivate func elements<E: TensorElement>(as type: E.Type) -> [E] {
    bytes.withUnsafeBytes { raw in
      [E](unsafeUninitializedCapacity: raw.count / MemoryLayout<E>.stride) { buffer, count in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: raw)
        count = buffer.count
      }
    }
  }
}
