import Testing

@testable import ShaderCompiler

@Suite struct FingerprintTests {
  private func key(_ change: (inout ShaderSource) -> Void = { _ in }) -> Fingerprint {
    var source = ShaderSource(
      name: "a.comp", text: "text", includes: ["x": "1"], definitions: ["A": "1"])
    change(&source)
    return Fingerprint(of: source, compiler: "1")
  }

  @Test func everyPartCounts() {
    let keys = [
      key(), key { $0.name = "b.comp" }, key { $0.text = "texts" },
      key { $0.includes["x"] = "2" }, key { $0.includes["y"] = "1" },
      key { $0.definitions["A"] = "2" }, key { $0.definitions["B"] = "1" },
      key { $0.definitions = [:] }, key { $0.optimization = .none },
      Fingerprint(of: ShaderSource(name: "a.comp", text: "text"), compiler: "2"),
    ]
    #expect(Set(keys.map(\.hexadecimal)).count == keys.count)
  }

  @Test func neighboursDoNotRunTogether() {
    #expect(
      key {
        $0.name = "a"
        $0.text = "bc"
      }
        != key {
          $0.name = "ab"
          $0.text = "c"
        })
    #expect(key { $0.definitions = ["A": "", "B": ""] } != key { $0.definitions = ["A": "B"] })
    #expect(
      key {
        $0.includes = [:]
        $0.definitions = ["x": "1"]
      }
        != key {
          $0.includes = ["x": "1"]
          $0.definitions = [:]
        })
  }

  @Test func orderOfNamesDoesNotCount() {
    let names = (0..<50).map { "M\($0)" }
    var forwards: [String: String] = [:]
    for name in names { forwards[name] = "" }
    var backwards: [String: String] = [:]
    for name in names.reversed() { backwards[name] = "" }
    #expect(key { $0.definitions = forwards } == key { $0.definitions = backwards })
  }

  /// The same in every process, or the disk cache would be of no use.
  @Test func theHashIsFNV1a() {
    var hash = Fingerprint()
    #expect(hash.hexadecimal == "6c62272e07bb014262b821756295c58d")
    hash.combine([0x61])
    #expect(hash.hexadecimal == "d228cb696f1a8caf78912b704e4a8964")
    #expect(hash.words == [0x4e4a_8964, 0x7891_2b70, 0x6f1a_8caf, 0xd228_cb69])
  }
}
