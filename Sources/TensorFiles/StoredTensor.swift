/// The elements of a tensor as they lie in memory or in a file: row-major, without gaps, the
/// little end first. A bool is one byte, 0 or 1.
public struct StoredTensor: Sendable {
  /// The type of the elements.
  public let kind: ElementKind
  /// The sizes of the dimensions, outermost first; empty for a scalar.
  public let shape: [Int]
  /// The elements.
  public let bytes: FileBytes

  /// A tensor of these bytes.
  /// - Throws: `invalidTensor` if the shape does not take so many bytes, or a bool is neither 0
  ///   nor 1.
  public init(_ kind: ElementKind, shape: [Int], bytes: FileBytes) throws(TensorFileError) {
    guard let count = StoredType(kind).byteCount(shape) else {
      throw TensorFileError(
        .invalidTensor, "\(shown(shape)) is no shape: a size is negative, or they are too large")
    }
    guard bytes.count == count else {
      throw TensorFileError(
        .invalidTensor,
        "\(kind) of shape \(shown(shape)) was given \(bytes.count) bytes; it takes \(count)")
    }
    if kind == .bool, let index = bytes.indexOfNoBool {
      throw TensorFileError(.invalidTensor, "byte \(index) is to be a bool, but is not 0 or 1")
    }
    self.init(unchecked: kind, shape: shape, bytes: bytes)
  }

  init(unchecked kind: ElementKind, shape: [Int], bytes: FileBytes) {
    self.kind = kind
    self.shape = shape
    self.bytes = bytes
  }
}

/// A tensor in a file: what is known of it without its elements.
public struct TensorFileEntry: Sendable, Hashable {
  /// What the file calls it.
  public let name: String
  /// The type of the elements in the file.
  public let storedType: StoredType
  /// The sizes of the dimensions, outermost first; empty for a scalar.
  public let shape: [Int]
}

extension FileBytes {
  /// Swift may rely on a bool being 0 or 1.
  var indexOfNoBool: Int? { withUnsafeBytes { $0.firstIndex { $0 > 1 } } }
}
