extension Report {
  /// The gain of batching over threading, taken apart into factors of one cause each.
  ///
  /// The total compares the best batch, which waits once at the end, with the best threading,
  /// which waits after each operation: two things that differ in three ways. So the way from one
  /// to the other is gone in steps that each change one thing only:
  ///
  ///     best threading, waiting after each
  ///       → plain loop on 1 thread, waiting after each        threading: below 1 if threads help
  ///       → plain loop on 1 thread, waiting once at the end   waiting
  ///       → best batch on 1 thread, waiting once at the end   batching
  ///
  /// Each factor is the rate after its step ÷ the rate before. As ratios of medians they multiply
  /// to the total by construction. What construction does not grant is that the medians stand for
  /// the same state of the machine: therefore `pairedTotal`, the median of the total of each
  /// single round, must come to the same within 2 %.
  ///
  /// The order of the steps is a choice. With threads that wait once at the end as a stop on the
  /// way, the total would be the same and the factors others: on a device that takes several
  /// operations at once, threads and late waiting are two ways to the same overlap, and whichever
  /// step comes first gets the credit. This order is the one whose stops the original study
  /// measured. And the best of many figures is a little too high by luck; threading has more
  /// figures to choose from than batching, so luck makes the total too small.
  public struct Gain: Sendable, Equatable, Codable {
    /// Best batch in samples per second ÷ best threading in operations per second.
    public var total: Double
    /// Best batch ÷ the plain loop, both on 1 thread and waiting once at the end.
    public var batching: Double
    /// The plain loop waiting once at the end ÷ the plain loop waiting after each operation.
    public var waiting: Double
    /// The plain loop ÷ the best threading, both waiting after each: below 1 if threads help.
    public var threading: Double
    /// The name of the best batch's figure in `samples`.
    public var bestBatch: String
    /// The name of the best threading's figure in `samples`.
    public var bestThreading: String
    /// The median of the rounds' totals, absent if rounds cannot be paired.
    public var pairedTotal: Double?
    /// batching × waiting × threading ÷ `pairedTotal` − 1.
    public var deviation: Double?

    /// The largest deviation, either way, at which the factors account for the total.
    public static let allowedDeviation = 0.02

    /// The gain in some figures, or `nil` if one of the four that it needs was not measured.
    public init?(_ figures: WorkloadFigures) {
      guard let batch = figures.bestBatch, let threads = figures.bestThreading,
        let total = Figure.ratio(of: batch.figure, to: threads.figure),
        let batching = figures.ratio(batch.name, to: .baselineWaitingOnce),
        let waiting = figures.ratio(.baselineWaitingOnce, to: .baseline),
        let threading = figures.ratio(.baseline, to: threads.name)
      else { return nil }
      self.total = total.median
      self.batching = batching.median
      self.waiting = waiting.median
      self.threading = threading.median
      bestBatch = batch.name.description
      bestThreading = threads.name.description
      pairedTotal = Figure.median(of: total.samples)
      deviation = pairedTotal.flatMap { paired in
        let deviation = batching.median * waiting.median * threading.median / paired - 1
        return deviation.isFinite ? deviation : nil
      }
    }

    /// Whether the product of the factors is the total of the rounds within the allowed deviation;
    /// `nil` if rounds cannot be paired.
    public var isConsistent: Bool? { deviation.map { abs($0) <= Gain.allowedDeviation } }
  }
}
