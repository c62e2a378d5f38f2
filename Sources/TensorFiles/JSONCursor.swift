/// Reads JSON whose form is known beforehand, and nothing else: a decoder of JSON at large would
/// take the last of two members of one name without a word.
struct JSONCursor {
  struct Failure: Error {
    let code: TensorFileError.Code
    let message: String
    /// In the array that the bytes are a slice of.
    let position: Int
  }

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  func failure(_ message: String, _ code: TensorFileError.Code = .malformed) -> Failure {
    Failure(code: code, message: message, position: position)
  }

  private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  /// Steps over a character if it is the next one.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard let byte = current, byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    guard take(character) else { throw failure("there is no \(character)") }
  }

  /// Nothing but blanks may be left.
  mutating func end() throws(Failure) {
    skipBlanks()
    guard current == nil else { throw failure("there is more than one object") }
  }

  /// Calls `member` with each name, to read its value.
  mutating func object(
    _ member: (String, inout JSONCursor) throws(Failure) -> Void
  ) throws(Failure) {
    try expect("{")
    if take("}") { return }
    var names: Set<String> = []
    repeat {
      let name = try string()
      guard names.insert(name).inserted else {
        throw failure("\(shown(name)) is there twice")
      }
      try expect(":")
      try member(name, &self)
    } while take(",")
    try expect("}")
  }

  mutating func integers() throws(Failure) -> [Int] {
    try expect("[")
    if take("]") { return [] }
    var list: [Int] = []
    repeat { list.append(try integer()) } while take(",")
    try expect("]")
    return list
  }

  private mutating func integer() throws(Failure) -> Int {
    skipBlanks()
    let digits = bytes[position...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    // JSON has no numbers such as 007.
    guard let value = Int(String(decoding: digits, as: UTF8.self)),
      digits.count == 1 || digits.first != UInt8(ascii: "0")
    else { throw failure("there is no whole number that can be counted to") }
    position = digits.endIndex
    return value
  }

  mutating func string() throws(Failure) -> String {
    try expect("\"")
    var text: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw failure("a string is no UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): text += String(try escaped()).utf8
      case 0..<0x20: throw failure("a string holds a control character")
      default: text.append(byte)
      }
    }
    throw failure("a string has no end")
  }
}

// MARK: Escapes

extension JSONCursor {
  private mutating func escaped() throws(Failure) -> Character {
    guard let byte = current else { throw failure("a string has no end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return Character(Unicode.Scalar(byte))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return Character(try scalar())
    default: throw failure("a string holds an escape that JSON does not have")
    }
  }

  /// What follows `\u`, and a second such if the first is half of a pair.
  private mutating func scalar() throws(Failure) -> Unicode.Scalar {
    let first = try unit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard UTF16.isLeadSurrogate(first), bytes[position...].starts(with: [0x5C, 0x75]) else {
      throw failure("a string holds half of a surrogate pair")
    }
    position += 2
    let second = try unit()
    guard UTF16.isTrailSurrogate(second) else {
      throw failure("a string holds half of a surrogate pair")
    }
    return UTF16.decode(UTF16.EncodedScalar([first, second]))
  }

  private mutating func unit() throws(Failure) -> UInt16 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw failure("a string holds \\u without four hexadecimal digits") }
    position += 4
    return unit
  }

  /// A text as JSON has it; escaped as the safetensors library does.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\u{8}": result += "\\b"
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\u{C}": result += "\\f"
      case "\r": result += "\\r"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
