import Glibc
import TensorFiles
import Testing

@testable import DigitsData

@Suite("Digits: the weights")
struct WeightsTests {
  static func weights(_ metadata: [String: String] = [:]) throws -> DigitsWeights {
    var first = (0..<16_384).map { Float($0) * 0.37 - 1_000 }
    first.replaceSubrange(
      0..<5,
      with: [-0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.leastNormalMagnitude, .pi])
    return try DigitsWeights(
      first: first, firstBias: (0..<256).map { 1 / Float($0 + 1) },
      second: (0..<2_560).map { Float($0).squareRoot() }, secondBias: (0..<10).map { -Float($0) },
      metadata: metadata)
  }

  @Test("What is written is read back bit for bit")
  func roundTrip() throws {
    try withDirectory { directory in
      let path = directory + "/weights.safetensors"
      let texts = [
        "accuracy": "0.9", "command": "a 'b' \"c\" \\ /", "": "",
        "é漢😀": "\u{1}\n\r\t\u{8}\u{C}\u{7F}",
      ]
      let written = try WeightsTests.weights(texts)
      try written.write(to: path)
      let read = try DigitsWeights.load(from: path)
      for (a, b) in zip(
        [written.first, written.firstBias, written.second, written.secondBias],
        [read.first, read.firstBias, read.second, read.secondBias])
      {
        #expect(a.map(\.bitPattern) == b.map(\.bitPattern))
      }
      #expect(read.metadata == texts)
      #expect(listing(directory) == ["weights.safetensors"])

      let bytes = try DataFile.read(path, limit: 1 << 20).array
      #expect(bytes[0] % 8 == 0 && bytes[8] == UInt8(ascii: "{"))
      try read.write(to: path)
      #expect(try DataFile.read(path, limit: 1 << 20).array == bytes)
    }
  }

  @Test("Weights have their counts, and are finite")
  func invalid() throws {
    let good = try WeightsTests.weights()
    let short = try failure {
      _ = try DigitsWeights(
        first: good.first, firstBias: [1], second: good.second, secondBias: good.secondBias)
    }
    #expect(short.code == .invalidWeights && short.description.contains("first.bias"))
    for value in [Float.nan, .infinity, -.infinity] {
      var second = good.second
      second[7] = value
      let error = try failure {
        _ = try DigitsWeights(
          first: good.first, firstBias: good.firstBias, second: second,
          secondBias: good.secondBias)
      }
      #expect(error.code == .invalidWeights && error.description.contains("second.weight"))
    }
  }

  @Test("A link is followed, and an existing file keeps its mode")
  func links() throws {
    try withDirectory { directory in
      let (target, link) = (directory + "/target", directory + "/link")
      try put([1], at: target)
      chmod(target, 0o640)
      try #require(symlink("target", link) == 0)
      try WeightsTests.weights().write(to: link)
      _ = try DigitsWeights.load(from: target)
      var status = stat()
      #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
      #expect(stat(target, &status) == 0 && status.st_mode & 0o777 == 0o640)
      #expect(listing(directory) == ["link", "target"])
    }
  }

  @Test("What cannot be written leaves nothing behind")
  func unwritable() throws {
    let weights = try WeightsTests.weights()
    try withDirectory { directory in
      // The temporary file can be made there; giving it this name cannot be done.
      let long = directory + "/" + String(repeating: "x", count: 300)
      let paths = [long, directory, directory + "/none/weights", "/dev/full", ""]
      for path in paths {
        let error = try failure { try weights.write(to: path) }
        #expect(error.code == .unwritable && error.path == path)
      }
      #expect(listing(directory) == [])
    }
    // A device cannot be replaced, and is written to.
    try weights.write(to: "/dev/null")
    var status = stat()
    #expect(lstat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test("A file of another network is refused")
  func otherNetwork() throws {
    typealias Named = (name: String, tensor: StoredTensor)
    func check(_ tensors: [Named], _ part: String) throws {
      try withDirectory { directory in
        let path = directory + "/weights"
        try SafetensorsFile.write(
          Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }), to: path)
        let error = try failure { _ = try DigitsWeights.load(from: path) }
        #expect(error.code == .malformed && error.message.contains(part))
      }
    }
    func tensor(_ name: String, _ shape: [Int], _ value: Float = 0) throws -> Named {
      let values = Array(repeating: value, count: shape.reduce(1, *))
      return (name, try StoredTensor(.float32, shape: shape, bytes: FileBytes(values)))
    }
    let good = [
      try tensor("first.weight", [64, 256]), try tensor("first.bias", [256]),
      try tensor("second.weight", [256, 10]), try tensor("second.bias", [10]),
    ]
    let whole = try StoredTensor(.int32, shape: [10], bytes: FileBytes([Int32](0..<10)))
    try check([], "first.weight")
    try check(Array(good.dropLast()), "second.bias")
    try check(good + [tensor("third", [])], "5 tensors")
    try check([tensor("first.weight", [256, 64])] + good.dropFirst(), "[256, 64]")
    try check(good.dropLast() + [("second.bias", whole)], "int32")
    try check([tensor("first.weight", [64, 256], .nan)] + good.dropFirst(), "not finite")
  }
}
