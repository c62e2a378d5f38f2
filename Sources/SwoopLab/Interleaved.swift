/// Measures several trials in interleaved rounds: every round runs all of them in a new random
/// order, so that what changes over time (clock rate, scheduler, neighbours) meets all alike. A
/// trial that follows another one stays right behind it.
public struct Interleaved: Sendable {
  /// How long and how often to measure.
  public struct Settings: Sendable, Equatable {
    /// About how long one trial takes in one round.
    public var roundDuration: Duration = .milliseconds(40)

    /// The fewest operations of a trial in a round; of batches, the fewest samples.
    public var minimumOperations = 8

    /// The most operations, or batches, of a trial in a round.
    public var maximumOperations = 1_000_000

    /// How many rounds are recorded; fewer than 3 are taken as 3. A budget may leave some out.
    public var rounds = 15

    /// How many rounds are run before and thrown away, beside what calibration has run.
    public var warmUpRounds = 1

    /// The longest that all may take together, or `nil` for as long as it needs. To stay below,
    /// rounds are shortened and left out; where not even one fits, calibration's runs are it.
    public var budget: Duration?

    /// The seed of the orders.
    public var seed: UInt64 = 1

    /// The default settings.
    public init() {}
  }

  /// How far a run has come.
  public struct Progress: Sendable, Equatable {
    /// A part of a run.
    public enum Phase: Sendable, Equatable {
      /// How many operations fill a round is being found.
      case calibrating
      /// A round that is thrown away.
      case warmingUp
      /// A recorded round, from 1.
      case measuring(round: Int, of: Int)
    }

    /// The part of the run.
    public let phase: Phase
    /// The trial that runs next.
    public let trial: String
    /// How many runs of trials are done, calibration counted as one each.
    public let completed: Int
    /// How many runs of trials there are in all, as far as known.
    public let total: Int
  }

  /// What was measured.
  public struct Results: Sendable {
    /// The rate of each trial in each round, in operations or samples per second.
    public let rates: [String: [Double]]

    /// How many operations each trial ran in a round.
    public let operations: [String: Int]

    /// The order of the trials in each recorded round.
    public let orders: [[String]]

    /// The wall-clock time of all, calibration and warm-up included.
    public let elapsed: Duration

    /// Whether fewer rounds were run than asked for, to stay within the budget.
    public let wasShortened: Bool

    /// The rate of a trial, in operations or samples per second.
    public func figure(_ name: String) -> Figure? { rates[name].flatMap { Figure(samples: $0) } }

    /// The ratio of two trials' rates, from paired rounds.
    public func ratio(of numerator: String, to denominator: String) -> Figure? {
      guard let above = figure(numerator), let below = figure(denominator) else { return nil }
      return Figure.ratio(of: above, to: below)
    }
  }

  /// The settings.
  public var settings: Settings

  /// The time since some start; a test puts its own in.
  let now: @Sendable () -> Duration

  /// A runner with some settings.
  public init(_ settings: Settings = Settings()) {
    let clock = ContinuousClock()
    let start = clock.now
    self.init(settings, now: { clock.now - start })
  }

  init(_ settings: Settings, now: @escaping @Sendable () -> Duration) {
    self.settings = settings
    self.now = now
  }
}

/// Why a run of trials ended without results.
public struct TrialFailure: Error, CustomStringConvertible {
  /// The trial that failed.
  public let trial: String

  /// What it threw, or `nil` if it threw nothing and something else was wrong.
  public let underlying: (any Error)?

  private let reason: String

  init(_ trial: String, _ underlying: any Error) {
    self.trial = trial
    self.underlying = underlying
    reason = "\(underlying)"
  }

  init(_ trial: String, reason: String) {
    self.trial = trial
    underlying = nil
    self.reason = reason
  }

  /// One line for a person.
  public var description: String { "\(trial): \(reason)" }
}

extension Duration {
  /// The duration in seconds.
  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
