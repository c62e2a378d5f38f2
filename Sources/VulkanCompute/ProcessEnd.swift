import Glibc

/// The end of the process. Compilers, and drivers of software devices with them, have state that
/// `exit` destroys while other threads go on; a thread that is inside one then crashes it. So
/// before that, nobody is let in any more, and those inside are waited for.
public enum ProcessEnd {
  private struct State {
    var queues: [ComputeQueue] = []
    var inside = 0
    var hasBegun = false
  }

  private static let state = Lock(State())

  /// Has a queue closed at the end of the process, until which it lives.
  public static func close(_ queue: ComputeQueue) {
    state.withLock { $0.queues.append(queue) }
    comeFirst()
  }

  /// Puts `begin` before the destructors that are registered by now: `exit` runs the last first.
  private static func comeFirst() { atexit { ProcessEnd.begin() } }

  /// After the first submission to a queue. The drivers of software devices compile when a kernel
  /// is first run, and LLVM then registers a destructor of what it compiles with.
  static func hasRun(_ queue: ComputeQueue) {
    guard state.withLock({ $0.queues.contains { $0 === queue } }) else { return }
    queue.rest()
    comeFirst()
  }

  private static func begin() {
    let queues = state.withLock { state in
      defer { state.hasBegun = true }
      return state.hasBegun ? [] : state.queues
    }
    for queue in queues { queue.close() }
    // Two seconds at most.
    for _ in 0..<2_000 where state.withLock({ $0.inside }) > 0 { usleep(1_000) }
    for queue in queues { queue.rest() }
  }

  /// Runs what the end of the process is to wait for.
  /// - Throws: what `body` throws; `VulkanError.deviceLost` if the process is ending, where `body`
  ///   is not run.
  public static func heldOff<R>(by body: () throws -> R) throws -> R {
    guard enter() else { throw error }
    defer { leave() }
    return try body()
  }

  /// What is thrown at those who come too late.
  static var error: VulkanError { VulkanError(.deviceLost, "the process is ending") }

  /// - Returns: false if the process is ending; else `leave` must follow.
  static func enter() -> Bool {
    state.withLock { state in
      guard !state.hasBegun else { return false }
      state.inside += 1
      return true
    }
  }

  static func leave() { state.withLock { $0.inside -= 1 } }
}
