import Glibc
import SwoopCore

/// The end of the process, for OpenBLAS: as it is unloaded it ends its threads, and whoever is in it
/// then waits for them for ever, or crashes.
enum ProcessEnd {
  private struct State {
    var inside = 0
    var hasBegun = false
  }

  private static let state = {
    atexit { ProcessEnd.begin() }
    return Lock(State())
  }()

  /// To be called before anything is computed: who registers while the process ends may be too late.
  static func register() { _ = state }

  /// Runs what the end of the process is to wait for, two seconds at most.
  /// - Throws: `deviceLost` if the process is ending.
  static func heldOff(by body: () -> Void) throws(TensorError) {
    let isLate = state.withLock { state in
      if !state.hasBegun { state.inside += 1 }
      return state.hasBegun
    }
    if isLate { throw TensorError(.deviceLost, "the process is ending") }
    defer { state.withLock { $0.inside -= 1 } }
    body()
  }

  private static func begin() {
    state.withLock { $0.hasBegun = true }
    for _ in 0..<2_000 where state.withLock({ $0.inside }) > 0 { usleep(1_000) }
  }
}
