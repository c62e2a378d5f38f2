import CLinux
import Glibc

/// A mutex around a value.
///
/// A pthread mutex, because the thread sanitizer understands it: the standard library's `Mutex`
/// waits through a futex of its own, which gives false reports.
package final class Lock<Value>: @unchecked Sendable {
  private let mutex = Lock<pthread_mutex_t>.line()
  // Not a stored property, whose every access the run-time system would note: the mutex is there
  // for that.
  /// The value, for who has called `lock`.
  let locked = Lock.line()

  /// Memory that begins with a line of the cache, so that what is at its start takes no more of them
  /// than it must.
  private static func line() -> UnsafeMutablePointer<Value> {
    UnsafeMutableRawPointer.allocate(byteCount: max(64, MemoryLayout<Value>.size), alignment: 64)
      .bindMemory(to: Value.self, capacity: 1)
  }

  package init(_ value: Value) {
    locked.initialize(to: value)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
    locked.deinitialize(count: 1)
    locked.deallocate()
  }

  package func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    lock()
    defer { unlock() }
    return try body(&locked.pointee)
  }

  /// For what is too short for a closure.
  @inline(__always)
  func lock() { if pthread_mutex_trylock(mutex) != 0 { wait() } }

  /// Held for so short that whoever finds it taken had better look again than sleep, and leave it
  /// alone in between: from 16 cores at once, half of the time of a coalesced call went into sleeping
  /// and waking.
  @inline(never)
  private func wait() {
    var pauses = 4
    for _ in 0..<16 {
      for _ in 0..<pauses { swoop_pause() }
      if pthread_mutex_trylock(mutex) == 0 { return }
      pauses = min(pauses * 2, 64)
    }
    pthread_mutex_lock(mutex)
  }

  @inline(__always)
  func unlock() { pthread_mutex_unlock(mutex) }
}
