extension Report {
  /// The batched path: many calls on single samples in one scope.
  public struct Batched: Sendable, Equatable, Codable {
    /// What can be counted of one batch, rather than timed.
    public struct Counts: Sendable, Equatable {
      /// Calls on single samples in the scope.
      public var calls: Int
      /// Kernel launches that they became.
      public var dispatches: Int
      /// Hand-overs to the device that they became.
      public var submissions: Int
      /// The host's time to build and submit the batch, per call, in microseconds.
      public var hostMicrosecondsPerOp: Double?

      /// The counts of one warm batch.
      public init(
        calls: Int, dispatches: Int, submissions: Int, hostMicrosecondsPerOp: Double? = nil
      ) {
        self.calls = calls
        self.dispatches = dispatches
        self.submissions = submissions
        self.hostMicrosecondsPerOp = hostMicrosecondsPerOp
      }
    }

    /// Calls on single samples in one scope.
    public var calls: Int
    /// Kernel launches of a warm batch.
    public var dispatches: Int
    /// Hand-overs to the device of a warm batch.
    public var submissions: Int
    /// The median, in samples per second.
    public var samplesPerSecond: Double
    /// The lower end of the interval, in samples per second.
    public var low: Double
    /// The upper end of the interval, in samples per second.
    public var high: Double
    /// The rate ÷ the rate of hand-stacked batches of as many samples. Both sides start from a
    /// host array of each caller's own and end with each caller's own elements on the host: the
    /// hand-stacked loop copies the samples into one, runs, reads back and hands out the parts. At
    /// most two batches are in flight.
    public var efficiency: Ratio?
    /// Without what `efficiency` counts besides: ÷ batches that were stacked and on the device
    /// before the clock started and leave one stacked result there, of calls on samples that were
    /// on the device too; both waited for once at the end.
    public var ofStackedBeforehand: Ratio?
    /// The host's time to build and submit a batch while the device is idle, without waiting for
    /// it, in microseconds per call; a call of a model is as many operations as it has layers.
    public var hostMicrosecondsPerOp: Double?

    /// What was counted, with the figures of that batch; `nil` if it was not measured.
    public init?(_ counts: Counts, _ figures: WorkloadFigures) {
      guard let figure = figures[.served(.batched, counts.calls)] else { return nil }
      calls = counts.calls
      dispatches = counts.dispatches
      submissions = counts.submissions
      hostMicrosecondsPerOp = counts.hostMicrosecondsPerOp
      (samplesPerSecond, low, high) = (figure.median, figure.low, figure.high)
      efficiency = figures.ratio(
        .served(.batched, counts.calls), to: .served(.stacked, counts.calls)
      ).map(Ratio.init)
      ofStackedBeforehand = figures.ratio(
        .batch(.batched, counts.calls), to: .batch(.stacked, counts.calls)
      ).map(Ratio.init)
    }
  }

  /// How many operations the callers had when half of all were done.
  public struct Fairness: Sendable, Equatable, Codable {
    /// Of the caller that had the fewest.
    public var smallest: Int
    /// Of the caller that had the most.
    public var largest: Int
    /// On average.
    public var mean: Double

    /// Counts of callers.
    public init(smallest: Int, largest: Int, mean: Double) {
      self.smallest = smallest
      self.largest = largest
      self.mean = mean
    }
  }

  /// The coalesced path with some concurrent callers.
  public struct Coalesced: Sendable, Equatable, Codable {
    /// What can be counted of the measured rounds, rather than timed.
    public struct Counts: Sendable, Equatable {
      /// Calls in a batch, on average.
      public var meanBatch: Double?
      /// Hand-overs to the device ÷ operations.
      public var submissionsPerOp: Double?
      /// Of the round in which the callers were furthest apart.
      public var atHalf: Fairness?

