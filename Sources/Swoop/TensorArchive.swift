import SwoopCore
import TensorFiles

/// Tensors by name, as safetensors and npz files hold them.
///
/// ```swift
/// let model = try TensorArchive(safetensors: "model.safetensors")
/// let weight = try model["first.weight"]
/// try await TensorArchive(["weight": weight * 2]).write(npz: "doubled.npz")
/// ```
public struct TensorArchive: Sendable {
  /// The tensors by their names.
  public var tensors: [String: Tensor]
  /// What a safetensors file says about itself; npz has no room for it.
  public var metadata: [String: String]

  /// An archive of these tensors, which may be on different devices.
  public init(_ tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The tensor of this name.
  /// - Throws: `tensorNotFound`.
  public subscript(name: String) -> Tensor {
    get throws(TensorError) {
      if let tensor = tensors[name] { return tensor }
      let names = tensors.keys.sorted().prefix(8).map(\.debugDescription).joined(separator: ", ")
      throw TensorError(
        .tensorNotFound,
        "there is no tensor \(name.debugDescription); there are "
          + (tensors.isEmpty ? "none" : names + (tensors.count > 8 ? ", …" : "")))
    }
  }

  /// Reads a safetensors file.
  /// - Parameters:
  ///   - path: the file, which is mapped: another program must not shorten it meanwhile.
  ///   - names: the tensors to read; all of them without it. Nothing else is read from the disk.
  ///   - converting: whether float64 is rounded to float32, and integers of other widths become
  ///     int32.
  ///   - device: where tensors are made; the default device without it.
  /// - Throws: `fileNotFound`, `unreadableFile`, `malformedFile`; `tensorNotFound` for a name that
  ///   the file does not have; and as `Tensor(npy:)`.
  public init(
    safetensors path: String, names: Set<String>? = nil, converting: Bool = false,
    on device: Device? = nil
  ) throws(TensorError) {
    let file = try TensorError.ofFiles { () throws(TensorFileError) in
      try SafetensorsFile(path: path)
    }
    try self.init(names ?? Set(file.entries.map(\.name)), metadata: file.metadata, device) {
      name throws(TensorFileError) in try file.tensor(name, converting: converting)
    }
  }

  /// Reads an npz file, its arrays stored or deflated.
  /// - Parameters:
  ///   - path: the file.
  ///   - names: the arrays to make tensors of, without `.npy`; all of them without it.
  ///   - converting: whether float64 is rounded to float32, and integers of other widths become
  ///     int32.
  ///   - inflatedLimit: the most bytes that all deflated arrays together may have once they are
  ///     inflated; a file of a thousandth of that can fill it.
  ///   - device: where tensors are made; the default device without it.
  /// - Throws: as `init(safetensors:)`; `unsupported` for encrypted archives, and for methods of
  ///   compression other than deflating.
  public init(
    npz path: String, names: Set<String>? = nil, converting: Bool = false,
    inflatedLimit: Int = 1 << 32, on device: Device? = nil
  ) throws(TensorError) {
    let file = try TensorError.ofFiles { () throws(TensorFileError) in
      try NPZFile(path: path, inflatedLimit: inflatedLimit)
    }
    try self.init(names ?? Set(file.entries.map(\.name)), metadata: [:], device) {
      name throws(TensorFileError) in try file.tensor(name, converting: converting)
    }
  }

  private init(
    _ names: Set<String>, metadata: [String: String], _ device: Device?,
    _ read: (String) throws(TensorFileError) -> StoredTensor
  ) throws(TensorError) {
    let device = try device.orDefault()
    self.init([:], metadata: metadata)
    for name in names {
      let stored = try TensorError.ofFiles { () throws(TensorFileError) in try read(name) }
      tensors[name] = try Tensor(stored, on: device)
    }
  }
}

// MARK: Writing

extension TensorArchive {
  /// Writes a safetensors file, which appears whole or not at all, once the elements are there.
  ///
  /// The same tensors and metadata give the same bytes.
  /// - Throws: `unwritableFile`; `invalidArgument` for a tensor named `__metadata__`; what made a
  ///   tensor fail.
  nonisolated(nonsending) public func write(safetensors path: String) async throws {
    try write(safetensors: path, try await stored())
  }

  /// `write(safetensors:)` for a thread that may block.
  @available(*, noasync)
  public func blockingWrite(safetensors path: String) throws(TensorError) {
    try write(safetensors: path, try blockingStored())
  }

  /// Writes an npz file, which appears whole or not at all, once the elements are there. Its
  /// arrays are stored, not deflated.
  /// - Throws: `invalidArgument` if there is metadata, which npz has no room for, or for a name
  ///   that is no relative path; `elementTypeMismatch` for bfloat16; `unwritableFile`; what made a
  ///   tensor fail.
  nonisolated(nonsending) public func write(npz path: String) async throws {
    try checkPlain()
    try write(npz: path, try await stored())
  }

  /// `write(npz:)` for a thread that may block.
  @available(*, noasync)
  public func blockingWrite(npz path: String) throws(TensorError) {
    try checkPlain()
    try write(npz: path, try blockingStored())
  }

  private func checkPlain() throws(TensorError) {
    guard metadata.isEmpty else {
      throw TensorError(
        .invalidArgument,
        "an archive with metadata was to be written as npz, which has no room for it; safetensors has"
      )
    }
  }

  private func write(
    safetensors path: String, _ stored: [String: StoredTensor]
  ) throws(TensorError) {
    try TensorError.ofFiles { () throws(TensorFileError) in
      try SafetensorsFile.write(stored, metadata: metadata, to: path)
    }
  }

  private func write(npz path: String, _ stored: [String: StoredTensor]) throws(TensorError) {
    try TensorError.ofFiles { () throws(TensorFileError) in try NPZFile.write(stored, to: path) }
  }

  // All are under way before the first is waited for.
  nonisolated(nonsending) private func stored() async throws(TensorError) -> [String: StoredTensor]
  {
    for tensor in tensors.values { try tensor.submit() }
    var stored: [String: StoredTensor] = [:]
    for (name, tensor) in tensors { stored[name] = try await tensor.stored() }
    return stored
  }

  private func blockingStored() throws(TensorError) -> [String: StoredTensor] {
    for tensor in tensors.values { try tensor.submit() }
    var stored: [String: StoredTensor] = [:]
    for (name, tensor) in tensors { stored[name] = try tensor.blockingStored() }
    return stored
  }
}
