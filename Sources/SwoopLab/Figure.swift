/// A measured figure: the median of its samples with a bootstrap 95 % interval, both in the unit
/// of the samples.
public struct Figure: Sendable, Equatable, Codable {
  /// The median of the samples; of a ratio, the ratio of the two medians.
  public let median: Double

  /// The lower end of the 95 % interval of the median.
  public let low: Double

  /// The upper end of the 95 % interval of the median.
  public let high: Double

  /// The raw samples in the order in which they were taken; of a ratio of paired samples, the
  /// ratios of the pairs; of a ratio of unpaired samples, nothing.
  public let samples: [Double]

  /// The fewest samples whose range covers the true median 95 % of the time: n of them do so with
  /// 1 − 2¹⁻ⁿ, five in 94 % and six in 97 %.
  public static let leastSamples = 6

  /// Whether there are enough samples for the interval to be one of 95 %. (Samples that are not
  /// paired do not occur within a run.)
  public var carriesVerdict: Bool { samples.isEmpty || samples.count >= Figure.leastSamples }

  /// Where a figure lies as seen from a threshold.
  public enum Standing: Sendable {
    /// The whole interval lies above the threshold.
    case above
    /// The whole interval lies below the threshold.
    case below
    /// The interval contains the threshold, or comes from too few samples: these do not tell.
    case ambiguous
  }

  /// Where this figure lies as seen from `threshold`, in the unit of the samples.
  public func standing(against threshold: Double) -> Standing {
    guard carriesVerdict else { return .ambiguous }
    if low > threshold { return .above }
    if high < threshold { return .below }
    return .ambiguous
  }

  /// Whether the intervals of two figures have a value in common.
  public func overlaps(_ other: Figure) -> Bool { low <= other.high && other.low <= high }
}
