/// An npy file, NumPy's format for one array: a header, then the elements.
///
/// Versions 1, 2 and 3, both byte orders and both element orders are read; version 1, little end
/// first and row-major is written.
public enum NPYFile {
  /// Reads a file.
  /// - Parameter converting: whether float64 is rounded to float32, and integers of other widths
  ///   become int32.
  /// - Throws: `fileNotFound`, `unreadable`, `malformed`, `outOfMemory`;
  ///   `unsupportedElementType` for types that are not read; `valueOutOfRange` for a number that
  ///   the type it is converted to cannot hold.
  public static func read(
    path: String, converting: Bool = false
  ) throws(TensorFileError) -> StoredTensor {
    let bytes = try FileBytes(path: path) { start throws(TensorFileError) in
      guard start.count >= NPYHeader.startByteCount else { return nil }
      let end = try NPYHeader.byteCount(Array(start[..<NPYHeader.startByteCount]))
      guard start.count >= end else { return nil }
      let length = end.addingReportingOverflow(try NPYHeader(Array(start[..<end])).dataByteCount())
      return length.overflow ? .max : length.partialValue
    }
    do throws(TensorFileError) {
      return try read(bytes, converting: converting)
    } catch {
      throw error.of(path)
    }
  }

  /// Takes the bytes of a file.
  /// - Throws: as `read(path:converting:)`.
  public static func read(
    _ bytes: FileBytes, converting: Bool = false
  ) throws(TensorFileError) -> StoredTensor {
    let end = try NPYHeader.byteCount(
      bytes[0..<min(bytes.count, NPYHeader.startByteCount)].array)
    guard end <= bytes.count else {
      throw .malformed("the header ends at byte \(end); the file has \(bytes.count)")
    }
    let header = try NPYHeader(bytes[0..<end].array)
    let data = bytes[end..<bytes.count]
    let count = try header.dataByteCount()
    guard data.count == count else {
      throw .malformed(
        "\(header.type) of shape \(shown(header.shape)) has \(count) bytes; the file has "
          + "\(data.count) after its header")
    }
    return try header.tensor(data, name: nil, converting: converting)
  }

  /// Writes a file, which appears whole or not at all; byte for byte what `numpy.save` writes.
  /// - Throws: `unwritable`, and what was at `path` is then untouched; `unsupportedElementType`
  ///   for bfloat16, which npy does not have; `invalidTensor` for thousands of dimensions.
  public static func write(_ tensor: StoredTensor, to path: String) throws(TensorFileError) {
    do throws(TensorFileError) {
      try AtomicFile.writeTensors(encoded(tensor), to: path)
    } catch {
      throw error.of(path)
    }
  }

  /// The parts of a file, one after the other.
  static func encoded(_ tensor: StoredTensor) throws(TensorFileError) -> [FileBytes] {
    [FileBytes(try NPYHeader.text(tensor.kind, tensor.shape)), tensor.bytes]
  }
}

extension NPYHeader {
  func tensor(
    _ data: FileBytes, name: String?, converting: Bool
  ) throws(TensorFileError) -> StoredTensor {
    try EncodedTensor(
      type: type, shape: shape, isBigEndian: isBigEndian, isFortranOrdered: isFortranOrdered,
      bytes: data
    ).decoded(name: name, converting: converting)
  }
}
