import Glibc
import Testing

@testable import TensorFiles

/// Mutated files give tensors or typed errors. A trap, or the address sanitizer, would end the
/// process.
@Suite("Mutated files")
struct FuzzTests {
  enum Format: CaseIterable {
    case npy, npz, safetensors

    /// Reads everything there is. Returns the bytes of all tensors.
    func read(_ bytes: [UInt8], converting: Bool) throws(TensorFileError) -> Int {
      let bytes = FileBytes(bytes)
      switch self {
      case .npy: return check(try NPYFile.read(bytes, converting: converting))
      case .npz:
        let file = try NPZFile(bytes, inflatedLimit: 1 << 20)
        var count = 0
        for entry in file.entries {
          count += check(try file.tensor(entry.name, converting: converting))
        }
        return count
      case .safetensors:
        let file = try SafetensorsFile(bytes)
        var count = 0
        for entry in file.entries {
          count += check(try file.tensor(entry.name, converting: converting))
        }
        return count
      }
    }

    /// Looks at every byte, so that one outside of its memory is seen.
    private func check(_ tensor: StoredTensor) -> Int {
      let sum = tensor.bytes.withUnsafeBytes { $0.reduce(0) { $0 &+ Int($1) } }
      precondition(sum >= 0)
      let count = tensor.shape.reduce(tensor.kind.byteCount, *)
      #expect(count == tensor.bytes.count)
      return count
    }

    func corpus() throws -> [[UInt8]] {
      let arrays = try [
        sample(.float32, []), sample(.float16, [3, 4]), sample(.int32, [2, 0]),
        sample(.uint8, [7]), sample(.bool, [2, 2, 2]),
      ]
      switch self {
      case .npy:
        var files = try arrays.map { FileBytes.joined(try NPYFile.encoded($0)) }
        for (type, count) in [(">i4", 24), ("<f8", 48), (">i8", 48), (">f2", 12), ("|u1", 6)] {
          let header = NPYTests.header(type, "(2, 3)", fortran: true)
          for version: UInt8 in 1...3 {
            files.append(
              NPYTests.file(header, version: version, data: [UInt8](repeating: 0, count: count)))
          }
        }
        return files
      case .npz:
        let named = Dictionary(
          uniqueKeysWithValues: arrays.enumerated().map { ("t\($0.offset)", $0.element) })
        let members = try arrays.enumerated().map {
          try NPZTests.Member("\($0.offset).npy", $0.element, deflates: $0.offset % 2 == 0)
        }
        let zeros = try StoredTensor(
          .uint8, shape: [5_000], bytes: FileBytes([UInt8](repeating: 0, count: 5_000)))
        return [
          FileBytes.joined(try NPZFile.encoded(named)),
          FileBytes.joined(
            try NPZFile.encoded(named, writer: ZipWriter(sizeLimit: 0, countLimit: 0))),
          NPZTests.archive(members),
          NPZTests.archive([try NPZTests.Member("z.npy", zeros, deflates: true)]),
        ]
      case .safetensors:
        let named = Dictionary(
          uniqueKeysWithValues: arrays.enumerated().map { ("t\($0.offset)\\", $0.element) })
        return [
          FileBytes.joined(try SafetensorsFile.encoded(named, metadata: ["é": "\n", "b": "x"])),
          FileBytes.joined(try SafetensorsFile.encoded(["x": sample(.bfloat16, [5])])),
          SafetensorsTests.file(
            "{\(SafetensorsTests.entry("w", "[2, 1]", 0, 16, type: "F64"))}", data: 16),
        ]
      }
    }
  }

