/// Puts stored files into a zip archive. The same files give the same bytes.
struct ZipWriter {
  private(set) var parts: [FileBytes] = []
  private var position = 0
  private var directory: [UInt8] = []
  private var count = 0
  /// From here on numbers go into zip64 fields; smaller in tests.
  private let sizeLimit: UInt64
  private let countLimit: Int

  init(sizeLimit: UInt64 = 0xFFFF_FFFF, countLimit: Int = 0xFFFF) {
    self.sizeLimit = sizeLimit
    self.countLimit = countLimit
  }

  /// Adds a file.
  /// - Parameter name: short enough for 16 bits to count.
  mutating func add(_ name: String, _ contents: [FileBytes]) {
    let name = Array(name.utf8)
    let size = UInt64(contents.reduce(0) { $0 + $1.count })
    let checksum = CRC32.of(contents)
    let offset = UInt64(position)
    let isLarge = size >= sizeLimit
    // Local: both sizes or none.
    var local = extra(isLarge ? [size, size] : [])
    add(
      head(0x0403_4B50, isLarge: isLarge, size, checksum, name, extraLength: local.count) + name
        + local)
    for part in contents { add(part) }
    local = extra((isLarge ? [size, size] : []) + (offset >= sizeLimit ? [offset] : []))
    directory += head(
      0x0201_4B50, isLarge: isLarge, size, checksum, name, extraLength: local.count,
      needs64: !local.isEmpty)
    // No comment, the first disk, no attributes.
    directory += [0, 0, 0, 0, 0, 0]
    // What owner, group and others may do on Unix: 0600, as Python's zipfile says.
    directory.append(UInt32(0o600 << 16))
    directory.append(narrow(offset))
    directory += name + local
    count += 1
  }

  /// Adds the directory; nothing can be added after.
  mutating func finish() {
    let start = UInt64(position)
    let size = UInt64(directory.count)
    add(directory)
    if start >= sizeLimit || size >= sizeLimit || count >= countLimit {
      let record = UInt64(position)
      var large: [UInt8] = []
      large.append(UInt32(0x0606_4B50))
      large.append(UInt64(44))
      large.append(UInt16(45))
      large.append(UInt16(45))
      large.append(UInt64(0))
      for number in [UInt64(count), UInt64(count), size, start] { large.append(number) }
      large.append(UInt32(0x0706_4B50))
      large.append(UInt32(0))
      large.append(record)
      large.append(UInt32(1))
      add(large)
    }
    var end: [UInt8] = []
    end.append(UInt32(0x0605_4B50))
    end.append(UInt32(0))
    for _ in 0..<2 { end.append(count >= countLimit ? 0xFFFF : UInt16(count)) }
    end.append(narrow(size))
    end.append(narrow(start))
    end.append(UInt16(0))
    add(end)
  }

  private mutating func add(_ part: FileBytes) {
    parts.append(part)
    position += part.count
  }

  private mutating func add(_ bytes: [UInt8]) { add(FileBytes(bytes)) }

  private func narrow(_ number: UInt64) -> UInt32 {
    number >= sizeLimit ? 0xFFFF_FFFF : UInt32(number)
  }

  private func extra(_ numbers: [UInt64]) -> [UInt8] {
    guard !numbers.isEmpty else { return [] }
    var field: [UInt8] = []
    field.append(UInt16(1))
    field.append(UInt16(numbers.count * 8))
    for number in numbers { field.append(number) }
    return field
  }

  /// What stands both before a file and in the directory.
  private func head(
    _ signature: UInt32, isLarge: Bool, _ size: UInt64, _ checksum: UInt32, _ name: [UInt8],
    extraLength: Int, needs64: Bool? = nil
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    let version: UInt16 = needs64 ?? isLarge ? 45 : 20
    bytes.append(signature)
    // Made on Unix: for the directory alone.
    if signature == 0x0201_4B50 { bytes.append(UInt16(3 << 8) | version) }
    bytes.append(version)
    // Bit 11: the name is UTF-8.
    bytes.append(name.allSatisfy { $0 < 0x80 } ? UInt16(0) : 1 << 11)
    // Stored, on 1 January 1980, the first day there is.
    bytes.append(UInt16(0))
    bytes.append(UInt16(0))
    bytes.append(UInt16(0x21))
    bytes.append(checksum)
    bytes.append(isLarge ? 0xFFFF_FFFF : UInt32(size))
    bytes.append(isLarge ? 0xFFFF_FFFF : UInt32(size))
    bytes.append(UInt16(name.count))
    bytes.append(UInt16(extraLength))
    return bytes
  }
}
