/// Compiled shaders in a directory, one file each.
///
/// A file is a header and the SPIR-V, in 32-bit words of the machine's byte order:
/// mark, format, key (4), length of the key's material (2), number of SPIR-V words, checksum of
/// all other words (4), SPIR-V. Files are written whole and renamed, never changed; anything that
/// does not read back word for word is treated as if it were not there.
struct DiskCache: Sendable {
  /// Raise it when the file format or the options given to shaderc change.
  static let format: UInt32 = 1

  /// "SwSh" on a little-endian machine.
  private static let mark: UInt32 = 0x6853_7753
  private static let headerCount = 13

  /// More than any shader: a file larger than this, in bytes, is not read.
  private static let maximumSize = 64 << 20

  let directory: String

  /// What a look-up found.
  enum Finding {
    case words([UInt32])
    case nothing
    /// A file is there, but not one that was written for this key, or no longer.
    case damaged
  }

  func path(for key: Fingerprint) -> String {
    "\(directory)/\(key.hexadecimal).shader"
  }

  func find(_ key: Fingerprint) -> Finding {
    switch File.read(path(for: key), maximumSize: Self.maximumSize) {
    case .absent: .nothing
    case .unreadable: .damaged
    case .contents(let contents): Self.decode(contents, key: key).map(Finding.words) ?? .damaged
    }
  }

  /// Whether the words could be stored; if not, nothing is left behind.
  func store(_ words: [UInt32], for key: Fingerprint) -> Bool {
    File.makeDirectories(directory)
      && File.replace(path(for: key), with: Self.encode(words, key: key))
  }

  static func encode(_ words: [UInt32], key: Fingerprint) -> [UInt32] {
    var file = [mark, format]
    file += key.words
    file += [
      UInt32(truncatingIfNeeded: key.length), UInt32(truncatingIfNeeded: key.length >> 32),
      UInt32(truncatingIfNeeded: words.count),
    ]
    var sum = Fingerprint()
    sum.combine(file)
    sum.combine(words)
    return file + sum.words + words
  }

  static func decode(_ file: [UInt32], key: Fingerprint) -> [UInt32]? {
    guard file.count > headerCount, file[headerCount] == ShaderCompiler.spirvMagic else {
      return nil
    }
    let words = Array(file[headerCount...])
    // Equal in every word to what would be written now: mark, key, lengths and checksum at once.
    return encode(words, key: key) == file ? words : nil
  }
}
