extension ThreadPattern {
  /// Runs a number of operations in this pattern and returns the wall-clock time of the whole.
  ///
  /// Patterns of threads run on threads of their own, also the plain loop, while the calling task
  /// is suspended: they block no thread of the cooperative pool.
  ///
  /// - Parameters:
  ///   - work: what to run.
  ///   - threads: how many threads, or tasks, at once: at least 1; the plain loop has one.
  ///   - operations: how many operations in all: at least 0.
  /// - Throws: `PatternFailure` if an operation threw, `PatternArgumentError`,
  ///   `ThreadStartFailure`.
  public func run(_ work: PatternWork, threads: Int, operations: Int) async throws -> Duration {
    if self == .swiftTasks {
      return try await ThreadPattern.runTasks(
        threads: threads, operations: operations, work.awaiting)
    }
    return try await WorkerThread.run {
      try blockingRun(threads: threads, operations: operations, work.blocking)
    }
  }

  /// Runs a number of operations in this pattern, blocking the calling thread, and returns the
  /// wall-clock time of the whole.
  ///
  /// Swift tasks have no blocking form: see `run(_:threads:operations:)`.
  ///
  /// - Throws: as `run(_:threads:operations:)`.
  @available(*, noasync)
  public func blockingRun(
    threads: Int, operations: Int, _ operation: @escaping PatternWork.Blocking
  ) throws -> Duration {
    try ThreadPattern.check(threads: threads, operations: operations)
    let failures = FailureList(pattern: self, threads: self == .plainLoop ? 1 : threads)
    let duration: Duration
    switch self {
    case .plainLoop:
      duration = ContinuousClock().measure {
        failures.run(worker: 0, iterations: stride(from: 0, to: operations, by: 1), operation)
      }
    case .newThread:
      duration = try timedTogether(threads) { worker in
        for iteration in stride(from: worker, to: operations, by: threads) {
          guard failures.runOnNewThread(worker: worker, iteration: iteration, operation) else {
            return
          }
        }
      }
    case .threadPool:
      duration = try ThreadPool.timed(
        threads: threads, operations: operations, failures: failures, operation)
    case .persistentWorkers:
      duration = try timedTogether(threads) { worker in
        failures.run(
          worker: worker, iterations: stride(from: worker, to: operations, by: threads), operation)
      }
    case .swiftTasks:
      throw PatternArgumentError(description: "Swift tasks cannot be run by blocking a thread")
    }
    try failures.rethrow()
    return duration
  }

  /// Runs operations in a loop on the calling thread, then `finish` once, such as a wait for all
  /// that the operations only started, and returns the wall-clock time of both.
  ///
  /// - Throws: what `operation` or `finish` throws.
  @available(*, noasync)
  public static func plainLoop(
    operations: Int, _ operation: (_ iteration: Int) throws -> Void, finish: () throws -> Void
  ) throws -> Duration {
    try check(threads: 1, operations: operations)
    return try ContinuousClock().measure {
      for iteration in 0..<operations { try operation(iteration) }
      try finish()
    }
  }

  private static func runTasks(
    threads: Int, operations: Int, _ operation: @escaping PatternWork.Awaiting
  ) async throws -> Duration {
    try check(threads: threads, operations: operations)
    let failures = FailureList(pattern: .swiftTasks, threads: threads)
    let duration = await ContinuousClock().measure {
      await withTaskGroup(of: Void.self) { group in
        for worker in 0..<threads {
          group.addTask {
            for iteration in stride(from: worker, to: operations, by: threads) {
              do {
                try await operation(worker, iteration)
              } catch {
                return failures.append(worker: worker, iteration: iteration, error)
              }
            }
          }
        }
      }
    }
    try failures.rethrow()
    return duration
  }

  private static func check(threads: Int, operations: Int) throws(PatternArgumentError) {
    guard threads >= 1 else {
      throw PatternArgumentError(description: "\(threads) threads: at least 1 is needed")
    }
    guard operations >= 0 else {
      throw PatternArgumentError(description: "\(operations) operations: at least 0 are needed")
    }
  }
}

/// The failures of a run, collected from its workers.
final class FailureList: Sendable {
  private let pattern: ThreadPattern
  private let threads: Int
  private let failures = Monitor<[PatternFailure.Worker]>([])

  init(pattern: ThreadPattern, threads: Int) {
    self.pattern = pattern
    self.threads = threads
  }

  var isEmpty: Bool { failures.locked { $0.isEmpty } }

  func append(worker: Int, iteration: Int, _ error: any Error) {
    failures.locked { $0.append(.init(worker: worker, iteration: iteration, error: error)) }
  }

  func rethrow() throws(PatternFailure) {
    let failures = failures.locked { $0 }
    guard failures.isEmpty else {
      throw PatternFailure(pattern: pattern, threads: threads, failures: failures)
    }
  }

  /// Runs one worker's operations until one throws.
  func run(worker: Int, iterations: StrideTo<Int>, _ operation: PatternWork.Blocking) {
    for iteration in iterations {
      do {
        try operation(worker, iteration)
      } catch {
        return append(worker: worker, iteration: iteration, error)
      }
    }
  }

  /// Runs one operation on a thread made for it, joins that, and returns whether to go on.
  func runOnNewThread(
    worker: Int, iteration: Int, _ operation: @escaping PatternWork.Blocking
  ) -> Bool {
    let succeeded = Monitor(false)
    do {
      let thread = try WorkerThread {
        do {
          try operation(worker, iteration)
          succeeded.locked { $0 = true }
        } catch {
          self.append(worker: worker, iteration: iteration, error)
        }
      }
      thread.join()
    } catch {
      append(worker: worker, iteration: iteration, error)
    }
    return succeeded.locked { $0 }
  }
}
