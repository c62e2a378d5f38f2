/// Compiles GLSL compute shaders to SPIR-V 1.6 for Vulkan 1.3, and remembers what it compiled.
///
/// Safe to use from any thread and any number of them. Threads that ask for the same source at
/// once share one compilation; different sources compile side by side.
public final class ShaderCompiler: Sendable {
  /// How often the compiler did what, since it was created.
  public struct Statistics: Sendable, Hashable {
    /// Sources that went through shaderc.
    public var compiled = 0

    /// Sources that this compiler had already at hand.
    public var memoryHits = 0

    /// Sources that were read from the cache directory.
    public var diskHits = 0

    /// Files in the cache directory that were damaged or could not be written. All harmless.
    public var cacheFailures = 0

    /// Sources that needed no compilation.
    public var cacheHits: Int { memoryHits + diskHits }
  }

  /// The first word of every SPIR-V module.
  static let spirvMagic: UInt32 = 0x0723_0203

  /// A source's words, once there are some. The lock is held while they are being made.
  private final class Entry: Sendable {
    let words = Lock<[UInt32]?>(nil)
  }

  private let translator = Translator()
  private let disk: DiskCache?
  private let entries = Lock<[ShaderSource: Entry]>([:])
  private let counters = Lock(Statistics())

  /// A compiler that keeps its results in `cacheDirectory`.
  public init(cacheDirectory: CacheLocation = .standard) {
    disk = cacheDirectory.path.map { DiskCache(directory: $0) }
  }

  /// A snapshot of the counters.
  public var statistics: Statistics {
    counters.withLock { $0 }
  }

  /// The SPIR-V of a source: from memory, from the cache directory, or from shaderc.
  ///
  /// - Returns: the words of one module with the entry point `main`.
  /// - Throws: `.compilation` or `.include`, with the compiler's diagnostics; `.unavailable` if
  ///   shaderc does not work at all. A cache that does not work is not an error.
  public func compile(_ source: ShaderSource) throws(ShaderError) -> [UInt32] {
    let entry = entries.withLock { entries in
      if let entry = entries[source] { return entry }
      let entry = Entry()
      entries[source] = entry
      return entry
    }
    do throws(ShaderError) {
      return try entry.words.withLock { words throws(ShaderError) in
        if let words {
          count { $0.memoryHits += 1 }
          return words
        }
        let made = try make(source)
        words = made
        return made
      }
    } catch {
      // What failed is not remembered.
      entries.withLock { $0[source] = nil }
      throw error
    }
  }

  private func make(_ source: ShaderSource) throws(ShaderError) -> [UInt32] {
    guard let disk else { return try translate(source) }
    let key = Fingerprint(of: source, compiler: Translator.version)
    switch disk.find(key) {
    case .words(let words):
      count { $0.diskHits += 1 }
      return words
    case .damaged:
      count { $0.cacheFailures += 1 }
    case .nothing:
      break
    }
    let words = try translate(source)
    if !disk.store(words, for: key) {
      count { $0.cacheFailures += 1 }
    }
    return words
  }

  private func translate(_ source: ShaderSource) throws(ShaderError) -> [UInt32] {
    let words = try translator.translate(source)
    count { $0.compiled += 1 }
    return words
  }

  private func count(_ change: (inout Statistics) -> Void) {
    counters.withLock { change(&$0) }
  }
}
