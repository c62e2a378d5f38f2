import Testing

@testable import TensorFiles

@Suite("npy")
struct NPYTests {
  static func file(
    _ header: String, version: UInt8 = 1, data: [UInt8] = []
  ) -> [UInt8] {
    let width = version == 1 ? 2 : 4
    let length = header.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [version, 0]
      + (0..<width).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
      + data
  }

  static func header(_ type: String, _ shape: String, fortran: Bool = false) -> String {
    "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': \(shape), }\n"
  }

  private func read(_ bytes: [UInt8], converting: Bool = false) throws -> StoredTensor {
    try NPYFile.read(FileBytes(bytes), converting: converting)
  }

  @Test("What is written is what NumPy 2.4 writes, and is read back", arguments: sampleShapes)
  func roundTrip(_ shape: [Int]) throws {
    for kind in ElementKind.allCases where kind != .bfloat16 {
      let tensor = try sample(kind, shape)
      let bytes = FileBytes.joined(try NPYFile.encoded(tensor))
      #expect(isSame(try read(bytes), tensor))
      #expect((bytes.count - tensor.bytes.count) % 64 == 0)
    }
    let scalar = try sample(.float32, [])
    let start = "{'descr': '<f4', 'fortran_order': False, 'shape': (), }"
    let blanks = String(repeating: " ", count: 118 - 1 - start.utf8.count)
    #expect(
      FileBytes.joined(try NPYFile.encoded(scalar))
        == NPYTests.file(start + blanks + "\n", data: scalar.bytes.array))
  }

  @Test("npy has no bfloat16, and the error says what to do")
  func bfloat16() throws {
    try withDirectory { directory in
      let path = directory + "/x.npy"
      let error = try failure { try NPYFile.write(sample(.bfloat16, [2]), to: path) }
      #expect(error.code == .unsupportedElementType && error.path == path)
      #expect(error.message.contains("cast to float32") && error.message.contains("safetensors"))
      #expect(listing(directory) == [])
    }
  }

  @Test("Files come back from the disk, and versions 2 and 3 are read")
  func files() throws {
    try withDirectory { directory in
      let path = directory + "/x.npy"
      let tensor = try sample(.float16, [3, 5])
      try NPYFile.write(tensor, to: path)
      #expect(isSame(try NPYFile.read(path: path), tensor))
      let error = try failure { _ = try NPYFile.read(path: directory + "/none.npy") }
      #expect(error.code == .fileNotFound && error.path == directory + "/none.npy")
      #expect(try failure { _ = try NPYFile.read(path: directory) }.code == .unreadable)
      #expect(try failure { _ = try NPYFile.read(path: "/dev/null") }.code == .malformed)
      #expect(try failure { _ = try NPYFile.read(path: path + "\0") }.code == .fileNotFound)
    }
    // What does not end is refused where it begins.
    for endless in ["/dev/zero", "/dev/urandom"] {
      #expect(try failure { _ = try NPYFile.read(path: endless) }.code == .malformed)
      #expect(try failure { _ = try NPZFile(path: endless) }.code == .malformed)
      #expect(try failure { _ = try SafetensorsFile(path: endless) }.code == .malformed)
    }
    for version: UInt8 in [2, 3] {
      let file = NPYTests.file(NPYTests.header("|u1", "(3,)"), version: version, data: [1, 2, 3])
      #expect(try read(file).bytes.array == [1, 2, 3])
    }
  }

  @Test("A shape that the header has no room for is refused")
  func longShape() throws {
    let fits = try sample(.uint8, Array(repeating: 1, count: 21_000))
    #expect(try read(FileBytes.joined(try NPYFile.encoded(fits))).shape == fits.shape)
    let long = try sample(.uint8, Array(repeating: 1, count: 22_000))
    #expect(try failure { _ = try NPYFile.encoded(long) }.code == .invalidTensor)
  }

  @Test("The big end first, and the first index fastest, in every width")
  func orders() throws {
    let names: [(StoredType, String)] = [(.uint8, "u1"), (.float16, "f2"), (.int32, "i4")]
    for (type, name) in names {
      for shape in sampleShapes where shape.count > 1 {
        let count = shape.reduce(1, *)
        let size = type.byteCount
        // Element i is the number i, the little end first.
        let expected = (0..<count).flatMap { index in
          (0..<size).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) }
        }
        // Where element i lies if the first index is the fastest.
        var bytes = [UInt8](repeating: 0, count: count * size)
        for index in 0..<count {
          var (rest, place, step) = (index, 0, count)
          for axis in stride(from: shape.count - 1, through: 0, by: -1) {
            step /= shape[axis]
            place += rest % shape[axis] * step
            rest /= shape[axis]
          }
          for byte in 0..<size {
            bytes[place * size + size - 1 - byte] = UInt8(truncatingIfNeeded: index >> (8 * byte))
          }
        }
        let text = "(" + shape.map { "\($0)," }.joined() + ")"
        let file = NPYTests.file(
          NPYTests.header(">" + name, text, fortran: true), data: bytes)
        let tensor = try read(file)
        #expect(tensor.shape == shape && tensor.bytes.array == expected, "\(name) \(shape)")
      }
    }
  }

  @Test("Other numbers are refused with their names, and converted on request")
  func conversion() throws {
    func bytes<T: BitwiseCopyable & Sendable>(_ list: [T]) -> [UInt8] { FileBytes(list).array }
    let doubles = [0.1, -1e-300, .infinity, -.infinity, Double(Float.greatestFiniteMagnitude)]
    let file = NPYTests.file(NPYTests.header("<f8", "(5,)"), data: bytes(doubles))
    let refused = try failure { _ = try read(file) }
    #expect(refused.code == .unsupportedElementType && refused.message.contains("float64"))
    #expect(refused.message.contains("float32, float16, bfloat16, int32, uint8, bool"))
    let converted = try read(file, converting: true)
    #expect(converted.kind == .float32 && converted.bytes.array == bytes(doubles.map(Float.init)))
    let large = NPYTests.file(NPYTests.header("<f8", "(2,)"), data: bytes([1, 1e39]))
    let error = try failure { _ = try read(large, converting: true) }
    #expect(error.code == .valueOutOfRange && error.message.contains("element 1 is 1e+39"))

    let whole: [Int64] = [Int64(Int32.min), 0, Int64(Int32.max)]
    let integers = NPYTests.file(
      NPYTests.header(">i8", "(3,)"), data: bytes(whole.map(\.byteSwapped)))
    #expect(
      try read(integers, converting: true).bytes.array == bytes([Int32.min, 0, Int32.max]))
    let beyond = NPYTests.file(
      NPYTests.header("<i8", "()"), data: bytes([Int64(Int32.max) + 1]))
    #expect(try failure { _ = try read(beyond, converting: true) }.code == .valueOutOfRange)
    let narrow = NPYTests.file(NPYTests.header("|i1", "(2,)"), data: [0xFF, 0x7F])
    #expect(try read(narrow, converting: true).bytes.array == bytes([Int32(-1), 127]))
    let unsigned = NPYTests.file(NPYTests.header("<u4", "(1,)"), data: bytes([UInt32.max]))
    #expect(try failure { _ = try read(unsigned, converting: true) }.code == .valueOutOfRange)
  }

  @Test(
    "Types that are never read are named",
    arguments: ["<c8", "|O", "<U3", "|S4", "<M8[ns]", "|V2", "<f16", "f3", "", "<"])
  func types(_ type: String) throws {
    let file = NPYTests.file(NPYTests.header(type, "(0,)"))
    for converting in [false, true] {
      let error = try failure { _ = try read(file, converting: converting) }
      #expect(error.code == .unsupportedElementType && error.message.contains("\"\(type)\""))
    }
    let structures = NPYTests.file(
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (0,)}")
    #expect(try failure { _ = try read(structures) }.code == .unsupportedElementType)
  }

  @Test("A bool is 0 or 1")
  func bools() throws {
    let file = NPYTests.file(NPYTests.header("|b1", "(3,)"), data: [0, 1, 2])
    let error = try failure { _ = try read(file) }
    #expect(error.code == .malformed && error.message.contains("element 2"))
  }

  static let malformed: [(header: String, part: String)] = [
    ("", "no {"), ("{}", "lacks"), ("{'descr': '<f4'}", "lacks"),
    (header("<f4", "(2)"), "comma"), (header("<f4", "(-2,)"), "whole number"),
    (header("<f4", "(2,,)"), "whole number"), (header("<f4", "[2]"), "no ("),
    (header("<f4", "(2,"), "whole number"), (header("<f4", "(02,)"), "whole number"),
    (header("<f4", "(99999999999999999999,)"), "whole number"),
    (header("<f4", "(281474976710656,)"), "281474976710656"),
    (header("<f4", "(4611686018427387904,)"), "counted"),
    (header("<f4", "(4611686018427387904, 4611686018427387904, 0)"), "counted"),
    (header("<f4", "(3,)"), "12 bytes"), (header("<f4", "(1,)"), "4 bytes"),
    (header("<f4", "(2,)") + "{}", "more than"), (header("<f4\\x41", "(2,)"), "escape"),
    (header("<f4é", "(2,)"), "ASCII"), ("{'descr': '<f4", "no end"),
    ("{'descr': '<f4', 'descr': '<f4'}", "twice"), ("{'x': 1}", "no property"),
    ("{'descr': '<f4', 'fortran_order': 0}", "neither True"),
    ("{'descr': 1}", "quotes"), ("{descr: '<f4'}", "quotes"), ("{'descr' '<f4'}", "no :"),
    ("{'descr': '<f4' 'shape': ()}", "no }"),
  ]

  @Test("A malformed header is refused", arguments: malformed)
  func refusing(_ header: String, _ part: String) throws {
    let error = try failure {
      _ = try read(NPYTests.file(header, data: [UInt8](repeating: 0, count: 8)))
    }
    #expect(error.code == .malformed && error.message.contains(part), "\(error.message)")
    let isLine = !error.description.contains { $0.isNewline }
    #expect(isLine && error.description.count < 300)
  }

  @Test("Brackets without end are refused at the first that is wrong")
  func nesting() throws {
    for start in ["", "{'descr': ", "{'shape': "] {
      let file = NPYTests.file(start + String(repeating: "(", count: 60_000))
      #expect(throws: TensorFileError.self) { try read(file) }
    }
  }

  @Test("A file cut anywhere, with a byte too many, or of another version is refused")
  func truncation() throws {
    let good = FileBytes.joined(try NPYFile.encoded(try sample(.int32, [2, 3])))
    for count in good.indices {
      #expect(try failure { _ = try read(Array(good.prefix(count))) }.code == .malformed)
    }
    #expect(try failure { _ = try read(good + [0]) }.message.contains("25"))
    for (index, value) in [(6, 0), (6, 4), (7, 1)] as [(Int, UInt8)] {
      var other = good
      other[index] = value
      #expect(try failure { _ = try read(other) }.code == .unsupported)
    }
    var long = NPYTests.file(NPYTests.header("|u1", "()"), version: 2, data: [1])
    long[11] = 0xFF
    #expect(try failure { _ = try read(long) }.message.contains("read are up to 65536"))
  }

  @Test("A tensor has as many bytes as its shape takes")
  func invalid() throws {
    for (shape, count) in [([3], 8), ([], 0), ([-1, -1], 4), ([Int.max, 4], 0), ([0], 4)] {
      let bytes = FileBytes([UInt8](repeating: 0, count: count))
      let error = try failure { _ = try StoredTensor(.float32, shape: shape, bytes: bytes) }
      #expect(error.code == .invalidTensor)
    }
    #expect(
      try failure { _ = try StoredTensor(.bool, shape: [1], bytes: FileBytes([UInt8(2)])) }.code
        == .invalidTensor)
  }
}
