import Glibc
import Testing

@testable import TensorFiles

/// A directory of its own for a test, removed in the end.
func withDirectory(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/tensorfiles-XXXXXX".utf8CString)
  try #require(mkdtemp(&template) != nil)
  let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer {
    for name in listing(directory) { unlink(directory + "/" + name) }
    rmdir(directory)
  }
  try body(directory)
}

func listing(_ directory: String) -> [String] {
  guard let handle = opendir(directory) else { return [] }
  defer { closedir(handle) }
  var names: [String] = []
  while let entry = readdir(handle) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names.sorted()
}

/// The error that a call throws; a failed expectation if it throws none.
func failure(_ body: () throws -> Void) throws -> TensorFileError {
  try #require(throws: TensorFileError.self, performing: body)
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed.
struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// A tensor of random bits; bools are bools.
func sample(
  _ kind: ElementKind, _ shape: [Int], seed: UInt64 = 1
) throws -> StoredTensor {
  var generator = Generator(state: seed)
  let count = shape.reduce(kind.byteCount, *)
  let bytes = (0..<count).map { _ in
    UInt8.random(in: kind == .bool ? 0...1 : 0...255, using: &generator)
  }
  return try StoredTensor(kind, shape: shape, bytes: FileBytes(bytes))
}

/// Shapes of none, one and many dimensions, with and without elements.
let sampleShapes: [[Int]] = [
  [], [0], [1], [7], [2, 3], [0, 7], [7, 0, 2], [2, 1, 3], [3, 2, 2, 2, 2],
]

func isSame(_ a: StoredTensor, _ b: StoredTensor) -> Bool {
  a.kind == b.kind && a.shape == b.shape && a.bytes.array == b.bytes.array
}
