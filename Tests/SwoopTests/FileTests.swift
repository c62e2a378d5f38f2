import Glibc
import Swoop
import TensorFiles
import Testing

@Suite("Files of tensors")
struct FileTests {
  private func withDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/swoop-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let directory = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let names = ["x.npy", "x.npz", "x.safetensors"]
    defer {
      for name in names { unlink(directory + "/" + name) }
      #expect(rmdir(directory) == 0, "something was left behind")
    }
    try await body(directory)
  }

  /// Bytes from 0 on; bools are bools.
  private func stored(_ elementType: ElementType, _ shape: [Int]) throws -> StoredTensor {
    let kind = try #require(ElementKind(rawValue: elementType.rawValue))
    let count = shape.reduce(kind.byteCount, *)
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: kind == .bool ? $0 % 2 : $0) }
    return try StoredTensor(kind, shape: shape, bytes: FileBytes(bytes))
  }

  static let shapes = [[], [0], [5], [2, 3], [0, 7], [2, 1, 3, 4]]

  @Test("Every element type comes back from every format", arguments: TestDevices.all)
  func roundTrip(_ device: Device) async throws {
    try await withDirectory { directory in
      let path = directory + "/x"
      for shape in FileTests.shapes {
        var archive = TensorArchive(metadata: ["shape": "\(shape)"])
        for elementType in ElementType.allCases {
          let original = try stored(elementType, shape)
          archive.tensors[elementType.rawValue] = try Tensor(original, on: device)
        }
        try await archive.write(safetensors: path + ".safetensors")
        var copy = try TensorArchive(safetensors: path + ".safetensors", on: device)
        #expect(copy.metadata == archive.metadata)
        try await check(copy, shape, on: device)

        copy.tensors["bfloat16"] = nil
        copy.metadata = [:]
        try await copy.write(npz: path + ".npz")
        try await check(try TensorArchive(npz: path + ".npz", on: device), shape, on: device)

        for (name, tensor) in copy.tensors {
          try await tensor.write(npy: path + ".npy")
          let read = try Tensor(npy: path + ".npy", on: device)
          try await check(TensorArchive([name: read]), shape, on: device)
        }
      }
    }
  }

  private func check(_ archive: TensorArchive, _ shape: [Int], on device: Device) async throws {
    for (name, tensor) in archive.tensors {
      let elementType = try #require(ElementType(rawValue: name))
      #expect(tensor.elementType == elementType && tensor.device == device)
      #expect(Array(tensor.shape) == shape)
      // What the elements are is seen through another file, read without Swoop.
      let path = "/tmp/swoop-\(getpid())-\(UInt64.random(in: .min ... .max)).safetensors"
      defer { unlink(path) }
      try await TensorArchive(["x": tensor]).write(safetensors: path)
      let bytes = try SafetensorsFile(path: path).tensor("x").bytes.array
      #expect(bytes == (try stored(elementType, shape).bytes.array), "\(name) \(shape)")
    }
  }

  @Test("Results and views are written as they are read", arguments: TestDevices.all)
  func results(_ device: Device) async throws {
    try await withDirectory { directory in
      let x = try Tensor([[1, 2, 3], [4, 5, 6]] as [[Float]], on: device)
      try await (x.transposed() * 2).write(npy: directory + "/x.npy")
      let product = try Tensor(npy: directory + "/x.npy", on: device)
      #expect(try await product.nested(as: [[Float]].self) == [[2, 8], [4, 10], [6, 12]])
      try await x.transposed().write(npy: directory + "/x.npy")
      let turned = try Tensor(npy: directory + "/x.npy", on: .cpu)
      #expect(try await turned.nested(as: [[Float]].self) == [[1, 4], [2, 5], [3, 6]])
      let archive = TensorArchive(["sum": try x.sum(), "x": x])
      try await archive.write(safetensors: directory + "/x.safetensors")
      let sum = try TensorArchive(
        safetensors: directory + "/x.safetensors", names: ["sum"], on: device)
      #expect(sum.tensors.count == 1)
      #expect(try await sum["sum"].scalar(as: Float.self) == 21)
    }
  }

  @Test("The blocking forms write the same")
  func blocking() throws {
    let path = "/tmp/swoop-\(getpid())-blocking"
    defer { unlink(path) }
    let x = try Tensor([1, 2, 3], on: .cpu)
    try x.blockingWrite(npy: path)
    #expect(try Tensor(npy: path, on: .cpu).blockingArray(as: Int32.self) == [1, 2, 3])
    try TensorArchive(["x": x]).blockingWrite(npz: path)
    let npz = try TensorArchive(npz: path, on: .cpu)
    #expect(try npz["x"].blockingArray(as: Int32.self) == [1, 2, 3])
    try TensorArchive(["x": x], metadata: ["a": "b"]).blockingWrite(safetensors: path)
    let safetensors = try TensorArchive(safetensors: path, on: .cpu)
    #expect(try safetensors["x"].blockingArray(as: Int32.self) == [1, 2, 3])
    #expect(safetensors.metadata == ["a": "b"])
  }

  @Test("What is wrong is a typed error with a code of its own")
  func errors() async throws {
    func code(_ body: () async throws -> Void) async throws -> TensorError.Code? {
      do {
        try await body()
        return nil
      } catch let error as TensorError {
        return error.code
      }
    }
    try await withDirectory { directory in
      let path = directory + "/x.npy"
      #expect(try await code { _ = try Tensor(npy: path, on: .cpu) } == .fileNotFound)
      #expect(try await code { _ = try Tensor(npy: directory, on: .cpu) } == .unreadableFile)
      #expect(
        try await code { _ = try TensorArchive(npz: "/dev/null", on: .cpu) } == .malformedFile)
      let x = try Tensor([1.5], on: .cpu)
      #expect(try await code { try await x.write(npy: directory + "/none/x") } == .unwritableFile)
      #expect(try await code { _ = try TensorArchive(["x": x])["y"] } == .tensorNotFound)
      try await TensorArchive(["x": x]).write(npz: directory + "/x.npz")
      #expect(
        try await code {
          _ = try TensorArchive(npz: directory + "/x.npz", names: ["y"], on: .cpu)
        } == .tensorNotFound)
      let described = TensorArchive(["x": x], metadata: ["a": "b"])
      #expect(
        try await code { try await described.write(npz: directory + "/x.npz") } == .invalidArgument)
      #expect(
        try await code { try await TensorArchive(["../x": x]).write(npz: directory + "/x.npz") }
          == .invalidArgument)
      // Nine dimensions are a file, but no tensor.
      let deep = try StoredTensor(
        .float32, shape: Array(repeating: 1, count: 9), bytes: FileBytes([Float(1)]))
      try NPYFile.write(deep, to: path)
      #expect(try await code { _ = try Tensor(npy: path, on: .cpu) } == .invalidShape)
    }
  }
}
