/// A safetensors file: eight bytes with the length of the header, little end first; the header,
/// in JSON; the elements of one tensor after the other.
///
/// Opening one looks at the header alone, and refuses what the format does not allow: every byte
/// must belong to one tensor, names are there once, text is UTF-8. Elements are read when a
/// tensor is asked for.
public struct SafetensorsFile: Sendable {
  /// What the file says about itself.
  public let metadata: [String: String]
  /// The tensors, in the order in which their elements follow each other.
  public let entries: [TensorFileEntry]

  private let path: String?
  private let parts: [String: (entry: TensorFileEntry, bytes: FileBytes)]

  /// The longest header that is read, which is the format's own limit.
  static let headerLimit = 100_000_000

  /// Opens a file.
  /// - Parameter isMapped: whether the file is mapped, so that only what is asked for is read
  ///   from the disk; see `FileBytes.init(path:isMapped:limit:)` for what that asks of others.
  /// - Throws: `fileNotFound`, `unreadable`, `malformed`, `outOfMemory`;
  ///   `unsupportedElementType` for types narrower than a byte, of eight bits or complex.
  public init(path: String, isMapped: Bool = true) throws(TensorFileError) {
    let bytes = try FileBytes(path: path, isMapped: isMapped) { start throws(TensorFileError) in
      guard start.count >= 9 else { return nil }
      let end = 8 + (try SafetensorsFile.headerLength(start))
      guard start[8] == UInt8(ascii: "{") else { throw SafetensorsFile.noHeader }
      guard start.count >= end else { return nil }
      let header = try SafetensorsFile.header(of: FileBytes(Array(start[..<end]))).header
      // Where parts overlap or leave gaps, that is said when they are looked at.
      let length = end.addingReportingOverflow(header.entries.map(\.end).max() ?? 0)
      return length.overflow ? .max : length.partialValue
    }
    do throws(TensorFileError) {
      try self.init(bytes, path: path)
    } catch {
      throw error.of(path)
    }
  }

  /// Takes the bytes of a file.
  /// - Throws: as `init(path:isMapped:)`.
  public init(_ bytes: FileBytes) throws(TensorFileError) { try self.init(bytes, path: nil) }

  private init(_ bytes: FileBytes, path: String?) throws(TensorFileError) {
    let (header, end) = try SafetensorsFile.header(of: bytes)
    let data = bytes[end..<bytes.count]
    var position = 0
    var entries: [TensorFileEntry] = []
    var parts: [String: (entry: TensorFileEntry, bytes: FileBytes)] = [:]
    for entry in header.entries.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      let name = shown(entry.name)
      guard entry.start == position, entry.end >= position else {
        throw .malformed(
          "\(name) goes from byte \(entry.start) to \(entry.end) of the data; \(position) is next")
      }
      guard entry.end <= data.count else {
        throw .malformed(
          "\(name) ends at byte \(entry.end) of the data; the file has \(data.count)")
      }
      guard entry.type.byteCount(entry.shape) == entry.end - entry.start else {
        throw .malformed(
          "\(name) has \(entry.end - entry.start) bytes, which the shape \(shown(entry.shape)) of "
            + "\(entry.type) does not")
      }
      let known = TensorFileEntry(
        name: entry.name, storedType: entry.type, shape: entry.shape)
      entries.append(known)
      parts[entry.name] = (known, data[entry.start..<entry.end])
      position = entry.end
    }
    guard position == data.count else {
      throw .malformed("\(data.count - position) bytes at the end belong to no tensor")
    }
    self.metadata = header.metadata
    self.entries = entries
    self.path = path
    self.parts = parts
  }

  private static let noHeader = TensorFileError.malformed(
    "there is no { at byte 8 of the file, where the header begins")

  private static func headerLength(
    _ start: UnsafeRawBufferPointer
  ) throws(TensorFileError) -> Int {
    let length = start.loadUnaligned(as: UInt64.self)
    guard length <= UInt64(headerLimit) else {
      throw .malformed("the header has \(length) bytes; the format allows \(headerLimit)")
    }
    return Int(length)
  }

  private static func header(
    of bytes: FileBytes
  ) throws(TensorFileError) -> (header: SafetensorsHeader, end: Int) {
    guard bytes.count >= 8 else {
      throw .malformed("the file has \(bytes.count) bytes; the header's length alone takes 8")
    }
    let length = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    guard length <= UInt64(bytes.count - 8) else {
      throw .malformed(
        "the header is to have \(length) bytes; after its length the file has \(bytes.count - 8)")
    }
    let end = 8 + (try bytes.withUnsafeBytes(headerLength))
    let text = bytes[8..<end].array
    guard text.first == UInt8(ascii: "{") else { throw noHeader }
    do throws(JSONCursor.Failure) {
      return (try SafetensorsHeader(text[...]), end)
    } catch {
      throw TensorFileError(
        error.code, "\(error.message) at byte \(error.position + 8) of the file")
    }
  }

  /// Reads a tensor; where the file is mapped its elements stay in the file.
  /// - Parameter converting: whether float64 is rounded to float32, and integers of other widths
  ///   become int32.
  /// - Throws: `tensorNotFound`; `unsupportedElementType` for these types otherwise;
  ///   `valueOutOfRange` for a number that the new type cannot hold; `malformed` for a bool that
  ///   is neither 0 nor 1.
  public func tensor(
    _ name: String, converting: Bool = false
  ) throws(TensorFileError) -> StoredTensor {
    guard let part = parts[name] else {
      throw .notFound(name, among: entries, path)
    }
    do throws(TensorFileError) {
      return try EncodedTensor(
        type: part.entry.storedType, shape: part.entry.shape, bytes: part.bytes
      ).decoded(name: name, converting: converting)
    } catch {
      throw path.map(error.of) ?? error
    }
  }
}

extension TensorFileError {
  static func notFound(
    _ name: String, among entries: [TensorFileEntry], _ path: String?
  ) -> TensorFileError {
    let names = entries.prefix(8).map { shown($0.name) }.joined(separator: ", ")
    let list = entries.isEmpty ? "none" : names + (entries.count > 8 ? ", …" : "")
    return TensorFileError(
      .tensorNotFound, "there is no tensor \(shown(name)); there are \(list)", path: path)
  }
}
