import Testing

@testable import TensorFiles

@Suite("safetensors")
struct SafetensorsTests {
  static func file(_ header: String, data: Int) -> [UInt8] {
    let length = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private func file(_ header: String, data: Int) -> [UInt8] {
    SafetensorsTests.file(header, data: data)
  }

  private func read(_ header: String, data: Int) throws -> SafetensorsFile {
    try read(file(header, data: data))
  }

  private func read(_ bytes: [UInt8]) throws -> SafetensorsFile {
    try SafetensorsFile(FileBytes(bytes))
  }

  static func entry(
    _ name: String, _ shape: String, _ start: Int, _ end: Int, type: String = "F32"
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}"
  }

  private static let a = entry("a", "[2]", 0, 8)

  @Test("What other programs write is read")
  func reading() throws {
    let header = """
      { "__metadata__" : {"format":"pt", "\\u00e9\\uD83D\\ude00\\/" : "\\"\\\\\\b\\f\\n\\r\\t"},
      "b" : {"data_offsets":[8,32], "shape":[2, 3], "dtype":"F32"}, "empty":{"dtype":"F32",
      "shape":[0,7],"data_offsets":[8,8]}, \(SafetensorsTests.a) }\t\n
      """
    let file = try read(header, data: 32)
    #expect(file.entries.map(\.name) == ["a", "empty", "b"])
    #expect(file.entries.map(\.shape) == [[2], [0, 7], [2, 3]])
    #expect(try ["a", "empty", "b"].map { try file.tensor($0).bytes.count } == [8, 0, 24])
    #expect(
      file.metadata == ["format": "pt", "é😀/": "\"\\\u{8}\u{C}\n\r\t"])
    #expect(try read("{}", data: 0).entries.isEmpty)
    #expect(
      try read("{\(SafetensorsTests.entry("s", "[]", 0, 4))}", data: 4).entries[0].shape == [])
  }

  static let malformed: [(header: String, data: Int, part: String)] = [
    ("", 0, "no {"), ("[]", 0, "no {"), (" {}", 0, "no {"), ("{", 0, "no \""), ("{\(a)", 8, "no }"),
    ("{\(a)} x", 8, "more than one"), ("{\(a)}{}", 8, "more than one"), ("{\(a),}", 8, "no \""),
    ("{\(a),\(a)}", 8, "twice"),
    ("{\"__metadata__\":{},\(a),\"__metadata__\":{}}", 8, "twice"),
    ("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0, "twice"),
    ("{\"__metadata__\":{\"k\":1}}", 0, "no \""), ("{\"__metadata__\":null}", 0, "no {"),
    ("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, "twice"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "lacks"),
    ("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", 8, "lacks"),
    ("{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "lacks"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8]}}", 8, "lacks"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}", 8, "lacks"),
    ("{\"a\":{\"type\":\"F32\"}}", 0, "no property"), ("{\"a\":[]}", 0, "no {"),
    ("{\(entry("a", "[2]", 0, 8, type: "F17"))}", 8, "F17"),
    ("{\(entry("a", "[2]", 0, 8, type: ""))}", 8, "read are F32"),
    ("{\(entry("a", "[-2]", 0, 8))}", 8, "whole number"),
    ("{\(entry("a", "[2.0]", 0, 8))}", 8, "no ]"), ("{\(entry("a", "[02]", 0, 8))}", 8, "number"),
    ("{\(entry("a", "[2,]", 0, 8))}", 8, "whole number"),
    ("{\(entry("a", "[null]", 0, 8))}", 8, "whole number"),
    ("{\(entry("a", "[99999999999999999999]", 0, 8))}", 8, "whole number"),
    ("{\(entry("a", "[3]", 0, 8))}", 8, "does not"), ("{\(entry("a", "[]", 0, 8))}", 8, "does not"),
    ("{\(entry("a", "[4611686018427387904,2]", 0, 8))}", 8, "does not"),
    ("{\(entry("a", "[4611686018427387905]", 0, 8))}", 8, "does not"),
    ("{\(entry("a", "[2]", 8, 0))}", 8, "is next"),
    ("{\(entry("a", "[2]", 4, 12))}", 12, "is next"),
    ("{\(a),\(entry("b", "[2]", 4, 12))}", 12, "is next"),
    ("{\(a),\(entry("b", "[2]", 12, 20))}", 20, "is next"),
    ("{\(a),\(entry("b", "[2]", 0, 8))}", 8, "is next"),
    ("{\(a)}", 7, "the file has 7"), ("{\(a)}", 0, "the file has 0"), ("{\(a)}", 9, "1 bytes"),
    ("{\(entry("a", "[2]", 0, Int.max))}", 8, "the file has 8"),
    ("{}", 4, "4 bytes"), ("{\"a", 0, "no end"), ("{\"a\\", 0, "no end"),
    ("{\"\\x\":{}}", 0, "escape"), ("{\"\\u12\":{}}", 0, "hexadecimal"),
    ("{\"\\u+123\":{}}", 0, "hexadecimal"), ("{\"\\uD800\":{}}", 0, "surrogate"),
    ("{\"\\uDC00\":{}}", 0, "surrogate"), ("{\"\\uD800\\u0041\":{}}", 0, "surrogate"),
    ("{\"\n\":{}}", 0, "control"),
  ]

  @Test("A malformed header is refused", arguments: malformed)
  func refusing(_ header: String, _ data: Int, _ part: String) throws {
    let error = try failure { _ = try read(header, data: data) }
    #expect(error.code == .malformed)
    #expect(error.message.contains(part), "\(error.message)")
    let isLine = !error.description.contains { $0.isNewline }
    #expect(isLine)
  }

  @Test("A header's length beyond the file is refused")
  func headerLength() throws {
    let good = file("{\(SafetensorsTests.a)}", data: 8)
    for length: UInt64 in [UInt64(good.count - 7), 1 << 31, 1 << 63, .max] {
      var bytes = good
      for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
      let error = try failure { _ = try read(bytes) }
      #expect(error.message.contains("\(length)"))
    }
  }

  @Test("A file cut anywhere, or with a byte too many, is refused")
  func truncation() throws {
    let good = file("{\(SafetensorsTests.a)}", data: 8)
    for count in good.indices {
      let error = try failure { _ = try read(Array(good.prefix(count))) }
      #expect(error.code == .malformed)
    }
    #expect(try failure { _ = try read(good + [0]) }.code == .malformed)
  }

  @Test("A header that is no UTF-8 is refused")
  func encoding() throws {
    var bytes = file("{\(SafetensorsTests.a)}", data: 8)
    bytes[10] = 0xFF
    #expect(try failure { _ = try read(bytes) }.message.contains("UTF-8"))
  }

  @Test("All types, shapes and texts come back, mapped and read")
  func roundTrip() throws {
    var tensors: [String: StoredTensor] = [:]
    for (index, shape) in sampleShapes.enumerated() {
      for kind in ElementKind.allCases {
        tensors["\(kind)/\(index)\n\"é"] = try sample(kind, shape, seed: UInt64(index))
      }
    }
    let texts = ["": "", "é漢😀": "\u{1}\n\r\t\u{8}\u{C}\u{7F}\\\"/", "a": "1"]
    try withDirectory { directory in
      let path = directory + "/x.safetensors"
      try SafetensorsFile.write(tensors, metadata: texts, to: path)
      for isMapped in [true, false] {
        let file = try SafetensorsFile(path: path, isMapped: isMapped)
        #expect(file.metadata == texts)
        #expect(Set(file.entries.map(\.name)) == Set(tensors.keys))
        for (name, tensor) in tensors {
          let read = try file.tensor(name)
          #expect(isSame(read, tensor))
          let address = read.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
          #expect(address % UInt(tensor.kind.byteCount) == 0, "\(name) is not aligned")
        }
        let error = try failure { _ = try file.tensor("none") }
        #expect(error.code == .tensorNotFound && error.path == path)
        #expect(error.message.contains("float32/0"))
      }
      // A mapped tensor outlives its file, and the file's name.
      let kept = try SafetensorsFile(path: path).tensor("int32/3\n\"é")
      try SafetensorsFile.write([:], to: path)
      #expect(isSame(kept, try #require(tensors["int32/3\n\"é"])))
      #expect(try SafetensorsFile(path: path).entries.isEmpty)
      #expect(listing(directory) == ["x.safetensors"])
    }
  }

  @Test("Other types are refused when they are asked for, or converted, or refused at once")
  func types() throws {
    let header = "{\(SafetensorsTests.a),\(SafetensorsTests.entry("n", "[1]", 8, 16, type: "I64"))}"
    let file = try read(SafetensorsTests.file(header, data: 8) + [7, 0, 0, 0, 0, 0, 0, 0])
    #expect(file.entries.map(\.storedType) == [.float32, .int64])
    _ = try file.tensor("a")
    let error = try failure { _ = try file.tensor("n") }
    #expect(error.code == .unsupportedElementType && error.message.contains("\"n\" holds int64"))
    #expect(try file.tensor("n", converting: true).bytes.array == [7, 0, 0, 0])
    for type in ["F8_E4M3", "C64", "F4"] {
      let error = try failure {
        _ = try read("{\(SafetensorsTests.entry("a", "[1]", 0, 1, type: type))}", data: 1)
      }
      #expect(error.code == .unsupportedElementType && error.message.contains(type))
    }
  }

  @Test("A bool is 0 or 1; metadata is no tensor")
  func bools() throws {
    let header = "{\(SafetensorsTests.entry("a", "[2]", 0, 2, type: "BOOL"))}"
    let file = try read(SafetensorsTests.file(header, data: 0) + [1, 2])
    #expect(try failure { _ = try file.tensor("a") }.message.contains("element 1 of \"a\""))
    let error = try failure {
      _ = try SafetensorsFile.encoded(["__metadata__": sample(.bool, [1])])
    }
    #expect(error.code == .invalidTensor)
  }

  @Test("A shape of a petabyte, and JSON nested without end, cost nothing")
  func hostile() throws {
    let petabyte = SafetensorsTests.entry("a", "[281474976710656]", 0, 1 << 50)
    #expect(
      try failure { _ = try read("{\(petabyte)}", data: 8) }.message.contains("the file has 8"))
    for open in ["{\"a\":", "["] {
      let deep = "{\"a\":{\"shape\":" + String(repeating: open, count: 100_000)
      #expect(try failure { _ = try read(deep, data: 0) }.code == .malformed)
    }
  }

  @Test("Files that are missing, are no files, or do not end")
  func unreadable() throws {
    try withDirectory { directory in
      for isMapped in [true, false] {
        let missing = try failure {
          _ = try SafetensorsFile(path: directory + "/none", isMapped: isMapped)
        }
        #expect(missing.code == .fileNotFound && missing.path == directory + "/none")
        let folder = try failure { _ = try SafetensorsFile(path: directory, isMapped: isMapped) }
        #expect(folder.code == .unreadable)
        let empty = try failure { _ = try SafetensorsFile(path: "/dev/null", isMapped: isMapped) }
        #expect(empty.code == .malformed)
      }
    }
    let endless = try failure { _ = try FileBytes(path: "/dev/zero", limit: 1 << 20) }
    #expect(endless.code == .malformed)
    #expect(try FileBytes(path: "/proc/self/status").count > 100)
  }
}
