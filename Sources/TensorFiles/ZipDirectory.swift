/// One file in a zip archive.
struct ZipEntry: Sendable {
  let name: String
  let isDeflated: Bool
  let checksum: UInt32
  /// Its bytes when inflated.
  let byteCount: Int
  /// As they lie in the archive.
  let stored: FileBytes
}

/// The directory at the end of a zip archive, as PKWARE's APPNOTE 6.3.10 describes it, with zip64.
///
/// Nothing is believed: sizes and places are held against the archive, files may not overlap,
/// and both descriptions of a file must agree. Nothing but the directory and the heads of the
/// files is looked at.
struct ZipDirectory {
  let entries: [ZipEntry]

  /// - Throws: `malformed`; `unsupported` for encryption, several disks, and methods other than
  ///   stored and deflated.
  init(_ archive: FileBytes) throws(TensorFileError) {
    let (records, count) = try ZipDirectory.find(archive)
    var reader = ByteReader(archive[records], "the zip directory")
    var entries: [ZipEntry] = []
    var places: [Range<Int>] = []
    var names: Set<String> = []
    for _ in 0..<count {
      let record = try ZipRecord(&reader)
      let (entry, place) = try record.entry(in: archive[0..<records.lowerBound])
      guard names.insert(entry.name).inserted else {
        throw .malformed("\(shown(entry.name)) is there twice")
      }
      entries.append(entry)
      places.append(place)
    }
    guard reader.isAtEnd else { throw .malformed("the zip directory has more than its entries") }
    // Entries that share bytes could say more than the archive has room for.
    places.sort { $0.lowerBound < $1.lowerBound }
    for (a, b) in zip(places, places.dropFirst()) where a.upperBound > b.lowerBound {
      throw .malformed("files of the archive overlap at byte \(b.lowerBound)")
    }
    self.entries = entries
  }

  private static let endLength = 22
  private static let locatorLength = 20

  /// Where the directory lies, and how many files it has.
  private static func find(
    _ archive: FileBytes
  ) throws(TensorFileError) -> (records: Range<Int>, count: Int) {
    let end = try findEnd(archive)
    var reader = ByteReader(archive[end..<end + endLength], "the end of the zip directory")
    try reader.skip(4)
    let disks = [try reader.uint16(), try reader.uint16()]
    let counts = [try reader.uint16(), try reader.uint16()]
    var (count, here) = (UInt64(counts[1]), UInt64(counts[0]))
    var size = UInt64(try reader.uint32())
    var offset = UInt64(try reader.uint32())
    var limit = end
    if count == 0xFFFF || here == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF,
      let large = try findLarge(archive, before: end)
    {
      (count, here, size, offset, limit) = large
    } else if disks != [0, 0] {
      throw several
    }
    guard count == here else { throw several }
    // The directory lies right before its end, so that nothing is hidden between.
    guard offset <= limit, size == UInt64(limit) - offset else {
      throw .malformed(
        "the zip directory is to have \(size) bytes at \(offset); its end is at \(limit)")
    }
    guard count <= size / UInt64(ZipRecord.length) else {
      throw .malformed("the zip directory is to have \(count) files in \(size) bytes")
    }
    return (Int(offset)..<limit, Int(count))
  }

  private static let several = TensorFileError(
    .unsupported, "the zip archive is one of several disks")

  /// The record at the very end, which a comment may follow.
  private static func findEnd(_ archive: FileBytes) throws(TensorFileError) -> Int {
    let position = archive.withUnsafeBytes { bytes -> Int? in
      guard bytes.count >= endLength else { return nil }
      let last = bytes.count - endLength
      for position in stride(from: last, through: max(0, last - 0xFFFF), by: -1)
      where bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self) == 0x0605_4B50 {
        let comment = bytes.loadUnaligned(fromByteOffset: position + 20, as: UInt16.self)
        if position + endLength + Int(comment) == bytes.count { return position }
      }
      return nil
    }
    guard let position else {
      throw .malformed("the file is no zip archive, or its end is missing")
    }
    return position
  }

  /// What zip64 says instead, if it is there.
  private static func findLarge(
    _ archive: FileBytes, before end: Int
  ) throws(TensorFileError) -> (UInt64, UInt64, UInt64, UInt64, Int)? {
    guard end >= locatorLength else { return nil }
    var locator = ByteReader(archive[end - locatorLength..<end], "the zip64 locator")
    guard try locator.uint32() == 0x0706_4B50 else { return nil }
    let disk = try locator.uint32()
    let start = try locator.uint64()
    guard disk == 0, try locator.uint32() <= 1 else { throw several }
    guard start <= UInt64(end - locatorLength) else {
      throw .malformed("the zip64 record is to be at byte \(start), behind what points to it")
    }
    var record = ByteReader(
      archive[Int(start)..<end - locatorLength], "the zip64 end of the directory")
    guard try record.uint32() == 0x0606_4B50 else {
      throw .malformed("there is no zip64 record at byte \(start)")
    }
    guard try record.uint64() == UInt64(record.remaining) else {
      throw .malformed("the zip64 record at byte \(start) has the wrong size")
    }
    try record.skip(4)
    guard try record.uint32() == 0, try record.uint32() == 0 else { throw several }
    let here = try record.uint64()
    let count = try record.uint64()
    return (count, here, try record.uint64(), try record.uint64(), Int(start))
  }
}
