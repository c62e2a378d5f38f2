extension Report {
  /// What was measured of one workload.
  public struct Workload: Sendable, Equatable, Codable {
    /// The name, such as `linear`.
    public var name: String

    /// The check of the results.
    public var verified: Verified

    /// How many rounds the figures are from.
    public var rounds: Rounds?

    /// The plain loop on one thread, each operation waited for before the next.
    public var baseline: Rate?

    /// The plain loop on one thread, waiting once at the end.
    public var baselineWaitingOnce: Rate?

    /// The loop without tensors, by number of threads.
    public var floor: [Floor]

    /// The baseline ÷ the floor at 1 thread: 1 if tensors cost nothing.
    public var tax: Ratio?

    /// The thread patterns.
    public var threads: [Threads]

    /// The recorded, the batched and the stacked path, by batch size.
    public var batches: [Batch]

    /// The batched path at one batch size, counted and compared with the stacked path.
    public var batched: Batched?

    /// The coalesced path with different callers.
    public var coalesced: [Coalesced]?

    /// A lone caller on the coalesced path beside the per-op path.
    public var loneCaller: [LoneCaller]?

    /// Bare suspensions of Swift tasks through unsafe continuations, resumed by one thread, per
    /// second: what the coalesced path has to do for every call of a task, and nothing else.
    public var continuations: Rate?

    /// The gain of batching over threading, taken apart.
    public var gain: Gain?

    /// The claims of the original study with their verdicts.
    public var claims: [Claim]

    /// The raw samples of every figure, one for each round, by figure name: operations per second,
    /// of batches samples per second.
    public var samples: [String: [Double]]

    /// The report of a workload's figures.
    ///
    /// - Parameters:
    ///   - batched: what was counted of one batch on the batched path.
    ///   - coalesced: what was counted of the callers on the coalesced path.
    ///   - rounds: how many rounds were run, and how many were planned.
    public init(
      name: String, verified: Verified, figures: WorkloadFigures, batched: Batched.Counts? = nil,
      coalesced: [Callers: Coalesced.Counts] = [:], rounds: Rounds? = nil
    ) {
      self.name = name
      self.verified = verified
      self.rounds = rounds
      baseline = figures[.baseline].map(Rate.init)
      baselineWaitingOnce = figures[.baselineWaitingOnce].map(Rate.init)
      floor = figures.floorEntries.map { threads, figure in
        Floor(
          threads: threads, opsPerSecond: figure.median, low: figure.low, high: figure.high)
      }
      tax = figures.ratio(.baseline, to: .floor(threads: 1)).map(Ratio.init)
      threads = figures.threadEntries.map { entry in
        Threads(
          pattern: entry.pattern, threads: entry.threads, opsPerSecond: entry.figure.median,
          low: entry.figure.low, high: entry.figure.high,
          scaling: figures.ratio(entry.name, to: .threads(entry.pattern, 1))?.median)
      }
      batches = figures.batchEntries.map { path, batch, figure in
        Batch(
          path: path, batch: batch, samplesPerSecond: figure.median, low: figure.low,
          high: figure.high)
      }
      self.batched = batched.flatMap { Batched($0, figures) }
      let entries = figures.coalescedEntries.compactMap { callers, _ in
        Coalesced(callers, coalesced[callers], figures)
      }
      self.coalesced = entries.isEmpty ? nil : entries
      let lone = LoneCaller.all(figures)
      loneCaller = lone.isEmpty ? nil : lone
      continuations = figures[.continuations].map(Rate.init)
      gain = Gain(figures)
      claims = Claim.judged(by: figures)
      samples = figures.samples
    }

    /// The figures with their intervals, from the raw samples.
    public var figures: WorkloadFigures { WorkloadFigures(samples: samples) }
  }
}
