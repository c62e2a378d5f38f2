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

  /// Where a figure lies as seen from a threshold.
  public enum Standing: Sendable {
    /// The whole interval lies above the threshold.
    case above
    /// The whole interval lies below the threshold.
    case below
    /// The interval contains the threshold: these samples do not tell.
    case ambiguous
  }

  /// Where this figure lies as seen from `threshold`, in the unit of the samples.
  public func standing(against threshold: Double) -> Standing {
    if low > threshold { return .above }
    if high < threshold { return .below }
    return .ambiguous
  }

  /// Whether the intervals of two figures have a value in common.
  public func overlaps(_ other: Figure) -> Bool { low <= other.high && other.low <= high }
}
