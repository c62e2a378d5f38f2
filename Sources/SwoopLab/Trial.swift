/// One measurement of a run: a pattern of operations that can be run any number of times.
public struct Trial: Sendable {
  /// Runs a number of operations and returns the wall-clock time of the whole pattern.
  public typealias Body = @Sendable (_ operations: Int) async throws -> Duration

  /// The name, unique in a run.
  public let name: String

  /// What an operation counts in the rate: 1, or the number of samples in a batch.
  public let samplesPerOperation: Int

  /// The number of operations is a multiple of this, such as the number of threads, so that all
  /// threads have the same share.
  public let granularity: Int

  let body: Body

  /// A trial. Counts below 1 are taken as 1.
  public init(
    _ name: String, samplesPerOperation: Int = 1, granularity: Int = 1, body: @escaping Body
  ) {
    self.name = name
    self.samplesPerOperation = max(1, samplesPerOperation)
    self.granularity = max(1, granularity)
    self.body = body
  }
}

extension Trial {
  /// The baseline: the plain loop on one thread, each operation waited for before the next.
  public static func baseline(_ work: PatternWork) -> Trial {
    Trial(FigureName.baseline.description) {
      try await ThreadPattern.plainLoop.run(work, threads: 1, operations: $0)
    }
  }

  /// The plain loop on one thread that waits once at the end: `start` starts an operation and does
  /// not wait, `finish` waits for all.
  public static func baselineWaitingOnce(
    start: @escaping @Sendable (_ iteration: Int) throws -> Void,
    finish: @escaping @Sendable () throws -> Void
  ) -> Trial {
    Trial(FigureName.baselineWaitingOnce.description) { operations in
      try await WorkerThread.run {
        try ThreadPattern.plainLoop(operations: operations, start, finish: finish)
      }
    }
  }

  /// A thread pattern with a number of threads, each operation waited for.
  public static func threads(
    _ pattern: ThreadPattern, _ threads: Int, _ work: PatternWork
  ) -> Trial {
    Trial(FigureName.threads(pattern, threads).description, granularity: threads) {
      try await pattern.run(work, threads: threads, operations: $0)
    }
  }

  /// The loop without tensors: on one thread the plain loop, as the baseline that it is compared
  /// with; on more, persistent workers.
  public static func floor(
    threads: Int, _ operation: @escaping PatternWork.Blocking
  ) -> Trial {
    let pattern: ThreadPattern = threads == 1 ? .plainLoop : .persistentWorkers
    return Trial(FigureName.floor(threads: threads).description, granularity: threads) { count in
      try await WorkerThread.run {
        try pattern.blockingRun(threads: threads, operations: count, operation)
      }
    }
  }

  /// Batches of `batch` samples on one thread: `run` runs one whole batch, `finish` waits for what
  /// `run` has not waited for.
  ///
  /// For the gain to compare like with like, batches wait as `baselineWaitingOnce` does: at the
  /// end of the run.
  public static func batch(
    _ path: BatchPath, _ batch: Int,
    run: @escaping @Sendable (_ iteration: Int) throws -> Void,
    finish: @escaping @Sendable () throws -> Void
  ) -> Trial {
    Trial(FigureName.batch(path, batch).description, samplesPerOperation: batch) { operations in
      try await WorkerThread.run {
        try ThreadPattern.plainLoop(operations: operations, run, finish: finish)
      }
    }
  }
}
