import Glibc

/// A thread that is nobody's task: what blocks on it stops no other task.
enum DriverThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `body` on a new thread; on this one if there can be no other.
  static func start(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let context = Unmanaged.passRetained(Body(body)).toOpaque()
    let result = pthread_create(
      &thread, &attributes,
      { context in
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
      }, context)
    pthread_attr_destroy(&attributes)
    if result != 0 { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
  }
}

/// Wakes a thread; a signal raised while nobody waits is kept for the next wait.
final class Signal: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var isRaised = false

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  func raise() {
    pthread_mutex_lock(mutex)
    isRaised = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Returns when the signal is raised, or after some nanoseconds if so many are given.
  func wait(nanoseconds: Int?) {
    pthread_mutex_lock(mutex)
    if let nanoseconds {
      var time = timespec()
      clock_gettime(CLOCK_REALTIME, &time)
      let total = Int(time.tv_nsec) + nanoseconds
      time.tv_sec += total / 1_000_000_000
      time.tv_nsec = total % 1_000_000_000
      while !isRaised, pthread_cond_timedwait(condition, mutex, &time) == 0 {}
    } else {
      while !isRaised { pthread_cond_wait(condition, mutex) }
    }
    isRaised = false
    pthread_mutex_unlock(mutex)
  }
}
