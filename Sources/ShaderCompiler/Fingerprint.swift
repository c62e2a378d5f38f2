/// A running 128-bit FNV-1a hash: the same in every process, unlike `Hasher`.
struct Fingerprint: Hashable, Sendable {
  private(set) var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

  /// How many bytes and words went in.
  private(set) var length: UInt64 = 0

  private mutating func mix(_ element: UInt64) {
    value = (value ^ UInt128(element)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b
  }

  /// Mixes in words. Each step is a bijection of the state, so no single wrong word goes unseen.
  mutating func combine(_ words: some Sequence<UInt32>) {
    for word in words {
      mix(UInt64(word))
      length += 1
    }
  }

  /// Mixes in a string and, so that neighbours cannot run into each other, its length before it.
  mutating func combine(_ string: String) {
    mix(UInt64(string.utf8.count))
    for byte in string.utf8 {
      mix(UInt64(byte))
    }
    length += UInt64(string.utf8.count) + 8
  }

  /// The dictionary's size and its pairs, in the order of their names.
  mutating func combine(_ dictionary: [String: String]) {
    mix(UInt64(dictionary.count))
    length += 8
    for (name, value) in dictionary.sorted(by: { $0.key < $1.key }) {
      combine(name)
      combine(value)
    }
  }

  /// 32 hexadecimal digits.
  var hexadecimal: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }

  /// The hash, least significant word first.
  var words: [UInt32] {
    (0..<4).map { UInt32(truncatingIfNeeded: value >> UInt128(32 * $0)) }
  }
}

extension Fingerprint {
  /// What a source compiles to depends on nothing but what is hashed here.
  ///
  /// - Parameter compiler: the version of the compiler and of the options it is called with.
  init(of source: ShaderSource, compiler: String) {
    combine(compiler)
    combine(source.name)
    combine(source.text)
    combine(source.includes)
    combine(source.definitions)
    combine(source.optimization.rawValue)
  }
}
