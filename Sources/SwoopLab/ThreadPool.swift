/// A fixed number of threads fed from one locked queue, as `ThreadPoolExecutor` is in Python.
final class ThreadPool: Sendable {
  typealias Job = @Sendable (_ worker: Int) -> Void

  private struct Queue {
    var jobs: [Job] = []
    /// The first job not yet taken: a queue in an array without moving what is in it.
    var head = 0
    var isClosed = false

    var isEmpty: Bool { head == jobs.count }

    mutating func take() -> Job? {
      guard !isEmpty else { return nil }
      let job = jobs[head]
      head += 1
      if isEmpty {
        jobs.removeAll(keepingCapacity: true)
        head = 0
      } else if head >= 64, head * 2 >= jobs.count {
        jobs.removeFirst(head)
        head = 0
      }
      return job
    }
  }

  private let queue = Monitor(Queue())

  private func workLoop(worker: Int) {
    while let job = queue.wait(until: { !$0.isEmpty || $0.isClosed }, then: { $0.take() }) {
      job(worker)
    }
  }

  private func submit(_ job: @escaping Job) {
    queue.locked { $0.jobs.append(job) }
    queue.signal()
  }

  private func close(joining threads: [WorkerThread]) {
    queue.locked { $0.isClosed = true }
    queue.broadcast()
    for thread in threads { thread.join() }
  }

  /// Runs operations on a pool that exists before the clock starts: the calling thread hands in
  /// each as a job when it holds one of as many tokens as there are threads, and gets the token
  /// back when the job is done.
  @available(*, noasync)
  static func timed(
    threads count: Int, operations: Int, failures: FailureList,
    _ operation: @escaping PatternWork.Blocking
  ) throws(ThreadStartFailure) -> Duration {
    let pool = ThreadPool()
    let ready = Monitor(0)
    var threads: [WorkerThread] = []
    defer { pool.close(joining: threads) }
    for worker in 0..<count {
      threads.append(
        try WorkerThread {
          ready.locked { $0 += 1 }
          ready.signal()
          pool.workLoop(worker: worker)
        })
    }
    ready.wait(until: { $0 == count }, then: { _ in })

    let tokens = Monitor(count)
    let clock = ContinuousClock()
    let start = clock.now
    for iteration in 0..<operations {
      tokens.wait(until: { $0 > 0 }, then: { $0 -= 1 })
      guard failures.isEmpty else {
        tokens.locked { $0 += 1 }
        break
      }
      pool.submit { worker in
        failures.run(
          worker: worker, iterations: stride(from: iteration, to: iteration + 1, by: 1), operation)
        tokens.locked { $0 += 1 }
        tokens.signal()
      }
    }
    return tokens.wait(until: { $0 == count }, then: { _ in clock.now }) - start
  }
}
