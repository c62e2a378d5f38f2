extension Figure {
  /// How many times samples are drawn anew for an interval.
  static let resamples = 2_000

  /// The seed of the draws: fixed, so that the same samples always have the same interval.
  static let seed: UInt64 = 0x5377_6F6F_70

  /// The median of some values in their unit, or `nil` if there are none.
  ///
  /// Of an even number of values it is the mean of the middle two.
  public static func median(of values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? sorted[middle - 1] + (sorted[middle] - sorted[middle - 1]) / 2 : sorted[middle]
  }

  /// The median of some samples with its bootstrap 95 % percentile interval, or `nil` if there are
  /// no samples or one of them is not finite.
  ///
  /// The interval is meant to be too wide rather than too narrow: see `percentileInterval`. Still,
  /// with n samples no such interval can cover the true median more
  /// often than 1 − 2¹⁻ⁿ of the time: 75 % with three samples, 94 % with five.
  public init?(samples: [Double]) {
    guard let median = Figure.median(of: samples), samples.allSatisfy(\.isFinite) else {
      return nil
    }
    var draw = Resample(of: samples)
    var generator = SplitMix64(seed: Figure.seed)
    let medians = (0..<Figure.resamples).map { _ in
      draw.drawIndices(using: &generator)
      return draw.median
    }
    let (low, high) = Figure.percentileInterval(of: medians)
    self.init(median: median, low: low, high: high, samples: samples)
  }

  /// The ratio of the medians of two figures with its bootstrap 95 % interval, or `nil` if the
  /// denominator is not positive throughout.
  ///
  /// Figures with equally many samples are taken as measured in the same rounds: whole rounds are
  /// drawn, so that what disturbed both in one round cancels out. Otherwise each is drawn by itself.
  public static func ratio(of numerator: Figure, to denominator: Figure) -> Figure? {
    guard denominator.samples.allSatisfy({ $0 > 0 }), denominator.median > 0,
      !numerator.samples.isEmpty, !denominator.samples.isEmpty
    else { return nil }
    let isPaired = numerator.samples.count == denominator.samples.count
    var above = Resample(of: numerator.samples)
    var below = Resample(of: denominator.samples)
    var generator = SplitMix64(seed: seed)
    let ratios = (0..<resamples).map { _ in
      above.drawIndices(using: &generator)
      if isPaired { below.counts = above.counts } else { below.drawIndices(using: &generator) }
      return above.median / below.median
    }
    let (low, high) = percentileInterval(of: ratios)
    let pairs = isPaired ? zip(numerator.samples, denominator.samples).map { $0 / $1 } : []
    let median = numerator.median / denominator.median
    guard median.isFinite, low.isFinite, high.isFinite, pairs.allSatisfy(\.isFinite) else {
      return nil
    }
    return Figure(median: median, low: low, high: high, samples: pairs)
  }

  /// The 2.5 % and 97.5 % percentiles of the resampled medians, each moved outwards by two standard
  /// errors of its own estimate, √(0.025 × 0.975 × n).
  ///
  /// The median of few samples jumps from one sample to the next. With 15 samples the percentile
  /// lies just at such a jump, and the luck of the draw would choose between 88 % and 96 %.
  private static func percentileInterval(of values: [Double]) -> (low: Double, high: Double) {
    let sorted = values.sorted()
    let count = Double(sorted.count)
    let tail = max(0, Int(0.025 * count - 2 * (0.025 * 0.975 * count).squareRoot()))
    return (sorted[tail], sorted[sorted.count - 1 - tail])
  }
}

/// Samples drawn with replacement, kept as a count per sample, so that a median needs no sorting.
private struct Resample {
  private let samples: [Double]
  private let ascending: [Int]
  var counts: [Int]

  init(of samples: [Double]) {
    self.samples = samples
    ascending = samples.indices.sorted { samples[$0] < samples[$1] }
    counts = Array(repeating: 0, count: samples.count)
  }

  mutating func drawIndices(using generator: inout SplitMix64) {
    for index in counts.indices { counts[index] = 0 }
    let count = UInt64(samples.count)
    for _ in samples {
      // As good as `Int.random` for so small a count, and quick also without optimisation.
      counts[Int(truncatingIfNeeded: generator.next().multipliedFullWidth(by: count).high)] += 1
    }
  }

  var median: Double {
    let lowerRank = (samples.count - 1) / 2
    let upperRank = samples.count / 2
    var passed = 0
    var lower: Double?
    for index in ascending {
      passed += counts[index]
      if lower == nil, passed > lowerRank { lower = samples[index] }
      if let lower, passed > upperRank { return lower + (samples[index] - lower) / 2 }
    }
    return lower ?? 0
  }
}
