import Glibc

@testable import ShaderCompiler

/// A directory that disappears with the value that owns it.
final class TemporaryDirectory {
  let path: String

  init() {
    var template = Array("/tmp/swoop-shaders.XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
  }

  /// The names in it.
  var names: [String] { Self.names(in: path) }

  static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  static func remove(_ path: String) {
    for name in names(in: path) { remove("\(path)/\(name)") }
    if rmdir(path) != 0 { unlink(path) }
  }

  deinit { Self.remove(path) }
}

/// Writes bytes to a file that need not exist.
func write(_ bytes: [UInt8], to path: String) {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  _ = Glibc.write(file, bytes, bytes.count)
  close(file)
}

/// The bytes of a small file.
func bytes(of path: String) -> [UInt8] {
  let file = open(path, O_RDONLY)
  defer { close(file) }
  return [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
    count = max(0, Glibc.read(file, buffer.baseAddress, buffer.count))
  }
}

extension ShaderSource {
  /// A shader that writes `VALUE` into its only buffer.
  static func writing(_ value: String = "1.0") -> ShaderSource {
    ShaderSource(
      name: "Writing.comp",
      text: """
        #version 460
        layout(local_size_x = 64) in;
        layout(std430, set = 0, binding = 0) buffer Result { float result[]; };
        void main() { result[gl_GlobalInvocationID.x] = VALUE; }
        """,
      definitions: ["VALUE": value])
  }

  /// A shader with this body after `#version 460`, so the body starts on line 2.
  static func body(_ body: String, includes: [String: String] = [:]) -> ShaderSource {
    ShaderSource(name: "Body.comp", text: "#version 460\n" + body, includes: includes)
  }
}
