/// What stands in front of an npy array: the magic `\x93NUMPY`, two bytes of version, the
/// header's length in two bytes (version 1) or four (versions 2 and 3), and a Python dictionary,
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`, padded with blanks.
struct NPYHeader {
  let type: StoredType
  let isBigEndian: Bool
  let isFortranOrdered: Bool
  let shape: [Int]

  /// The bytes that tell how long the rest is.
  static let startByteCount = 12
  /// What a header of types that are read here never comes near.
  private static let lengthLimit = 1 << 16
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The bytes before the array.
  /// - Parameter start: the file's first `startByteCount` bytes, or all if it has fewer.
  static func byteCount(_ start: [UInt8]) throws(TensorFileError) -> Int {
    guard start.prefix(6).elementsEqual(magic) else {
      throw .malformed("the file does not begin with \\x93NUMPY, as npy files do")
    }
    guard start.count >= 10 else {
      throw .malformed("the file has \(start.count) bytes and ends inside of its header")
    }
    let (major, minor) = (start[6], start[7])
    guard (1...3).contains(major), minor == 0 else {
      throw TensorFileError(
        .unsupported, "the file is npy version \(major).\(minor); read are 1.0, 2.0 and 3.0")
    }
    let width = major == 1 ? 2 : 4
    guard start.count >= 8 + width else {
      throw .malformed("the file has \(start.count) bytes and ends inside of its header")
    }
    let length = start[8..<8 + width].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= lengthLimit else {
      throw .malformed("the header is to have \(length) bytes; read are up to \(lengthLimit)")
    }
    return 8 + width + length
  }

  /// Takes the bytes that `byteCount` counts.
  init(_ bytes: [UInt8]) throws(TensorFileError) {
    var cursor = PythonCursor(bytes, from: bytes[6] == 1 ? 10 : 12)
    var type: (StoredType, isBigEndian: Bool)?
    var isFortranOrdered: Bool?
    var shape: [Int]?
    try cursor.dictionary { key, cursor throws(TensorFileError) in
      switch key {
      case "descr": type = try NPYHeader.type(try cursor.typeName())
      case "fortran_order": isFortranOrdered = try cursor.truth()
      case "shape": shape = try cursor.tuple()
      default: throw cursor.failure("\(shown(key)) is no property of an array")
      }
    }
    guard let type, let isFortranOrdered, let shape else {
      throw cursor.failure("the header lacks its descr, its fortran_order or its shape")
    }
    (self.type, isBigEndian) = type
    self.isFortranOrdered = isFortranOrdered
    self.shape = shape
  }

  /// The bytes of the array.
  func dataByteCount() throws(TensorFileError) -> Int {
    guard let count = type.byteCount(shape) else {
      throw .malformed("the shape \(shown(shape)) has more bytes than can be counted")
    }
    return count
  }
}

// MARK: Types

extension NPYHeader {
  private static let names: [StoredType: String] = [
    .float32: "f4", .float16: "f2", .int32: "i4", .uint8: "u1", .bool: "b1", .float64: "f8",
    .int64: "i8", .uint64: "u8", .uint32: "u4", .int16: "i2", .uint16: "u2", .int8: "i1",
  ]
  private static let types = Dictionary(uniqueKeysWithValues: names.map { ($1, $0) })

  private static func type(
    _ text: String
  ) throws(TensorFileError) -> (StoredType, isBigEndian: Bool) {
    let hasOrder = text.first.map { "<>|=".contains($0) } ?? false
    guard let type = types[String(hasOrder ? text.dropFirst() : text[...])] else {
      throw TensorFileError(
        .unsupportedElementType,
        "the file holds elements of type \(shown(text))\(hint(text)); read are "
          + ElementKind.allCases.compactMap { names[StoredType($0)] }.joined(separator: ", ")
          + ", and other integers and f8 if conversion is asked for")
    }
    return (type, text.first == ">")
  }

  private static func hint(_ text: String) -> String {
    switch text.first(where: \.isLetter) {
    case "V": " (NumPy writes bfloat16 so, and structures; save bfloat16 as safetensors)"
    case "O": " (Python objects)"
    case "U", "S", "a": " (text)"
    case "c": " (complex numbers)"
    case "M", "m": " (times)"
    default: ""
    }
  }

  /// The header of a tensor, byte for byte as NumPy writes it.
  /// - Throws: `unsupportedElementType` for bfloat16; `invalidTensor` for thousands of dimensions.
  static func text(_ kind: ElementKind, _ shape: [Int]) throws(TensorFileError) -> [UInt8] {
    guard let name = names[StoredType(kind)] else {
      throw TensorFileError(
        .unsupportedElementType,
        "npy has no \(kind): cast to float32, which holds all of its values, or write safetensors")
    }
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let order = kind.byteCount == 1 ? "|" : "<"
    var text =
      "{'descr': '\(order)\(name)', 'fortran_order': False, 'shape': (\(sizes)), }"
    // NumPy leaves room for the first size to grow to 21 digits in place.
    if let first = shape.first { text += String(repeating: " ", count: 21 - "\(first)".count) }
    // The array begins at a multiple of 64 bytes, after a line feed.
    text += String(repeating: " ", count: 64 - (text.utf8.count + 11) % 64) + "\n"
    guard let length = UInt16(exactly: text.utf8.count) else {
      throw TensorFileError(
        .invalidTensor, "\(shape.count) dimensions are more than an npy header has room for")
    }
    return magic + [1, 0, UInt8(truncatingIfNeeded: length), UInt8(length >> 8)] + Array(text.utf8)
  }
}
