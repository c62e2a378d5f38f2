import Testing

@testable import ShaderCompiler

@Suite struct CacheTests {
  let directory = TemporaryDirectory()

  private var compiler: ShaderCompiler {
    ShaderCompiler(cacheDirectory: .directory(directory.path + "/deep/swoop"))
  }

  private var files: [String] {
    let deep = directory.path + "/deep/swoop"
    return TemporaryDirectory.names(in: deep).map { "\(deep)/\($0)" }
  }

  @Test func secondTimeIsFromMemoryThenFromDisk() throws {
    let first = compiler
    let words = try first.compile(.writing())
    #expect(try first.compile(.writing()) == words)
    #expect(first.statistics == .init(compiled: 1, memoryHits: 1))
    #expect(files.count == 1)

    let second = compiler
    #expect(try second.compile(.writing()) == words)
    #expect(second.statistics == .init(diskHits: 1))
    #expect(second.statistics.cacheHits == 1)
  }

  @Test func disabledWritesNothing() throws {
    let compiler = ShaderCompiler(cacheDirectory: .disabled)
    _ = try compiler.compile(.writing())
    #expect(compiler.statistics == .init(compiled: 1))
  }

  /// What can have happened to a file, given its bytes.
  enum Damage: String, CaseIterable {
    case firstBit, headerBit, payloadBit, lastBit
    case truncated, odd, headerOnly, empty, longer, foreign

    func done(to bytes: [UInt8]) -> [UInt8] {
      var result = bytes
      switch self {
      case .firstBit: result[0] ^= 1
      case .headerBit: result[40] ^= 0x10
      case .payloadBit: result[bytes.count / 2] ^= 0x80
      case .lastBit: result[bytes.count - 1] ^= 1
      case .truncated: result.removeLast(4)
      case .odd: result.removeLast(1)
      case .headerOnly: result.removeLast(bytes.count - 52)
      case .empty: result = []
      case .longer: result += [0, 0, 0, 0]
      case .foreign: result = Array("#!/bin/sh\nexit 0\n\n\n".utf8)
      }
      return result
    }
  }

  @Test(arguments: Damage.allCases)
  func aDamagedFileIsReplaced(damage: Damage) throws {
    let words = try compiler.compile(.writing())
    let file = try #require(files.first)
    let good = bytes(of: file)
    write(damage.done(to: good), to: file)

    let next = compiler
    #expect(try next.compile(.writing()) == words)
    #expect(next.statistics == .init(compiled: 1, cacheFailures: 1))
    #expect(files == [file])
    #expect(bytes(of: file) == good)
  }

  @Test func anotherShadersFileIsNotTaken() throws {
    _ = try compiler.compile(.writing("1.0"))
    let first = try #require(files.first)
    let other = try compiler.compile(.writing("2.0"))
    let second = try #require(files.first { $0 != first })
    write(bytes(of: first), to: second)
    #expect(try compiler.compile(.writing("2.0")) == other)
  }

  @Test func aPathBelowAFileIsHarmless() throws {
    let file = directory.path + "/file"
    write([1], to: file)
    let compiler = ShaderCompiler(cacheDirectory: .directory(file + "/cache"))
    #expect(try compiler.compile(.writing()).first == ShaderCompiler.spirvMagic)
    #expect(compiler.statistics == .init(compiled: 1, cacheFailures: 1))
  }

  @Test(arguments: ["/proc/nothing/here", "/proc", "/dev/null"])
  func strangeDirectoriesAreHarmless(path: String) throws {
    let compiler = ShaderCompiler(cacheDirectory: .directory(path))
    #expect(try compiler.compile(.writing()).first == ShaderCompiler.spirvMagic)
    #expect(compiler.statistics.cacheFailures == 1)
  }

  @Test func aDirectoryInTheFilesPlaceIsHarmless() throws {
    let words = try compiler.compile(.writing())
    let file = try #require(files.first)
    TemporaryDirectory.remove(file)
    #expect(File.makeDirectories(file + "/not/empty"))
    let next = compiler
    #expect(try next.compile(.writing()) == words)
    #expect(next.statistics == .init(compiled: 1, cacheFailures: 2))
    #expect(files == [file], "no temporary file is left")
  }

  @Test func theStandardPlaceFollowsTheEnvironment() {
    func path(_ setting: String?, _ cache: String?, _ home: String?) -> String? {
      CacheLocation.standardPath(setting: setting, cache: cache, home: home)
    }
    #expect(path(nil, "/c", "/h") == "/c/swoop")
    #expect(path(nil, nil, "/h") == "/h/.cache/swoop")
    #expect(path(nil, "relative", "/h") == "/h/.cache/swoop")
    #expect(path("off", "/c", "/h") == nil)
    #expect(path(nil, nil, nil) == nil)
    #expect(CacheLocation.directory("").path == nil)
  }
}
