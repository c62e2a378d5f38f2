/// What the directory of a zip archive says of one file.
struct ZipRecord {
  /// Without name, extra fields and comment.
  static let length = 46
  private static let localLength = 30

  private let name: FileBytes
  private let flags: UInt16
  private let method: UInt16
  private let checksum: UInt32
  private var size: UInt64
  private var storedSize: UInt64
  private var offset: UInt64

  init(_ reader: inout ByteReader) throws(TensorFileError) {
    guard try reader.uint32() == 0x0201_4B50 else {
      throw .malformed("the zip directory has something else where a file should be")
    }
    try reader.skip(4)
    flags = try reader.uint16()
    method = try reader.uint16()
    // The time.
    try reader.skip(4)
    checksum = try reader.uint32()
    storedSize = UInt64(try reader.uint32())
    size = UInt64(try reader.uint32())
    let nameLength = Int(try reader.uint16())
    let extraLength = Int(try reader.uint16())
    let commentLength = Int(try reader.uint16())
    let disk = try reader.uint16()
    // Attributes.
    try reader.skip(6)
    offset = UInt64(try reader.uint32())
    name = try reader.take(nameLength)
    try readLarge(try reader.take(extraLength))
    try reader.skip(commentLength)
    guard disk == 0 || disk == 0xFFFF else {
      throw TensorFileError(.unsupported, "the zip archive is one of several disks")
    }
  }

  /// Numbers that 32 bits cannot hold stand in an extra field, in this order.
  private mutating func readLarge(_ extra: FileBytes) throws(TensorFileError) {
    var fields = ByteReader(extra, "an extra field of the zip directory")
    // Some programs pad with what is too short for a field.
    while fields.remaining >= 4 {
      let kind = try fields.uint16()
      let field = try fields.take(Int(try fields.uint16()))
      guard kind == 1 else { continue }
      var numbers = ByteReader(field, "a zip64 field")
      if size == 0xFFFF_FFFF { size = try numbers.uint64() }
      if storedSize == 0xFFFF_FFFF { storedSize = try numbers.uint64() }
      if offset == 0xFFFF_FFFF { offset = try numbers.uint64() }
    }
  }

  /// The file, and all bytes of the archive that it takes.
  /// - Parameter files: the archive up to its directory.
  func entry(in files: FileBytes) throws(TensorFileError) -> (ZipEntry, place: Range<Int>) {
    guard let text = name.withUnsafeBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw .malformed("the name of a file in the archive is no UTF-8")
    }
    func fails(_ message: String) -> TensorFileError { .malformed("\(shown(text)) \(message)") }
    // A folder's name ends with a slash.
    let isFolder = text.utf8.last == UInt8(ascii: "/") && size == 0
    guard ZipEntry.isSafe(isFolder ? String(text.dropLast()) : text) else {
      throw fails("is no name for a file in an archive: it is absolute, or leads out of it")
    }
    // Encrypted, patched, encrypted strongly, with a hidden directory.
    guard flags & 0x2061 == 0 else {
      throw TensorFileError(.unsupported, "\(shown(text)) is encrypted or patched")
    }
    guard method == 0 || method == 8 else {
      throw TensorFileError(
        .unsupported,
        "\(shown(text)) is compressed by method \(method); read are 0, stored, and 8, deflated")
    }
    guard offset <= UInt64(files.count), files.count - Int(offset) >= ZipRecord.localLength else {
      throw fails("is to be at byte \(offset), where there is no room for it")
    }
    let start = Int(offset)
    var local = ByteReader(files[start..<files.count], "the archive")
    guard try local.uint32() == 0x0403_4B50 else { throw fails("is not at byte \(start)") }
    try local.skip(2)
    let localFlags = try local.uint16()
    let localMethod = try local.uint16()
    try local.skip(4)
    let localChecksum = try local.uint32()
    let localSizes = [UInt64(try local.uint32()), UInt64(try local.uint32())]
    let nameLength = Int(try local.uint16())
    let extraLength = Int(try local.uint16())
    let isAlike = try local.take(nameLength).array == name.array
    try local.skip(extraLength)
    // Bit 3: the sizes follow the file; else 0xFFFFFFFF: they are in an extra field.
    let agrees =
      isAlike && localMethod == method
      && (localFlags & 8 != 0
        || localChecksum == checksum
          && zip(localSizes, [storedSize, size]).allSatisfy { $0 == 0xFFFF_FFFF || $0 == $1 })
    guard agrees else { throw fails("is described in two ways") }
    guard storedSize <= UInt64(local.remaining) else {
      throw fails("is to have \(storedSize) bytes; the archive has \(local.remaining) there")
    }
    try checkSize(fails)
    let stored = try local.take(Int(storedSize))
    let end = files.count - local.remaining
    return (
      ZipEntry(
        name: text, isDeflated: method == 8, checksum: checksum, byteCount: Int(size),
        stored: stored), start..<end
    )
  }

  private func checkSize(_ fails: (String) -> TensorFileError) throws(TensorFileError) {
    if method == 0 {
      guard size == storedSize else {
        throw fails("is stored in \(storedSize) bytes, but is to have \(size)")
      }
    } else {
      let (most, overflow) = storedSize.multipliedReportingOverflow(
        by: UInt64(Inflater.largestRatio))
      guard size <= UInt64(Int.max), overflow || size <= most else {
        throw fails("is to have \(size) bytes, more than \(storedSize) deflated ones can hold")
      }
    }
  }
}

extension ZipEntry {
  /// A name that stays inside of the folder the archive would be unpacked in, on any system.
  static func isSafe(_ name: String) -> Bool {
    // Bytes, not characters: a mark that combines with a slash does not keep it from being one.
    let bytes = Array(name.utf8)
    guard !bytes.contains(where: { $0 == UInt8(ascii: "\\") || $0 < 0x20 || $0 == 0x7F }) else {
      return false
    }
    let steps = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return steps.allSatisfy { step in
      !step.isEmpty && !step.elementsEqual(".".utf8) && !step.elementsEqual("..".utf8)
    }
  }

  /// The first bytes of the file; fewer if it has no more.
  func prefix(_ count: Int) throws(TensorFileError) -> [UInt8] {
    let count = min(count, byteCount)
    return isDeflated
      ? try Inflater.prefix(of: stored, count: count) : stored[0..<count].array
  }

  /// The whole file, its checksum compared.
  func contents() throws(TensorFileError) -> FileBytes {
    let bytes = isDeflated ? try Inflater.all(of: stored, count: byteCount) : stored
    guard CRC32.of([bytes]) == checksum else {
      throw .malformed("the checksum is wrong")
    }
    return bytes
  }
}
