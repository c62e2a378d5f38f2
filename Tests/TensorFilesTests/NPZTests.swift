import CZlib
import Testing

@testable import TensorFiles

@Suite("npz")
struct NPZTests {
  /// Deflated as zip has it.
  static func deflated(_ bytes: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    try #require(
      deflateInit2_(
        &stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)) == Z_OK)
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    let count = output.count
    let status = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(count)
        return deflate(&stream, Z_FINISH)
      }
    }
    try #require(status == Z_STREAM_END)
    return Array(output.prefix(count - Int(stream.avail_out)))
  }

  /// One file of an archive, and what is said of it.
  struct Member {
    var name: String
    var contents: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    var size: Int
    var checksum: UInt32
    /// Said in the directory alone.
    var offset: Int?
    var storedSize: Int?
    var localName: String?

    init(_ name: String, _ tensor: StoredTensor, deflates: Bool = false) throws {
      self.name = name
      let bytes = FileBytes.joined(try NPYFile.encoded(tensor))
      size = bytes.count
      checksum = CRC32.of([FileBytes(bytes)])
      contents = deflates ? try NPZTests.deflated(bytes) : bytes
      method = deflates ? 8 : 0
    }

    func head(_ signature: UInt32, _ name: String, storedSize: Int) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.append(signature)
      if signature == 0x0201_4B50 { bytes.append(UInt16(20)) }
      for number in [20, flags, method, 0, 0x21] as [UInt16] { bytes.append(number) }
      for number in [checksum, UInt32(storedSize), UInt32(size)] { bytes.append(number) }
      bytes.append(UInt16(name.utf8.count))
      bytes.append(UInt16(0))
      return bytes
    }
  }

  /// An archive that says what its members say, true or not.
  static func archive(_ members: [Member], comment: String = "") -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for member in members {
      directory += member.head(
        0x0201_4B50, member.name, storedSize: member.storedSize ?? member.contents.count)
      directory += [UInt8](repeating: 0, count: 10)
      directory.append(UInt32(member.offset ?? bytes.count))
      directory += Array(member.name.utf8)
      bytes += member.head(
        0x0403_4B50, member.localName ?? member.name, storedSize: member.contents.count)
      bytes += Array((member.localName ?? member.name).utf8) + member.contents
    }
    let start = bytes.count
    bytes += directory
    bytes.append(UInt32(0x0605_4B50))
    bytes.append(UInt32(0))
    for _ in 0..<2 { bytes.append(UInt16(members.count)) }
    bytes.append(UInt32(directory.count))
    bytes.append(UInt32(start))
    bytes.append(UInt16(comment.utf8.count))
    return bytes + Array(comment.utf8)
  }

  private func open(_ members: [Member]) throws -> NPZFile {
    try NPZFile(FileBytes(NPZTests.archive(members)))
  }

  @Test("What is written is read back, with and without zip64")
  func roundTrip() throws {
    var tensors: [String: StoredTensor] = [:]
    for (index, shape) in sampleShapes.enumerated() {
      for kind in ElementKind.allCases where kind != .bfloat16 {
        // The second mark combines with the point of .npy, and the first with the slash.
        tensors["layer/\u{301}\(kind) \(index)\u{600}"] = try sample(kind, shape)
      }
    }
    let writers = [
      ZipWriter(), ZipWriter(sizeLimit: 0), ZipWriter(sizeLimit: 140), ZipWriter(sizeLimit: 2_000),
      ZipWriter(countLimit: 2),
    ]
    for writer in writers {
      let bytes = FileBytes.joined(try NPZFile.encoded(tensors, writer: writer))
      let file = try NPZFile(FileBytes(bytes))
      #expect(Set(file.entries.map(\.name)) == Set(tensors.keys))
      for (name, tensor) in tensors { #expect(isSame(try file.tensor(name), tensor)) }
    }
    let empty = try NPZFile(FileBytes(FileBytes.joined(try NPZFile.encoded([:]))))
    #expect(empty.entries.isEmpty)
    #expect(try failure { _ = try empty.tensor("x") }.code == .tensorNotFound)
  }

  @Test("Deflated arrays are read, and a comment may follow")
  func deflating() throws {
    let tensor = try StoredTensor(
      .int32, shape: [40, 50], bytes: FileBytes((0..<2_000).map { Int32($0 / 7) }))
    let members = [
      try Member("a.npy", tensor, deflates: true), try Member("b.npy", tensor),
    ]
    #expect(members[0].contents.count < members[1].contents.count / 2)
    let file = try NPZFile(
      FileBytes(NPZTests.archive(members, comment: "PK\u{5}\u{6} and 18 bytes more of it")))
    #expect(file.entries.map(\.shape) == [[40, 50], [40, 50]])
    for name in ["a", "b"] { #expect(isSame(try file.tensor(name), tensor)) }
  }

  @Test("Sizes and checksums that lie are refused")
  func lies() throws {
    let tensor = try sample(.float32, [100])
    let good = try Member("a.npy", tensor, deflates: true)
    func refused(_ part: String, _ change: (inout Member) -> Void) throws {
      var member = good
      change(&member)
      let error = try failure { _ = try open([member]).tensor("a") }
      #expect(error.code == .malformed && error.message.contains(part), "\(error.message)")
    }
    try refused("checksum") { $0.checksum ^= 1 }
    try refused("400 bytes") { $0.size += 1 }
    try refused("400 bytes") { $0.size -= 1 }
    try refused("more than") { $0.size = 0x7FFF_FFFF }
    try refused("two ways") { $0.localName = "b.npy" }
    try refused("two ways") { $0.storedSize = 1_000 }
    // Bit 3: only the directory tells the size.
    try refused("the archive has") {
      $0.flags = 8
      $0.storedSize = 1_000
    }
    try refused("no room") { $0.offset = 600_000 }
    try refused("is not at byte") { $0.offset = 1 }
  }

  @Test("What inflates to another length than its header says, or goes on, is refused")
  func lengths() throws {
    let tensor = try sample(.uint8, [50])
    let bytes = FileBytes.joined(try NPYFile.encoded(tensor))
    func member(_ contents: [UInt8]) throws -> Member {
      var member = try Member("a.npy", tensor, deflates: true)
      member.contents = contents
      return member
    }
    let whole = try NPZTests.deflated(bytes)
    let cases = [
      (try NPZTests.deflated(Array(bytes.dropLast())), "there are to be"),
      (try NPZTests.deflated(bytes + [0]), "more than"), (whole + [0], "follow"),
      (Array(whole.dropLast(4)), "there are to be"),
    ]
    for (contents, part) in cases {
      let error = try failure { _ = try open([member(contents)]).tensor("a") }
      #expect(error.code == .malformed && error.message.contains(part), "\(error.message)")
    }
  }

  @Test("An archive that would grow beyond its limit is refused when it is opened")
  func bomb() throws {
    let zeros = try StoredTensor(
      .uint8, shape: [1 << 20], bytes: FileBytes([UInt8](repeating: 0, count: 1 << 20)))
    let members = try (0..<4).map { try Member("\($0).npy", zeros, deflates: true) }
    let bytes = FileBytes(NPZTests.archive(members))
    #expect(bytes.count < 10_000)
    let error = try failure { _ = try NPZFile(bytes, inflatedLimit: 4 << 20) }
    #expect(error.code == .malformed && error.message.contains("inflatedLimit"))
    #expect(try NPZFile(bytes, inflatedLimit: 5 << 20).tensor("3").bytes.count == 1 << 20)
  }

  @Test("Files that overlap, or are there twice, are refused")
  func overlaps() throws {
    var members = [
      try Member("a.npy", sample(.uint8, [5])), try Member("b.npy", sample(.uint8, [5])),
    ]
    members[1].localName = "a.npy"
    members[1].name = "a.npy"
    #expect(try failure { _ = try open(members) }.message.contains("twice"))
    // The second inside of what the first is said to hold.
    let inner = NPZTests.archive([try Member("b.npy", sample(.uint8, [5]))])
    var outer = try Member("a.npy", sample(.uint8, [inner.count]))
    outer.contents.replaceSubrange(128..<128 + inner.count, with: inner)
    outer.checksum = CRC32.of([FileBytes(outer.contents)])
    var second = try Member("b.npy", sample(.uint8, [5]))
    second.offset = 30 + 5 + 128
    #expect(try failure { _ = try open([outer, second]) }.message.contains("overlap"))
  }

  @Test(
    "Names that lead out of a folder are refused, when read and when written",
    arguments: [
      "/a", "../a", "a/../b", "a//b", "./a", "a\\b", "a\0b", "..", "/", "a/", "../\u{301}a",
    ])
  func names(_ name: String) throws {
    let tensor = try sample(.uint8, [5])
    let read = try failure { _ = try open([Member(name + "/.npy", tensor)]) }
    #expect(read.code == .malformed && read.message.contains("no name"))
    let written = try failure { _ = try NPZFile.encoded([name + "/": tensor, "b": tensor]) }
    #expect(written.code == .invalidTensor || name == "..")
  }

  @Test("Folders that an archive writes down are no arrays")
  func folders() throws {
    let tensor = try sample(.uint8, [5])
    var folder = try Member("sub/", tensor)
    (folder.contents, folder.size, folder.checksum) = ([], 0, 0)
    let file = try open([folder, Member("sub/a.npy", tensor)])
    #expect(file.entries.map(\.name) == ["sub/a"])
    #expect(isSame(try file.tensor("sub/a"), tensor))
  }

  @Test("What is not read is named")
  func unsupported() throws {
    let good = try Member("a.npy", sample(.uint8, [5]))
    var other = good
    other.name = "a.txt"
    other.localName = "a.txt"
    #expect(try failure { _ = try open([other]) }.message.contains("no .npy file"))
    for flags: UInt16 in [1, 0x20, 0x40, 0x2000] {
      var member = good
      member.flags = flags
      #expect(try failure { _ = try open([member]) }.code == .unsupported)
    }
    for method: UInt16 in [1, 9, 12, 14, 93, 99] {
      var member = good
      member.method = method
      let error = try failure { _ = try open([member]) }
      #expect(error.code == .unsupported && error.message.contains("method \(method)"))
    }
    let bfloat16 = try failure { _ = try NPZFile.encoded(["x": sample(.bfloat16, [1])]) }
    #expect(bfloat16.code == .unsupportedElementType && bfloat16.message.contains("\"x\""))
  }

  @Test("An archive cut anywhere, or with a byte too many, is refused")
  func truncation() throws {
    let members = [
      try Member("a.npy", sample(.uint8, [5])), try Member("b.npy", sample(.bool, [5])),
    ]
    let large = try NPZFile.encoded(
      ["a": sample(.uint8, [5])], writer: ZipWriter(sizeLimit: 0, countLimit: 0))
    for good in [NPZTests.archive(members), FileBytes.joined(large)] {
      _ = try NPZFile(FileBytes(good))
      for count in good.indices {
        let error = try failure { _ = try NPZFile(FileBytes(Array(good.prefix(count)))) }
        #expect(error.code == .malformed)
      }
      #expect(try failure { _ = try NPZFile(FileBytes(good + [0])) }.code == .malformed)
      #expect(try failure { _ = try NPZFile(FileBytes([0] + good)) }.code == .malformed)
    }
  }
}
