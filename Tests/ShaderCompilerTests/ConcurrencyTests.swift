import Glibc
import Synchronization
import Testing

@testable import ShaderCompiler

@Suite struct ConcurrencyTests {
  /// Runs `body` on as many threads of their own at once, and waits for them.
  private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Job: Sendable {
      let index: Int
      let body: @Sendable (Int) -> Void
      init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
        self.index = index
        self.body = body
      }
    }
    let threads = (0..<count).map { index in
      var thread = pthread_t()
      let job = Unmanaged.passRetained(Job(index, body)).toOpaque()
      pthread_create(
        &thread, nil,
        { context in
          guard let context else { return nil }
          let job = Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
          job.body(job.index)
          return nil
        }, job)
      return thread
    }
    for thread in threads { pthread_join(thread, nil) }
  }

  @Test func equalSourcesAreCompiledOnce() throws {
    let directory = TemporaryDirectory()
    let compiler = ShaderCompiler(cacheDirectory: .directory(directory.path))
    let results = Lock<[[UInt32]]>([])
    onThreads(8) { _ in
      if let words = try? compiler.compile(.writing()) { results.withLock { $0.append(words) } }
    }
    let all = results.withLock { $0 }
    #expect(all.count == 8)
    #expect(Set(all).count == 1)
    #expect(compiler.statistics == .init(compiled: 1, memoryHits: 7))
  }

  @Test func shadercGivesTheSameWordsFromEveryThread() throws {
    let alone = try ShaderCompiler(cacheDirectory: .disabled).compile(.writing())
    let translator = Translator()
    let wrong = Atomic<Int>(0)
    onThreads(8) { index in
      for turn in 0..<4 {
        let mine = ShaderSource.writing("\(index * 4 + turn).0")
        let same = try? translator.translate(.writing()) == alone
        let other = try? translator.translate(mine) != alone
        let broken = try? translator.translate(.body("void main() { thread\(index); }"))
        if same != true || (other != true && mine != .writing()) || broken != nil {
          wrong.add(1, ordering: .relaxed)
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test func compilersShareADirectory() throws {
    let directory = TemporaryDirectory()
    let path = directory.path
    let results = Lock<[[UInt32]]>([])
    onThreads(8) { index in
      let compiler = ShaderCompiler(cacheDirectory: .directory(path))
      if let words = try? compiler.compile(.writing("\(index % 2).0")) {
        results.withLock { $0.append(words) }
      }
    }
    let all = results.withLock { $0 }
    #expect(all.count == 8)
    #expect(Set(all).count == 2)
    #expect(directory.names.count == 2, "no temporary file is left")
  }
}
