import Glibc
import Testing

@testable import DigitsData

/// A directory of its own for a test, removed in the end.
func withDirectory(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/digits-XXXXXX".utf8CString)
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

/// Writes a file as it comes, good or bad.
func put(_ bytes: [UInt8], at path: String) throws {
  let file = try #require(fopen(path, "we"))
  defer { fclose(file) }
  try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}

/// The error that a call throws; a failed expectation if it throws none.
func failure(_ body: () throws -> Void) throws -> DigitsError {
  try #require(throws: DigitsError.self, performing: body)
}
