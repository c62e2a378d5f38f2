import Foundation
import Testing

@testable import Swoop

/// Tensors of a rule, of bytes and of archives.
@Suite struct SequenceTests {
  @Test(arguments: TestDevices.all)
  func sequences(_ device: Device) throws {
    #expect(try Tensor.arange(0..<4, on: device).blockingArray() == [0, 1, 2, 3] as [Int32])
    #expect(
      try Tensor.arange(from: 5, to: -2, by: -3, on: device).blockingArray() == [5, 2, -1]
        as [Int32])
    #expect(try Tensor.arange(from: 3, to: 3, on: device).shape == [0])
    #expect(try Tensor.arange(from: 3, to: 1, on: device).shape == [0])
    let tenths = try Tensor.arange(from: 0, to: 1, by: 0.1, on: device)
    #expect(try tenths.blockingArray() == (0..<10).map { Float(Double($0) * 0.1) })
    #expect(
      try Tensor.arange(250..<256, as: .uint8, on: device).blockingArray() == [
        250, 251, 252, 253, 254, 255,
      ] as [UInt8])
    #expect(
      try Tensor.linspace(-1, 1, count: 5, on: device).blockingArray() == [-1, -0.5, 0, 0.5, 1]
        as [Float])
    #expect(try Tensor.linspace(2, 9, count: 1, on: device).blockingArray() == [2] as [Float])
    #expect(try Tensor.linspace(2, 9, count: 0, on: device).shape == [0])
    #expect(
      try Tensor.eye(2, 3, diagonal: 1, on: device).blockingNested() == [[0, 1, 0], [0, 0, 1]]
        as [[Float]])
    #expect(try Tensor.eye(2, as: .bool, on: device).blockingArray() == [true, false, false, true])
    #expect(
      try Tensor.eye(2, diagonal: .min, on: device).blockingArray() == [0, 0, 0, 0] as [Float])
    let model = try Tensor([[1, 2]] as [[UInt8]], on: device)
    #expect(try Tensor.zeros(like: model).blockingArray() == [0, 0] as [UInt8])
    #expect(try Tensor.ones(like: model, .float16).blockingArray() == [1, 1] as [Float16])
    #expect(try Tensor.full(like: model, 9).blockingNested() == [[9, 9]] as [[UInt8]])
    #expect(
      try Tensor(repeating: 1.5, shape: [2], as: .bfloat16, on: device).blockingArray()
        == [BFloat16(1.5), BFloat16(1.5)])
  }

  @Test(arguments: ElementType.allCases)
  func bytesComeAsTheyAre(_ type: ElementType) throws {
    let bytes = (0..<24).map { UInt8($0 % 2) }
    let shape = try Shape([24 / type.byteCount])
    let tensor = try bytes.withUnsafeBytes { try Tensor(bytes: $0, shape: shape, type, on: .cpu) }
    func back<E: TensorElement>(_: E.Type) throws -> [UInt8] {
      try tensor.blockingArray(as: E.self).withUnsafeBytes { Array($0) }
    }
    #expect(try back(type.swiftType) == bytes)
    // Not aligned.
    let shifted = [7] + bytes
    let same = try shifted.withUnsafeBytes {
      try Tensor(bytes: UnsafeRawBufferPointer(rebasing: $0[1...]), shape: shape, type, on: .cpu)
    }
    #expect(try same.bits() == tensor.bits())
  }

  @Test(arguments: ElementType.allCases)
  func archivesComeBack(_ type: ElementType) throws {
    for count in [0, 1, 2, 3, 4, 5, 100] {
      let tensor = try Tensor.arange(0..<count, on: .default()).cast(to: type)
      let archive = try JSONEncoder().encode([tensor])
      let back = try JSONDecoder().decode([Tensor].self, from: archive)[0]
      #expect(back.elementType == type && back.shape == [count])
      #expect(try back.bits() == tensor.bits())
    }
    let special = try Tensor([Float.nan, .infinity, -0.0, 0x1p-149], on: .cpu)
    let archive = try JSONEncoder().encode(special.reshaped(2, 2).transposed())
    let back = try JSONDecoder().decode(Tensor.self, from: archive).transposed()
    #expect(
      try back.blockingArray(as: Float.self).map(\.bitPattern)
        == special.blockingArray(as: Float.self).map(\.bitPattern))
  }

  @Test func malformedArchivesAreDecodingErrors() throws {
    // 1 as a float32 is AACAPw==.
    let good = #"{"shape":[1],"elementType":"float32","elements":"AACAPw=="}"#
    let decoded = try JSONDecoder().decode(Tensor.self, from: Data(good.utf8))
    #expect(try decoded.blockingArray() == [1] as [Float])
    for (old, new) in [
      ("[1]", "[2]"), ("[1]", "[-1]"), ("[1]", "[1,1,1,1,1,1,1,1,1]"), ("[1]", "[4000000000]"),
      ("[1]", "1"), ("float32", "float64"), ("AACAPw==", "AACAPw="), ("AACAPw==", "AACAPw"),
      ("AACAPw==", "AAC!Pw=="), ("AACAPw==", "AACAP=w="), ("AACAPw==", "AACAPx=="),
      ("AACAPw==", "ÄACAPw=="), ("\"elements\"", "\"other\""), ("shape", "form"),
    ] {
      let bad = good.replacingOccurrences(of: old, with: new)
      #expect(throws: DecodingError.self, "\(bad)") {
        try JSONDecoder().decode(Tensor.self, from: Data(bad.utf8))
      }
    }
    let neither = #"{"shape":[1],"elementType":"bool","elements":"Ag=="}"#
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Tensor.self, from: Data(neither.utf8))
    }
  }

  @Test func base64IsTheStandards() {
    // RFC 4648, section 10.
    let cases = [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]
    for (plain, text) in cases {
      #expect(Base64.text(Array(plain.utf8)) == text)
      #expect(Base64.bytes(of: text, count: plain.utf8.count) == Array(plain.utf8))
    }
    let all = (0...255).map { UInt8($0) }
    #expect(Base64.text(all) == Data(all).base64EncodedString())
  }

  /// What a debugger shows does not compute anything.
  @Test func debugDescriptionsSayHowItLies() throws {
    let x = try Tensor([[1.0, 2], [3, 4]], on: .cpu)
    #expect(x.debugDescription == "Tensor [2, 2] float32 on cpu, row-major, pending")
    let view = try (x + 1)[.all, 1]
    #expect(
      view.debugDescription
        == "Tensor [2] float32 on cpu, strides [2] from element 1, add, pending")
    try view.blockingWait()
    #expect(view.debugDescription.hasSuffix("add, resident"))
    let failed = try Tensor.make(UnsupportedOperation.row, [x])
    _ = "\(failed)"
    #expect(failed.debugDescription.contains("failed: \(UnsupportedOperation.error)"))
  }

  @Test(arguments: TestDevices.all)
  func largeTensorsArePrintedByTheirEnds(_ device: Device) throws {
    for type in ElementType.allCases {
      let x = try Tensor.arange(0..<2000, on: device).cast(to: type).reshaped(20, 100)
      let lines = "\(x)".split(separator: "\n")
      #expect(lines.count == 8 && lines[3] == " …,")
      #expect(lines[0].contains("…") && lines[7] == "shape [20, 100] \(type) on \(device)")
      // The same as all of a tensor of the ends alone.
      let ends = try Tensor.concatenated([x[..<3, ..<3], x[..<3, 97...]], axis: 1)
      let first = "\(ends)".split(separator: "\n")[0].dropFirst(2).prefix { $0 != "," }
      #expect(
        first.trimmingCharacters(in: .whitespaces)
          == lines[0].dropFirst(2).prefix { $0 != "," }.trimmingCharacters(in: .whitespaces))
    }
    let flags = try Tensor([true, false], on: device)
    #expect("\(flags)".hasPrefix("[ true, false]\n"))
  }

  @Test func theCPUCountsItsMemory() throws {
    let x = try Tensor.zeros([1 << 20], on: .cpu) + 1
    try x.blockingWait()
    // Other tests use it meanwhile: what is compared is read at once.
    let memory = Device.cpu.memory
    #expect(memory.live >= 4 << 20 && memory.peak >= memory.live)
    #expect(memory.cached == 0 && Device.cpu.cacheLimit == 0)
    withExtendedLifetime(x) {}
  }
}
