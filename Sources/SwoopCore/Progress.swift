import Glibc
import Synchronization

/// Lets evaluations wait for each other's submissions; costs one load where nobody waits.
final class Progress: @unchecked Sendable {
  private let waiters = Atomic<Int>(0)
  private var generation = 0
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  func announce() {
    // Between the change of state before this and the load below; `wait` has the other one.
    // Without them either side could miss the other.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    guard waiters.load(ordering: .sequentiallyConsistent) > 0 else { return }
    pthread_mutex_lock(mutex)
    generation += 1
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  func wait(until isDone: () -> Bool) {
    waiters.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { waiters.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    while true {
      pthread_mutex_lock(mutex)
      let seen = generation
      pthread_mutex_unlock(mutex)
      if isDone() { return }
      pthread_mutex_lock(mutex)
      while generation == seen { pthread_cond_wait(condition, mutex) }
      pthread_mutex_unlock(mutex)
    }
  }
}
