import TensorFiles

/// What the network of `Examples/Digits` has learnt: 64 → 256 → 10, relu between.
///
/// Of an image x the network makes relu(x · first + firstBias) · second + secondBias; the largest
/// of its ten numbers is its guess.
public struct DigitsWeights: Sendable, Hashable {
  /// The size of the layer between.
  public static let hiddenCount = 256

  /// 64 × 256, row by row.
  public let first: [Float]
  /// 256.
  public let firstBias: [Float]
  /// 256 × 10, row by row.
  public let second: [Float]
  /// 10.
  public let secondBias: [Float]
  /// What the file says about itself: `accuracy` on the test images, `seed`, the `command` that
  /// remakes it, and the like.
  public let metadata: [String: String]

  /// Takes the numbers of a network.
  /// - Throws: `invalidWeights` if there are too many or too few, or one is not finite.
  public init(
    first: [Float], firstBias: [Float], second: [Float], secondBias: [Float],
    metadata: [String: String] = [:]
  ) throws(DigitsError) {
    self.first = first
    self.firstBias = firstBias
    self.second = second
    self.secondBias = secondBias
    self.metadata = metadata
    for (values, part) in zip([first, firstBias, second, secondBias], DigitsWeights.parts) {
      let count = part.shape.reduce(1, *)
      guard values.count == count else {
        throw DigitsError(
          .invalidWeights, nil, "\(part.name) was given \(values.count) numbers; it takes \(count)")
      }
      guard values.allSatisfy(\.isFinite) else {
        throw DigitsError(.invalidWeights, nil, "a number of \(part.name) is not finite")
      }
    }
  }

  /// The tensors of the file.
  private static let parts: [(name: String, shape: [Int])] = [
    ("first.weight", [Digits.pixelCount, hiddenCount]), ("first.bias", [hiddenCount]),
    ("second.weight", [hiddenCount, Digits.classCount]), ("second.bias", [Digits.classCount]),
  ]

  /// Reads weights from a safetensors file.
  /// - Parameter path: the file; nil looks for `digits-mlp.safetensors` where `Digits.load`
  ///   looks for the images.
  /// - Throws: `fileNotFound`, `unreadable`; `malformed` for what is no such file or holds
  ///   another network.
  public static func load(from path: String? = nil) throws(DigitsError) -> DigitsWeights {
    let path = try DataFile.locate("digits-mlp.safetensors", given: path)
    let file: SafetensorsFile
    let tensors: [StoredTensor]
    do throws(TensorFileError) {
      let opened = try SafetensorsFile(FileBytes(path: path, limit: 1 << 24))
      tensors = try parts.map { part throws(TensorFileError) in try opened.tensor(part.name) }
      file = opened
    } catch {
      throw DigitsError(error, path)
    }
    for (tensor, part) in zip(tensors, parts)
    where tensor.kind != .float32 || tensor.shape != part.shape {
      throw DigitsError(
        .malformed, path,
        "\(part.name) is \(tensor.kind) of shape \(tensor.shape) instead of float32 of shape "
          + "\(part.shape)")
    }
    let lists = tensors.map { floats($0.bytes) }
    guard file.entries.count == parts.count else {
      throw DigitsError(
        .malformed, path, "the file has \(file.entries.count) tensors instead of \(parts.count)")
    }
    do {
      return try DigitsWeights(
        first: lists[0], firstBias: lists[1], second: lists[2], secondBias: lists[3],
        metadata: file.metadata)
    } catch {
      throw DigitsError(.malformed, path, error.message)
    }
  }

  /// Writes the weights to a safetensors file, which appears whole or not at all.
  /// - Throws: `unwritable`; what was at `path` is then untouched.
  public func write(to path: String) throws(DigitsError) {
    do throws(TensorFileError) {
      var tensors: [String: StoredTensor] = [:]
      for (part, values) in zip(DigitsWeights.parts, [first, firstBias, second, secondBias]) {
        tensors[part.name] = try StoredTensor(
          .float32, shape: part.shape, bytes: FileBytes(values))
      }
      try SafetensorsFile.write(tensors, metadata: metadata, to: path)
    } catch {
      throw DigitsError(error, path)
    }
  }

  private static func floats(_ bytes: FileBytes) -> [Float] {
    bytes.withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: 4).map {
        raw.loadUnaligned(fromByteOffset: $0, as: Float.self)
      }
    }
  }
}
