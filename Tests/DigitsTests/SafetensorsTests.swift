import Testing

@testable import DigitsData

@Suite("Digits: the safetensors format")
struct SafetensorsTests {
  private func file(_ header: String, data: Int) -> [UInt8] {
    let length = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private func read(_ header: String, data: Int) throws -> Safetensors {
    try Safetensors(file(header, data: data), path: "some.safetensors")
  }

  private static func entry(
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
    #expect(file.tensors.map(\.name) == ["a", "empty", "b"])
    #expect(file.tensors.map(\.shape) == [[2], [0, 7], [2, 3]])
    #expect(file.tensors.map(\.values.count) == [2, 0, 6])
    #expect(
      file.metadata == ["format": "pt", "é😀/": "\"\\\u{8}\u{C}\n\r\t"])
    #expect(try read("{}", data: 0).tensors.isEmpty)
    #expect(
      try read("{\(SafetensorsTests.entry("s", "[]", 0, 4))}", data: 4).tensors[0].shape == [])
  }

  static let malformed: [(header: String, data: Int, part: String)] = [
    ("", 0, "no {"), ("[]", 0, "no {"), ("{", 0, "no \""), ("{\(a)", 8, "no }"),
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
    ("{\(entry("a", "[2]", 0, 8, type: "F16"))}", 8, "F16"),
    ("{\(entry("a", "[2]", 0, 8, type: ""))}", 8, "instead of F32"),
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
    #expect(error.code == .malformed && error.path == "some.safetensors")
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
      let error = try failure { _ = try Safetensors(bytes, path: "x") }
      #expect(error.message.contains("\(length)"))
    }
  }

  @Test("A file cut anywhere, or with a byte too many, is refused")
  func truncation() throws {
    let good = file("{\(SafetensorsTests.a)}", data: 8)
    for count in good.indices {
      let error = try failure { _ = try Safetensors(Array(good.prefix(count)), path: "x") }
      #expect(error.code == .malformed)
    }
    #expect(try failure { _ = try Safetensors(good + [0], path: "x") }.code == .malformed)
  }

  @Test("A header that is no UTF-8 is refused")
  func encoding() throws {
    var bytes = file("{\(SafetensorsTests.a)}", data: 8)
    bytes[10] = 0xFF
    #expect(try failure { _ = try Safetensors(bytes, path: "x") }.message.contains("UTF-8"))
  }

  @Test("A byte changed at random never traps")
  func fuzz() throws {
    let good = file("{\"__metadata__\":{\"k\":\"\\u0041\"},\(SafetensorsTests.a)}", data: 8)
    var refused = 0
    for index in good.indices {
      for byte in stride(from: UInt8(0), through: 250, by: 5) {
        var bytes = good
        bytes[index] = byte
        do { _ = try Safetensors(bytes, path: "x") } catch { refused += 1 }
      }
    }
    #expect(refused > 1_000)
  }
}