  static let count = getenv("SWOOP_FUZZ_FILES").flatMap { Int(String(cString: $0)) } ?? 6_000
  static let seed = getenv("SWOOP_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1

  @Test("Only tensors and typed errors come of them", arguments: Format.allCases)
  func mutations(_ format: Format) throws {
    let corpus = try format.corpus()
    for file in corpus { _ = try format.read(file, converting: true) }
    let before = FuzzTests.peakMemory()
    var generator = Generator(state: FuzzTests.seed)
    var codes: [TensorFileError.Code: Int] = [:]
    var (whole, refused) = (0, 0)
    for _ in 0..<(FuzzTests.count + 2) / 3 {
      let file = Mutation.mutated(corpus, &generator)
      do throws(TensorFileError) {
        _ = try format.read(file, converting: Bool.random(using: &generator))
        whole += 1
      } catch {
        refused += 1
        codes[error.code, default: 0] += 1
        let isLine = !error.description.contains { $0.isNewline }
        #expect(isLine && error.description.utf8.count < 2_000)
      }
    }
    // The mutations are neither all harmless nor all of one kind.
    #expect(whole > 0 && refused > whole / 10 && codes.count > 1, "\(whole) whole, \(codes)")
    // The largest file inflates to 1 MiB; the rest is room for the allocator and the other tests.
    let grown = FuzzTests.peakMemory() - before
    #expect(grown < 256 << 20, "resident memory grew by \(grown) bytes")
  }

  private static func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  }
}

enum Mutation: CaseIterable {
  case flipBits, setByte, truncate, insert, remove, splice, repeatPart, length, digit

  /// A file of the corpus, changed in one to four ways.
  static func mutated(_ corpus: [[UInt8]], _ generator: inout Generator) -> [UInt8] {
    var file = corpus.randomElement(using: &generator)!
    // Most of the files are elements, to which anything can be done: rather the start and the end.
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      allCases.randomElement(using: &generator)!.apply(to: &file, corpus, &generator)
    }
    return file
  }

  private static let numbers: [UInt64] = [
    0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFE, 0xFFFF_FFFF, 1 << 32, 1 << 50,
    UInt64(Int.max), UInt64(Int.max) + 1, .max,
  ]

  private func place(in file: [UInt8], _ generator: inout Generator) -> Int {
    let near = min(file.count, 64)
    switch Int.random(in: 0..<3, using: &generator) {
    case 0: return Int.random(in: 0..<near, using: &generator)
    case 1: return file.count - 1 - Int.random(in: 0..<near, using: &generator)
    default: return Int.random(in: 0..<file.count, using: &generator)
    }
  }

  private func part(of file: [UInt8], _ generator: inout Generator) -> Range<Int> {
    let start = place(in: file, &generator)
    return start..<min(file.count, start + Int.random(in: 0...48, using: &generator))
  }

  private func apply(
    to file: inout [UInt8], _ corpus: [[UInt8]], _ generator: inout Generator
  ) {
    guard !file.isEmpty else { return }
    let place = place(in: file, &generator)
    switch self {
    case .flipBits: file[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case .setByte: file[place] = .random(in: 0...255, using: &generator)
    case .truncate: file.removeSubrange(place...)
    case .insert:
      let count = Int.random(in: 1...16, using: &generator)
      file.insert(
        contentsOf: (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }, at: place
      )
    case .remove: file.removeSubrange(part(of: file, &generator))
    case .splice:
      let other = corpus.randomElement(using: &generator)!
      let from = other[part(of: other, &generator)]
      file.replaceSubrange(place..<min(file.count, place + from.count), with: from)
    case .repeatPart: file.insert(contentsOf: file[part(of: file, &generator)], at: place)
    case .length:
      let number = Mutation.numbers.randomElement(using: &generator)!
      let width = [2, 4, 8].randomElement(using: &generator)!
      for index in 0..<min(width, file.count - place) {
        file[place + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))
      }
    case .digit:
      // A number in the text of a header.
      let digits = file.indices.filter { (0x30...0x39).contains(file[$0]) }
      guard let at = digits.randomElement(using: &generator) else { return }
      let text = [
        "0", "00", "1", "9", "99", "-1", "281474976710656", "4611686018427387904",
        "9223372036854775807", "99999999999999999999", "1.0", "1e9", "",
      ].randomElement(using: &generator)!
      file.replaceSubrange(at...at, with: Array(text.utf8))
    }
  }
}
