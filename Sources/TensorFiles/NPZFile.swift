/// An npz file, NumPy's format for several arrays: a zip archive of npy files, `name.npy` for
/// each array.
///
/// Opening one looks at the directory and at the header of each array; elements are read when a
/// tensor is asked for. Stored and deflated arrays are read, and both are held against their
/// checksum.
public struct NPZFile: Sendable {
  /// The arrays, in the order of the directory.
  public let entries: [TensorFileEntry]

  private let path: String?
  private let parts: [String: Part]

  private struct Part {
    let file: ZipEntry
    let header: NPYHeader
    let headerLength: Int
  }

  /// Opens a file, and reads it whole.
  /// - Parameter inflatedLimit: the most bytes that all deflated arrays together may have once
  ///   they are inflated; a thousandth of that in the file is enough to fill it.
  /// - Throws: `fileNotFound`, `unreadable`, `malformed`, `outOfMemory`; `unsupported` for
  ///   encryption and other methods of compression; `unsupportedElementType` for types that
  ///   `NPYFile` reads under no circumstances.
  public init(path: String, inflatedLimit: Int = 1 << 32) throws(TensorFileError) {
    let bytes = try FileBytes(path: path) { start throws(TensorFileError) in
      // How long it is its end says.
      guard start.count < 4 || start.starts(with: Array("PK".utf8)) else {
        throw .malformed("the file does not begin with PK, as zip archives do")
      }
      return nil
    }
    do throws(TensorFileError) {
      try self.init(bytes, path: path, inflatedLimit: inflatedLimit)
    } catch {
      throw error.of(path)
    }
  }

  /// Takes the bytes of a file.
  /// - Throws: as `init(path:inflatedLimit:)`.
  public init(_ bytes: FileBytes, inflatedLimit: Int = 1 << 32) throws(TensorFileError) {
    try self.init(bytes, path: nil, inflatedLimit: inflatedLimit)
  }

  private init(
    _ bytes: FileBytes, path: String?, inflatedLimit: Int
  ) throws(TensorFileError) {
    let files = try ZipDirectory(bytes).entries
    var room = inflatedLimit
    for file in files where file.isDeflated {
      guard file.byteCount <= room else {
        throw .malformed(
          "the arrays are to have more than \(inflatedLimit) bytes once they are inflated; a larger "
            + "inflatedLimit allows that")
      }
      room -= file.byteCount
    }
    var entries: [TensorFileEntry] = []
    var parts: [String: Part] = [:]
    for file in files {
      // Some programs write down the folders as well.
      if file.byteCount == 0, file.name.utf8.last == UInt8(ascii: "/") { continue }
      guard file.name.utf8.suffix(NPZFile.suffix.utf8.count).elementsEqual(NPZFile.suffix.utf8),
        let name = String(file.name.utf8.dropLast(NPZFile.suffix.utf8.count))
      else {
        throw TensorFileError(
          .unsupported, "\(shown(file.name)) is in the archive, but is no \(NPZFile.suffix) file")
      }
      let part = try NPZFile.part(file, name)
      parts[name] = part
      entries.append(
        TensorFileEntry(name: name, storedType: part.header.type, shape: part.header.shape))
    }
    self.entries = entries
    self.path = path
    self.parts = parts
  }

  private static let suffix = ".npy"

  private static func part(_ file: ZipEntry, _ name: String) throws(TensorFileError) -> Part {
    do throws(TensorFileError) {
      let length = try NPYHeader.byteCount(file.prefix(NPYHeader.startByteCount))
      let bytes = try file.prefix(length)
      guard bytes.count == length else {
        throw .malformed("the header ends at byte \(length); the array's file ends before")
      }
      let header = try NPYHeader(bytes)
      let count = try header.dataByteCount()
      guard file.byteCount - length == count else {
        throw .malformed(
          "\(header.type) of shape \(shown(header.shape)) has \(count) bytes; the array's file has "
            + "\(file.byteCount - length) after its header")
      }
      return Part(file: file, header: header, headerLength: length)
    } catch {
      throw TensorFileError(error.code, "\(shown(name)): \(error.message)")
    }
  }

  /// Reads a tensor.
  /// - Parameter converting: as for `NPYFile.read`.
  /// - Throws: `tensorNotFound`; `malformed` for what does not inflate to what it should, or has
  ///   another checksum; `unsupportedElementType`, `valueOutOfRange`, `outOfMemory`.
  public func tensor(
    _ name: String, converting: Bool = false
  ) throws(TensorFileError) -> StoredTensor {
    guard let part = parts[name] else { throw .notFound(name, among: entries, path) }
    do throws(TensorFileError) {
      guard part.header.type.kind != nil || converting else {
        throw part.header.type.unsupported(in: name)
      }
      let bytes: FileBytes
      do throws(TensorFileError) {
        bytes = try part.file.contents()
      } catch {
        throw TensorFileError(error.code, "\(shown(name)): \(error.message)")
      }
      return try part.header.tensor(
        bytes[part.headerLength..<bytes.count], name: name, converting: converting)
    } catch {
      throw path.map(error.of) ?? error
    }
  }

  /// Writes a file, which appears whole or not at all: arrays stored, sorted by name, zip64 where
  /// 32 bits are not enough. The same tensors give the same bytes.
  /// - Throws: `unwritable`, and what was at `path` is then untouched; `unsupportedElementType`
  ///   for bfloat16; `invalidTensor` for a name that is no relative path.
  public static func write(
    _ tensors: [String: StoredTensor], to path: String
  ) throws(TensorFileError) {
    do throws(TensorFileError) {
      try AtomicFile.writeTensors(encoded(tensors), to: path)
    } catch {
      throw error.of(path)
    }
  }

  /// The parts of a file, one after the other.
  static func encoded(
    _ tensors: [String: StoredTensor], writer: ZipWriter = ZipWriter()
  ) throws(TensorFileError) -> [FileBytes] {
    var writer = writer
    for (name, tensor) in tensors.sorted(by: {
      $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
    }) {
      let file = name + suffix
      guard ZipEntry.isSafe(file), file.utf8.count <= 0xFFFF else {
        throw TensorFileError(
          .invalidTensor,
          "\(shown(name)) is no name for an array in an archive: it is absolute, leads out of it, "
            + "holds control characters or a backslash, or is too long")
      }
      do throws(TensorFileError) {
        writer.add(file, try NPYFile.encoded(tensor))
      } catch {
        throw TensorFileError(error.code, "\(shown(name)): \(error.message)")
      }
    }
    writer.finish()
    return writer.parts
  }
}