      /// The counts of some rounds.
      public init(meanBatch: Double?, submissionsPerOp: Double?, atHalf: Fairness?) {
        self.meanBatch = meanBatch
        self.submissionsPerOp = submissionsPerOp
        self.atHalf = atHalf
      }
    }

    /// How each caller waits.
    public var kind: CallerKind
    /// The number of threads or tasks.
    public var callers: Int
    /// The most calls that each caller has in flight: 1 but for futures.
    public var inFlight: Int
    /// The median, in operations per second of all callers together.
    public var opsPerSecond: Double
    /// The lower end of the interval, in operations per second.
    public var low: Double
    /// The upper end of the interval, in operations per second.
    public var high: Double
    /// Calls in a batch, on average.
    public var meanBatch: Double?
    /// Hand-overs to the device ÷ operations.
    public var submissionsPerOp: Double?
    /// The rate ÷ the rate of a loop that replays, right afterwards, the sequence of batch sizes
    /// that the coalescer chose: hand-stacked, same kernels, up to two batches in flight.
    ///
    /// Both sides do the same job: each caller has a host array of its own and ends up with the
    /// elements of its own result on the host. The loop copies the samples of a batch into one
    /// array, makes one tensor of it, runs, reads back and hands every caller its part.
    public var efficiency: Ratio?
    /// The rate ÷ the rate of that loop with the best batch of any one size measured, up to the
    /// number of calls that were in flight: the loop, with two batches in flight, may have twice as
    /// many.
    public var regret: Ratio?
    /// The rate ÷ the rate of the best such loop that has no more in flight than the callers had: two
    /// batches of up to half of that, or one batch of it at a time.
    public var ofAsMany: Ratio?
    /// The rate ÷ the rate of the best such batch that was stacked and on the device before the
    /// clock started, leaves one stacked result there, and is waited for once at the end: less
    /// than the callers get, and so no measure of what coalescing costs.
    public var ofStackedBeforehand: Ratio?
    /// How evenly the callers were served.
    public var atHalf: Fairness?

    /// The figures of some callers; `nil` if they were not measured.
    public init?(_ callers: Callers, _ counts: Counts?, _ figures: WorkloadFigures) {
      guard let figure = figures[.coalesced(callers)] else { return nil }
      kind = callers.kind
      self.callers = callers.count
      inFlight = callers.inFlight
      (opsPerSecond, low, high) = (figure.median, figure.low, figure.high)
      meanBatch = counts?.meanBatch
      submissionsPerOp = counts?.submissionsPerOp
      atHalf = counts?.atHalf
      efficiency = figures.ratio(.coalesced(callers), to: .replayed(callers)).map(Ratio.init)
      func ratio(_ best: WorkloadFigures.Entry?) -> Ratio? {
        best.flatMap { figures.ratio(.coalesced(callers), to: $0.name).map(Ratio.init) }
      }
      regret = ratio(figures.bestServed(upTo: callers.calls))
      ofAsMany = ratio(figures.bestServed(inFlight: callers.calls))
      ofStackedBeforehand = ratio(figures.bestStacked(upTo: callers.calls))
    }
  }

  /// One caller alone on the coalesced path, beside the per-op path with the same way of waiting.
  public struct LoneCaller: Sendable, Equatable, Codable {
    /// How it waits: a thread that blocks or a task, on both sides.
    public var kind: CallerKind
    /// The time of a coalesced operation ÷ the time of one on the per-op path, both from a host
    /// array to a host array.
    public var time: Ratio

    /// The most that being coalesced should cost a lone caller: 1.15 times the per-op path.
    public static let goal = 1.15

    /// Those of the two kinds that were measured.
    static func all(_ figures: WorkloadFigures) -> [LoneCaller] {
      [CallerKind.blocking, .tasks].compactMap { kind in
        // Time is the inverse of the rate.
        figures.ratio(.lone(kind), to: .coalesced(Callers(kind, 1))).map {
          LoneCaller(kind: kind, time: Ratio($0))
        }
      }
    }
  }
}
