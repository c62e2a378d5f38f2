import Glibc
import Synchronization
import Testing

/// Runs the body on so many threads at once, and waits for all of them. Threads that take longer
/// make the test fail instead of hang, and are left behind.
func onThreads(
  _ count: Int, within seconds: Int = 300, _ body: @escaping @Sendable (_ index: Int) -> Void
) {
  final class Job {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  final class Counter: Sendable { let value = Atomic<Int>(0) }
  let finished = Counter()
  var threads: [pthread_t] = []
  for index in 0..<count {
    var thread = pthread_t()
    let job = Unmanaged.passRetained(
      Job {
        body(index)
        finished.value.wrappingAdd(1, ordering: .releasing)
      })
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, job.toOpaque())
    precondition(status == 0, "no thread to be had")
    threads.append(thread)
  }
  for _ in 0..<seconds * 1000 where finished.value.load(ordering: .acquiring) < count {
    usleep(1000)
  }
  guard finished.value.load(ordering: .acquiring) == count else {
    Issue.record("not all of \(count) threads have finished after \(seconds) s")
    return
  }
  for thread in threads { pthread_join(thread, nil) }
}

/// Lets threads start a round together.
final class Barrier: @unchecked Sendable {
  private let barrier = UnsafeMutablePointer<pthread_barrier_t>.allocate(capacity: 1)
  init(_ count: Int) { pthread_barrier_init(barrier, nil, UInt32(count)) }
  deinit {
    pthread_barrier_destroy(barrier)
    barrier.deallocate()
  }
  func wait() { pthread_barrier_wait(barrier) }
}
