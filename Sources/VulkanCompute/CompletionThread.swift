import Glibc

/// Resumes tasks when their submissions have finished. A thread of its own: tasks that block
/// would stop the very tasks that they wait for.
final class CompletionThread: @unchecked Sendable {
  private let timeline: Timeline
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var waiting: [(value: UInt64, continuation: UnsafeContinuation<Void, Never>)] = []
  private var thread: pthread_t?
  private var isStopped = false

  init(_ timeline: Timeline) {
    self.timeline = timeline
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  /// Suspends until the value has passed, or waiting has failed: the timeline knows which.
  func passed(_ value: UInt64) async {
    await withUnsafeContinuation { continuation in
      pthread_mutex_lock(mutex)
      waiting.append((value, continuation))
      if thread == nil { thread = start() }
      let isAlone = thread == nil
      pthread_cond_signal(condition)
      pthread_mutex_unlock(mutex)
      // Without a thread the caller's has to do; slower, and right.
      if isAlone { run(untilIdle: true) }
    }
  }

  /// Ends the thread, and returns when it is gone: what it uses must not go before it. Nobody
  /// may be waiting any more.
  func stop() {
    pthread_mutex_lock(mutex)
    isStopped = true
    let thread = thread
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
    guard let thread else { return }
    if pthread_equal(thread, pthread_self()) != 0 {
      pthread_detach(thread)
    } else {
      pthread_join(thread, nil)
    }
  }

  private func start() -> pthread_t? {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self).toOpaque()
    let result = pthread_create(
      &thread, nil,
      { context in
        if let context {
          Unmanaged<CompletionThread>.fromOpaque(context).takeRetainedValue().run()
        }
        return nil
      }, context)
    if result == 0 { return thread }
    Unmanaged<CompletionThread>.fromOpaque(context).release()
    return nil
  }

  private func run(untilIdle: Bool = false) {
    var last: UInt64 = 0
    while true {
      pthread_mutex_lock(mutex)
      while waiting.isEmpty, !isStopped, !untilIdle { pthread_cond_wait(condition, mutex) }
      let next = waiting.lazy.map(\.value).min()
      pthread_mutex_unlock(mutex)
      guard let next else { return }
      let reached: UInt64
      do {
        // Short, so that a smaller value that arrives meanwhile is seen.
        _ = try timeline.wait(for: next, limit: 2_000_000, polling: next != last)
        reached = try timeline.update()
      } catch {
        reached = .max
      }
      last = next
      pthread_mutex_lock(mutex)
      let ready = waiting.filter { $0.value <= reached }
      waiting.removeAll { $0.value <= reached }
      pthread_mutex_unlock(mutex)
      for entry in ready { entry.continuation.resume() }
    }
  }
}
