import Glibc
import Testing

@testable import TensorFiles

/// A variable of the environment, by which `Scripts/exchange.sh` asks for a test.
private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// Files of NumPy and safetensors; see `Scripts/exchange.py`.
@Suite("Exchange with Python", .enabled(if: environment("SWOOP_EXCHANGE") != nil))
struct ExchangeTests {
  private let directory = environment("SWOOP_EXCHANGE") ?? ""

  private struct Line {
    let file: String
    let tensor: String
    let kind: ElementKind
    let shape: [Int]
    let checksum: UInt32

    init(_ text: Substring) throws {
      let fields = text.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      try #require(fields.count == 5)
      file = fields[0]
      tensor = fields[1]
      kind = try #require(ElementKind(rawValue: fields[2]))
      shape = try fields[3].split(separator: ",").map { try #require(Int($0)) }
      checksum = try #require(UInt32(fields[4]))
    }
  }

  private func lines() throws -> [Line] {
    let text = String(decoding: try FileBytes(path: directory + "/manifest").array, as: UTF8.self)
    return try text.split(separator: "\n").map { try Line($0) }
  }

  @Test("What Python wrote is read, and written again")
  func exchange() throws {
    var archives: [String: [String: StoredTensor]] = [:]
    var count = 0
    for line in try lines() {
      let path = directory + "/python/" + line.file
      let tensor: StoredTensor
      if line.file.hasSuffix(".npy") {
        tensor = try NPYFile.read(path: path, converting: line.file.hasPrefix("converted"))
        try NPYFile.write(tensor, to: directory + "/swift/" + line.file)
      } else {
        tensor =
          line.file.hasSuffix(".npz")
          ? try NPZFile(path: path).tensor(line.tensor)
          : try SafetensorsFile(path: path).tensor(line.tensor)
        archives[line.file, default: [:]][line.tensor] = tensor
      }
      #expect(tensor.kind == line.kind && tensor.shape == line.shape, "\(line)")
      #expect(CRC32.of([tensor.bytes]) == line.checksum, "\(line)")
      count += 1
    }
    #expect(count > 400)
    for (file, tensors) in archives {
      let path = directory + "/swift/" + file
      if file.hasSuffix(".npz") {
        #expect(try NPZFile(path: directory + "/python/" + file).entries.count == tensors.count)
        try NPZFile.write(tensors, to: path)
      } else {
        let read = try SafetensorsFile(path: directory + "/python/" + file)
        #expect(read.entries.count == tensors.count)
        try SafetensorsFile.write(tensors, metadata: read.metadata, to: path)
      }
    }
  }

  @Test("What needs no Python to make is written for it")
  func own() throws {
    func tensor<E: BitwiseCopyable & Sendable>(
      _ kind: ElementKind, _ element: (Int) -> E
    ) throws -> StoredTensor {
      try StoredTensor(kind, shape: [2, 3, 4], bytes: FileBytes((0..<24).map(element)))
    }
    var tensors: [String: StoredTensor] = [
      "float32": try tensor(.float32) { Float($0) },
      // Up to 24 the upper half of a float32 is the bfloat16, exactly.
      "bfloat16": try tensor(.bfloat16) { UInt16(Float($0).bitPattern >> 16) },
      "int32": try tensor(.int32) { Int32($0) },
      "uint8": try tensor(.uint8) { UInt8($0) },
      "bool": try tensor(.bool) { UInt8($0 % 2) },
    ]
    // IEEE 754 binary16 of a small whole number, by its definition.
    tensors["float16"] = try tensor(.float16) { number in
      guard number > 0 else { return UInt16(0) }
      let exponent = Int.bitWidth - 1 - number.leadingZeroBitCount
      return UInt16((exponent + 15) << 10 | (number - 1 << exponent) << (10 - exponent))
    }
    let path = directory + "/own/own"
    try SafetensorsFile.write(tensors, to: path + ".safetensors")
    tensors["bfloat16"] = nil
    try NPZFile.write(tensors, to: path + ".npz")
    try AtomicFile.write(
      NPZFile.encoded(tensors, writer: ZipWriter(sizeLimit: 0, countLimit: 0)),
      to: path + "64.npz")
    for (name, tensor) in tensors { try NPYFile.write(tensor, to: directory + "/own/\(name).npy") }
  }
}

/// No file may have more than 64 KiB meanwhile, as on a disk that is full from there on: so this is
/// for a process of its own, which `Scripts/exchange.sh` starts.
@Suite("A full disk", .enabled(if: environment("SWOOP_FULL_DISK") != nil))
struct FullDiskTests {
  @Test("What was there is untouched, and nothing partial is left")
  func full() throws {
    let kind = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
    var limit = rlimit()
    try #require(getrlimit(kind, &limit) == 0)
    let before = limit
    limit.rlim_cur = 64 << 10
    // Without a handler the system would end the process.
    signal(SIGXFSZ, SIG_IGN)
    try #require(setrlimit(kind, &limit) == 0)
    defer {
      limit = before
      setrlimit(kind, &limit)
    }
    try withDirectory { directory in
      let (small, large) = (try sample(.uint8, [10]), try sample(.uint8, [1 << 20]))
      let writers: [(StoredTensor, String) throws -> Void] = [
        { try NPYFile.write($0, to: $1) }, { try NPZFile.write(["x": $0], to: $1) },
        { try SafetensorsFile.write(["x": $0], to: $1) },
      ]
      let path = directory + "/x"
      for write in writers {
        try write(small, path)
        let before = try FileBytes(path: path).array
        let error = try failure { try write(large, path) }
        #expect(error.code == .unwritable && error.path == path)
        #expect(error.message.contains("File too large"))
        #expect(try FileBytes(path: path).array == before)
        #expect(listing(directory) == ["x"])
      }
    }
  }
}
