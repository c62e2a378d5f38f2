import Glibc

/// A POSIX thread that runs one closure. To be joined or detached, once.
struct WorkerThread {
  private let handle: pthread_t

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a thread.
  init(_ run: @escaping @Sendable () -> Void) throws(ThreadStartFailure) {
    let body = Unmanaged.passRetained(Body(run))
    var handle = pthread_t()
    let code = pthread_create(
      &handle, nil,
      { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, body.toOpaque())
    guard code == 0 else {
      body.release()
      throw ThreadStartFailure(code: code)
    }
    self.handle = handle
  }

  /// Blocks until the thread has ended.
  func join() { pthread_join(handle, nil) }

  /// Lets the thread end by itself.
  func detach() { pthread_detach(handle) }

  /// Runs blocking work on a thread of its own while the calling task is suspended, so that the
  /// cooperative pool loses no thread to it.
  static func run<Result: Sendable>(
    _ work: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    // The result travels in a slot behind a POSIX lock, and the end of a stream wakes the task: the
    // thread sanitizer takes a continuation resumed from here for a race with its task.
    let slot = Monitor<Swift.Result<Result, any Error>?>(nil)
    let (end, ending) = AsyncStream.makeStream(of: Never.self)
    try WorkerThread {
      let result = Swift.Result { try work() }
      slot.locked { $0 = result }
      ending.finish()
    }.detach()
    // A task of its own, since a cancelled one would stop waiting while the work still runs.
    await Task.detached { for await _ in end {} }.value
    guard let result = slot.locked({ $0 }) else { throw ThreadStartFailure(code: EAGAIN) }
    return try result.get()
  }
}

/// The system refused to start a thread.
public struct ThreadStartFailure: Error, CustomStringConvertible {
  /// The code that `pthread_create` returned.
  public let code: Int32

  /// One line for a person.
  public var description: String {
    "a thread could not be started: \(String(cString: strerror(code)))"
  }
}
