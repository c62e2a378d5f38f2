/// Reads the one form of a Python dictionary that stands in npy files, and nothing else.
struct PythonCursor {
  private let bytes: [UInt8]
  private var position: Int

  init(_ bytes: [UInt8], from position: Int) {
    self.bytes = bytes
    self.position = position
  }

  func failure(
    _ message: String, _ code: TensorFileError.Code = .malformed
  ) -> TensorFileError {
    TensorFileError(code, "\(message) at byte \(position) of the npy header")
  }

  private var current: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard let byte = current, byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(TensorFileError) {
    guard take(character) else { throw failure("there is no \(character)") }
  }

  /// Calls `member` with each key, to read its value. Nothing but blanks may follow.
  mutating func dictionary(
    _ member: (String, inout PythonCursor) throws(TensorFileError) -> Void
  ) throws(TensorFileError) {
    var keys: Set<String> = []
    try expect("{")
    while !take("}") {
      let key = try string()
      guard keys.insert(key).inserted else { throw failure("\(shown(key)) is there twice") }
      try expect(":")
      try member(key, &self)
      guard take(",") else {
        try expect("}")
        break
      }
    }
    skipBlanks()
    guard current == nil else { throw failure("there is more than a dictionary") }
  }

  mutating func typeName() throws(TensorFileError) -> String {
    skipBlanks()
    if current == UInt8(ascii: "[") || current == UInt8(ascii: "(") {
      throw failure(
        "the elements are structures, or arrays; read are \(ElementKind.list)",
        .unsupportedElementType)
    }
    return try string()
  }

  mutating func truth() throws(TensorFileError) -> Bool {
    skipBlanks()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw failure("there is neither True nor False")
  }

  mutating func tuple() throws(TensorFileError) -> [Int] {
    try expect("(")
    var list: [Int] = []
    while !take(")") {
      list.append(try integer())
      guard take(",") else {
        try expect(")")
        // In Python (3) is a number.
        if list.count == 1 { throw failure("a shape of one size has no comma after it") }
        break
      }
    }
    return list
  }

  private mutating func integer() throws(TensorFileError) -> Int {
    skipBlanks()
    let digits = bytes[position...].prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard let value = Int(String(decoding: digits, as: UTF8.self)),
      digits.count == 1 || digits.first != UInt8(ascii: "0")
    else { throw failure("there is no whole number that can be counted to") }
    position = digits.endIndex
    // As Python 2 wrote its long numbers.
    if current == UInt8(ascii: "L") { position += 1 }
    return value
  }

  private mutating func string() throws(TensorFileError) -> String {
    skipBlanks()
    guard let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw failure("there is no text in quotes")
    }
    let start = position + 1
    position = start
    while let byte = current, byte != quote {
      guard (0x20..<0x7F).contains(byte), byte != UInt8(ascii: "\\") else {
        throw failure("a text holds what is no ASCII, or an escape")
      }
      position += 1
    }
    guard current == quote else { throw failure("a text has no end") }
    defer { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }
}
