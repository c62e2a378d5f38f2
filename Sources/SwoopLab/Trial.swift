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

  /// The name of the trial right after which this one runs in every round, with as many
  /// operations; `nil` for one that runs whenever its turn comes.
  ///
  /// For what needs to know how the other one went, such as a replay of it.
  public let follows: String?

  let body: Body

  /// A trial. Counts below 1 are taken as 1.
  public init(
    _ name: String, samplesPerOperation: Int = 1, granularity: Int = 1, follows: String? = nil,
    body: @escaping Body
  ) {
    self.name = name
    self.follows = follows
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

  /// Concurrent callers of a coalescer. `run` runs some operations, a multiple of `granularity`,
  /// and returns the wall-clock time of the whole pattern.
  public static func coalesced(
    _ callers: Callers, granularity: Int, run: @escaping Body
  ) -> Trial {
    Trial(FigureName.coalesced(callers).description, granularity: granularity, body: run)
  }

  /// The batches of the coalesced trial of the same callers and the same round, hand-stacked.
  ///
  /// `prepare` makes ready what that trial has recorded and returns how many operations it is;
  /// `run`, which is timed, runs them and waits for all.
  public static func replayed(
    _ callers: Callers,
    prepare: @escaping @Sendable () throws -> Int, run: @escaping @Sendable () throws -> Void
  ) -> Trial {
    Trial(
      FigureName.replayed(callers).description, follows: FigureName.coalesced(callers).description
    ) { operations in
      try await WorkerThread.run {
        let recorded = try prepare()
        let duration = try ContinuousClock().measure { try run() }
        // Only calibration asks for another number than was recorded.
        return recorded == operations || recorded == 0
          ? duration : duration * (Double(operations) / Double(recorded))
      }
    }
  }

  /// Batches of `batch` samples from host arrays to host arrays: `run` runs so many batches, and
  /// returns when every caller has its result. Batched calls run right behind the hand-stacked batches
  /// that they are compared with.
  public static func served(
    _ path: BatchPath, _ batch: Int, run: @escaping @Sendable (_ batches: Int) throws -> Void
  ) -> Trial {
    Trial(
      FigureName.served(path, batch).description, samplesPerOperation: batch,
      follows: path == .batched ? FigureName.served(.stacked, batch).description : nil
    ) { batches in
      try await WorkerThread.run { try ContinuousClock().measure { try run(batches) } }
    }
  }

  /// The same hand-stacked, where `run` waits for each batch before it begins the next.
  public static func servedInTurn(
    _ batch: Int, run: @escaping @Sendable (_ batches: Int) throws -> Void
  ) -> Trial {
    Trial(FigureName.servedInTurn(batch).description, samplesPerOperation: batch) { batches in
      try await WorkerThread.run { try ContinuousClock().measure { try run(batches) } }
    }
  }

  /// One caller on the per-op path, from host arrays to host arrays: right behind the coalesced
  /// trial of one caller of its kind, since it is there to be compared with that.
  public static func lone(_ kind: CallerKind, _ work: PatternWork) -> Trial {
    let pattern: ThreadPattern = kind == .blocking ? .persistentWorkers : .swiftTasks
    let coalesced = FigureName.coalesced(Callers(kind, 1))
    return Trial(FigureName.lone(kind).description, follows: coalesced.description) {
      try await pattern.run(work, threads: 1, operations: $0)
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
