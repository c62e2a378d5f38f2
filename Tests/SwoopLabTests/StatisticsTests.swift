import Testing

@testable import SwoopLab

/// Normally distributed numbers from a seed (Box and Muller would need a logarithm: twelve uniform
/// numbers do as well here).
func normals(_ count: Int, mean: Double, deviation: Double, using generator: inout SplitMix64)
  -> [Double]
{
  (0..<count).map { _ in
    let sum = (0..<12).reduce(0.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
    return mean + deviation * (sum - 6)
  }
}

@Suite("Statistics")
struct StatisticsTests {
  @Test(
    "The median of known values",
    arguments: [
      ([3], 3), ([1, 2], 1.5), ([9, 1, 5], 5), ([4, 1, 3, 2], 2.5),
      ([-1, -5, 0, 7, 100], 0),
    ] as [([Double], Double)])
  func knownMedians(values: [Double], expected: Double) throws {
    #expect(Figure.median(of: values) == expected)
    let found = try figure(values)
    #expect(found.median == expected)
    #expect(found.low <= found.median && found.median <= found.high)
    #expect(values.min().map { $0 <= found.low } == true)
    #expect(values.max().map { $0 >= found.high } == true)
  }

  @Test("No figure of nothing, or of what is not finite")
  func impossibleFigures() {
    #expect(Figure.median(of: []) == nil)
    #expect(Figure(samples: []) == nil)
    #expect(Figure(samples: [1, .nan]) == nil)
    #expect(Figure(samples: [1, .infinity]) == nil)
  }

  @Test("A figure is the same for the same samples")
  func deterministic() throws {
    var generator = SplitMix64(seed: 3)
    let samples = normals(15, mean: 50, deviation: 5, using: &generator)
    #expect(try figure(samples) == Figure(samples: samples))
  }

  @Test("The 95 % interval covers the true median about 95 times in 100")
  func coverage() throws {
    var generator = SplitMix64(seed: 42)
    var covered = 0
    for _ in 0..<250 {
      let samples = normals(15, mean: 100, deviation: 10, using: &generator)
      let found = try figure(samples)
      if found.low <= 100, 100 <= found.high { covered += 1 }
      // An interval that covers because it is the whole range would prove nothing.
      #expect(found.high - found.low < 30)
    }
    let share = Double(covered) / 250
    #expect(share > 0.92 && share < 0.99, "covered \(share)")
  }

  @Test("What disturbs whole rounds cancels out of a paired ratio")
  func pairedRatio() throws {
    var generator = SplitMix64(seed: 7)
    // The rounds differ fivefold, the two trials in a round by exactly two.
    let below = (0..<15).map { _ in Double.random(in: 100..<500, using: &generator) }
    let denominator = try figure(below)
    let paired = try figure(below.map { $0 * 2 })
    let ratio = try #require(Figure.ratio(of: paired, to: denominator))
    #expect(ratio.median == 2 && abs(ratio.low - 2) < 1e-9 && abs(ratio.high - 2) < 1e-9)
    #expect(ratio.samples.count == 15)

    // Without pairs the same spread shows.
    let unpaired = try figure(below.map { $0 * 2 } + [below[0] * 2])
    let wide = try #require(Figure.ratio(of: unpaired, to: denominator))
    #expect(wide.high - wide.low > 0.3)
    #expect(wide.samples.isEmpty)
  }

  @Test("A ratio to something not positive is none")
  func impossibleRatio() throws {
    let one = try figure([1, 1, 1])
    #expect(Figure.ratio(of: one, to: try figure([1, 0, 1])) == nil)
    #expect(Figure.ratio(of: one, to: try figure([-1, -1, -1])) == nil)
  }

  @Test("Above, below, ambiguous")
  func standing() {
    let figure = Figure(median: 10, low: 9, high: 11, samples: [])
    #expect(figure.standing(against: 8) == .above)
    #expect(figure.standing(against: 12) == .below)
    for threshold in [9.0, 10, 11] { #expect(figure.standing(against: threshold) == .ambiguous) }
    #expect(figure.overlaps(Figure(median: 12, low: 11, high: 13, samples: [])))
    #expect(!figure.overlaps(Figure(median: 12, low: 11.1, high: 13, samples: [])))
  }
}
