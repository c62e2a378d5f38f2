/// A safetensors file of float32 tensors: eight bytes with the length of the header, little end
/// first; the header, in JSON; the numbers.
struct Safetensors {
  struct Tensor {
    let name: String
    let shape: [Int]
    let values: [Float]
  }

  let tensors: [Tensor]
  let metadata: [String: String]

  init(tensors: [Tensor], metadata: [String: String]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a file. Every byte of it must be accounted for: the tensors follow each other without
  /// gaps or overlaps.
  init(_ bytes: [UInt8], path: String) throws(DigitsError) {
    func malformed(_ message: String) -> DigitsError { DigitsError(.malformed, path, message) }

    guard bytes.count >= 8 else {
      throw malformed("the file has \(bytes.count) bytes; the header's length alone takes 8")
    }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else {
      throw malformed(
        "the header is to have \(length) bytes; after its length the file has \(bytes.count - 8)")
    }
    let end = 8 + Int(length)
    let header: SafetensorsHeader
    do {
      header = try SafetensorsHeader(bytes[8..<end])
    } catch {
      throw malformed("\(error.message) at byte \(error.position) of the file")
    }
    var position = 0
    var tensors: [Tensor] = []
    for entry in header.entries.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      let name = entry.name.debugDescription
      guard entry.elementType == "F32" else {
        throw malformed("\(name) is of type \(entry.elementType.debugDescription) instead of F32")
      }
      guard entry.start == position, entry.end >= position else {
        throw malformed(
          "\(name) goes from byte \(entry.start) to \(entry.end) of the data; \(position) is next")
      }
      guard entry.end <= bytes.count - end else {
        throw malformed(
          "\(name) ends at byte \(entry.end) of the data; the file has \(bytes.count - end)")
      }
      guard Safetensors.byteCount(entry.shape) == entry.end - entry.start else {
        throw malformed(
          "\(name) has \(entry.end - entry.start) bytes, which the shape \(entry.shape) does not")
      }
      let data = bytes[(end + entry.start)..<(end + entry.end)]
      tensors.append(
        Tensor(name: entry.name, shape: entry.shape, values: Safetensors.floats(data)))
      position = entry.end
    }
    guard position == bytes.count - end else {
      throw malformed("\(bytes.count - end - position) bytes at the end belong to no tensor")
    }
    self.init(tensors: tensors, metadata: header.metadata)
  }

  /// nil if there are more bytes than can be counted.
  private static func byteCount(_ shape: [Int]) -> Int? {
    var count = MemoryLayout<Float>.size
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      count = product
    }
    return count
  }

  private static func floats(_ data: ArraySlice<UInt8>) -> [Float] {
    data.withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: 4).map { offset in
        let bits = raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: bits))
      }
    }
  }

  /// The file: the same tensors and metadata give the same bytes.
  var bytes: [UInt8] {
    var data: [UInt8] = []
    var entries: [SafetensorsHeader.Entry] = []
    for tensor in tensors {
      let start = data.count
      for value in tensor.values {
        let bits = value.bitPattern
        for shift in stride(from: 0, to: 32, by: 8) {
          data.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
      }
      entries.append(
        SafetensorsHeader.Entry(
          name: tensor.name, elementType: "F32", shape: tensor.shape, start: start,
          end: data.count))
    }
    var header = Array(SafetensorsHeader(entries: entries, metadata: metadata).text.utf8)
    // So that the numbers begin at a multiple of eight bytes; blanks are allowed there.
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    let length = UInt64(header.count)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return prefix + header + data
  }
}
