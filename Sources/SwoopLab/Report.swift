import FoundationEssentials

/// What a run of measurements found: the JSON file and the source of the printed tables.
///
/// Figures that were not measured are absent from the JSON, never 0. Optional fields may be added
/// within a schema number; readers ignore those that they do not know.
public struct Report: Sendable, Equatable, Codable {
  /// The number of the schema that this code writes.
  public static let currentSchema = 1

  /// The number of the schema.
  public var schema: Int

  /// Where it was measured.
  public var environment: Environment

  /// The workloads in the order in which they were measured.
  public var workloads: [Workload]

  /// A report in the current schema.
  public init(environment: Environment, workloads: [Workload]) {
    schema = Report.currentSchema
    self.environment = environment
    self.workloads = workloads
  }

  /// The report as pretty-printed JSON with sorted keys and a newline at its end.
  ///
  /// - Throws: `EncodingError` if a figure is not finite.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  /// The report in some JSON.
  ///
  /// - Throws: `DecodingError` if it is not one.
  public init(json: String) throws {
    self = try JSONDecoder().decode(Report.self, from: Data(json.utf8))
  }

  /// Whether the results of every workload passed verification.
  public var passed: Bool { workloads.allSatisfy { $0.verified.passed } }
}

extension Report {
  /// A rate in operations per second with its 95 % interval.
  public struct Rate: Sendable, Equatable, Codable {
    /// The median, in operations per second.
    public var opsPerSecond: Double
    /// The lower end of the interval, in operations per second.
    public var low: Double
    /// The upper end of the interval, in operations per second.
    public var high: Double

    /// The rate of a figure in operations per second.
    public init(_ figure: Figure) {
      (opsPerSecond, low, high) = (figure.median, figure.low, figure.high)
    }
  }

  /// A ratio without unit with its 95 % interval.
  public struct Ratio: Sendable, Equatable, Codable {
    /// The ratio of the medians.
    public var ratio: Double
    /// The lower end of the interval.
    public var low: Double
    /// The upper end of the interval.
    public var high: Double

    /// The ratio that a figure holds.
    public init(_ figure: Figure) { (ratio, low, high) = (figure.median, figure.low, figure.high) }
  }

  /// The loop without tensors at a number of threads.
  public struct Floor: Sendable, Equatable, Codable {
    /// The number of threads.
    public var threads: Int
    /// The median, in operations per second in total.
    public var opsPerSecond: Double
    /// The lower end of the interval, in operations per second.
    public var low: Double
    /// The upper end of the interval, in operations per second.
    public var high: Double
  }

  /// A thread pattern at a number of threads.
  public struct Threads: Sendable, Equatable, Codable {
    /// The pattern.
    public var pattern: ThreadPattern
    /// The number of threads, or tasks.
    public var threads: Int
    /// The median, in operations per second in total.
    public var opsPerSecond: Double
    /// The lower end of the interval, in operations per second.
    public var low: Double
    /// The upper end of the interval, in operations per second.
    public var high: Double
    /// The rate ÷ the rate of the same pattern at 1 thread, if that was measured.
    public var scaling: Double?
  }

  /// A path at a batch size.
  public struct Batch: Sendable, Equatable, Codable {
    /// How the samples reach the device.
    public var path: BatchPath
    /// The number of samples in a batch.
    public var batch: Int
    /// The median, in samples per second.
    public var samplesPerSecond: Double
    /// The lower end of the interval, in samples per second.
    public var low: Double
    /// The upper end of the interval, in samples per second.
    public var high: Double
  }

  /// What the check of the results against the reference found.
  public struct Verified: Sendable, Equatable, Codable {
    /// The largest absolute error of a result's element, absent if it is not finite.
    public var worstError: Double?
    /// The largest absolute error that is allowed.
    public var bound: Double
    /// Whether every result was within the bound.
    public var passed: Bool
    /// The share of test images classified right, 0 ... 1: of the digits only.
    public var accuracy: Double?

    /// A check. An error that is not finite never passes.
    public init(worstError: Double, bound: Double, passed: Bool, accuracy: Double? = nil) {
      self.worstError = worstError.isFinite ? worstError : nil
      self.bound = bound.isFinite ? bound : .greatestFiniteMagnitude
      self.passed = passed && worstError.isFinite
      self.accuracy = accuracy
    }
  }

  /// How many rounds were run.
  public struct Rounds: Sendable, Equatable, Codable {
    /// Those that were measured.
    public var measured: Int
    /// Those that were planned; more than were measured if time ran out.
    public var planned: Int

    /// The given numbers.
    public init(measured: Int, planned: Int) {
      self.measured = measured
      self.planned = planned
    }

    /// Whether time ran out.
    public var wereCut: Bool { measured < planned }
  }
}
