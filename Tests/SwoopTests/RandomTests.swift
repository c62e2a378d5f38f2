import Glibc
import SwoopCheck
import Testing

@testable import Swoop

/// Random numbers: Philox's own test vectors, the same bits everywhere, and the distributions.
/// Statistics are of seeded runs, and held to five standard deviations.
@Suite struct RandomTests {
  /// The known answers of Random123 (kat_vectors, philox4x32 10).
  @Test func philoxGivesTheKnownAnswers() {
    let cases: [(SIMD4<UInt32>, SIMD2<UInt32>, SIMD4<UInt32>)] = [
      (.zero, .zero, SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)),
      (
        SIMD4(repeating: .max), SIMD2(repeating: .max),
        SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
      ),
      (
        SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
        SIMD2(0xA409_3822, 0x299F_31D0),
        SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
      ),
    ]
    for (counter, key, answer) in cases {
      #expect(RandomKey.philox(counter, key: key) == answer)
    }
  }

  @Test func keysSplit() {
    let key = RandomKey(seed: 7)
    #expect(key == RandomKey(seed: 7) && key != RandomKey(seed: 8))
    let many = key.split(1000)
    #expect(Set(many).count == 1000 && !many.contains(key))
    #expect(many[0] == key.split().0 && many[1] == key.split().1)
    #expect(key.split(0).isEmpty && key.split(-5).isEmpty)
    #expect(Set(many[0].split(1000) + many[1].split(1000) + many).count == 3000)
  }

  private static let kinds: [(String, @Sendable (Shape, RandomKey, Device) throws -> Tensor)] = [
    ("bits", { try .randomBits($0, key: $1, on: $2) }),
    ("uniform", { try .uniform($0, key: $1, on: $2) }),
    ("wide", { try .uniform($0, in: -3.7..<11, key: $1, on: $2) }),
    ("normal", { try .normal($0, key: $1, on: $2) }),
    ("moved", { try .normal($0, mean: -2.5, deviation: 0.3, key: $1, on: $2) }),
    ("half", { try .normal($0, as: .float16, key: $1, on: $2) }),
    ("bernoulli", { try .bernoulli($0, probability: 0.3, key: $1, on: $2) }),
    ("integers", { try .integers($0, in: -5..<1_000_000_007, key: $1, on: $2) }),
    ("all", { try .integers($0, in: Int(Int32.min)..<Int(Int32.max) + 1, key: $1, on: $2) }),
  ]

  /// Words 0 ... of a kind's numbers, whatever their type.
  private func bits(_ tensor: Tensor) throws -> [UInt32] { try tensor.bits() }

  @Test(arguments: TestDevices.vulkan)
  func everyDeviceGivesTheSameBits(_ device: Device) throws {
    let keys = RandomKey(seed: 99).split(3)
    for (name, make) in Self.kinds {
      for shape in [[], [1], [3], [4], [257], [5, 7], [0], [3, 10_001]] as [Shape] {
        let expected = try bits(make(shape, keys[0], .cpu))
        #expect(try bits(make(shape, keys[0], device)) == expected, "\(name) \(shape)")
      }
      // Several together, as one dispatch, and each by itself.
      let expected = try keys.map { try bits(make([1001], $0, .cpu)) }
      let batch = try device.blockingBatch { try keys.map { try make([1001], $0, device) } }
      #expect(try batch.map { try bits($0) } == expected, "\(name), batched")
      let perOp = try device.blockingPerOp { try keys.map { try make([1001], $0, device) } }
      #expect(try perOp.map { try bits($0) } == expected, "\(name), per-op")
      #expect(Set(expected).count == 3)
    }
  }

  @Test(arguments: TestDevices.all)
  func fewerNumbersAreTheFirstOfMore(_ device: Device) throws {
    for (name, make) in Self.kinds {
      let many = try bits(make([1000], RandomKey(seed: 3), device))
      let few = try bits(make([7, 11], RandomKey(seed: 3), device))
      #expect(Array(many[..<77]) == few, "\(name)")
    }
  }

  private func floats(_ tensor: Tensor) throws -> [Double] {
    try tensor.blockingArray(as: Float.self).map { Double($0) }
  }

  /// Pearson's χ², in standard deviations from its mean.
  private func deviation(_ counts: [Int], expected: [Double]) -> Double {
    let sum = zip(counts, expected).reduce(0) { sum, pair in
      sum + (Double(pair.0) - pair.1) * (Double(pair.0) - pair.1) / pair.1
    }
    let freedom = Double(counts.count - 1)
    return (sum - freedom) / (2 * freedom).squareRoot()
  }

  @Test func uniformNumbersAreUniform() throws {
    let count = 1 << 18
    let list = try floats(.uniform([count], key: RandomKey(seed: 1), on: .cpu))
    #expect(list.allSatisfy { $0 >= 0 && $0 < 1 && $0 * 0x1p24 == ($0 * 0x1p24).rounded() })
    var counts = [Int](repeating: 0, count: 256)
    for number in list { counts[Int(number * 256)] += 1 }
    let expected = [Double](repeating: Double(count) / 256, count: 256)
    #expect(abs(deviation(counts, expected: expected)) < 5)
    // Neighbours, and the same places of a child key, have nothing to do with each other.
    let child = try floats(.uniform([count], key: RandomKey(seed: 1).split().0, on: .cpu))
    for other in [Array(list[1...]) + [list[0]], child] {
      let covariance = zip(list, other).reduce(0) { $0 + ($1.0 - 0.5) * ($1.1 - 0.5) }
      #expect(abs(covariance / Double(count)) < 5 / 12 / Double(count).squareRoot())
    }
    let range: Range<Float> = 1..<(1 as Float).nextUp
    #expect(
      try floats(.uniform([1000], in: range, key: RandomKey(seed: 2), on: .cpu))
        .allSatisfy { $0 == 1 })
  }

  /// The tail beyond x, in double precision.
  private func tail(_ x: Double) -> Double { erfc(x / 2.0.squareRoot()) / 2 }

  @Test func quantilesAreRight() {
    var generator = TestGenerator(seed: 5)
    var worst = 0.0
    // Each octave's ends, and places inside.
    var words: [UInt32] = []
    for shift in 0..<32 {
      let low = shift == 31 ? 0 : UInt32(1) << UInt32(30 - shift)
      let high = shift == 31 ? 0 : low + (low - 1)
      words += [low, high] + (0..<500).map { _ in .random(in: low...high, using: &generator) }
    }
    NormalTable.coefficients.withUnsafeBufferPointer { table in
      for word in words {
        guard let start = table.baseAddress else { return }
        let x = Double(NormalTable.quantile(word, start))
        let p = (Double(word) + 0.5) * 0x1p-32
        // One step of Newton's from so near is exact to double precision.
        let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
        let exact = x + (tail(x) - p) / density
        worst = Swift.max(worst, abs(x - exact))
        #expect(NormalTable.quantile(word | 1 << 31, start) == Float(-x))
      }
    }
    #expect(worst <= Double(NormalTable.error), "\(worst)")
    print("normal quantiles: worst error \(worst), stated \(NormalTable.error)")
  }

  @Test func normalNumbersAreNormal() throws {
    let count = 1 << 19
    let list = try floats(.normal([count], key: RandomKey(seed: 11), on: .cpu))
    let n = Double(count)
    func moment(_ power: Int) -> Double {
      list.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x } } / n
    }
    // The k-th moment has variance (m₂ₖ - mₖ²) / n; even moments of the normal are 1, 3, 15, 105,
    // 945, 10395.
    #expect(abs(moment(1)) < 5 / n.squareRoot())
    #expect(abs(moment(2) - 1) < 5 * (2 / n).squareRoot())
    #expect(abs(moment(3)) < 5 * (15 / n).squareRoot())
    #expect(abs(moment(4) - 3) < 5 * (96 / n).squareRoot())
    #expect(abs(moment(6) - 15) < 5 * (10_170 / n).squareRoot())
    for limit in [0.1, 0.5, 1, 2, 3, 4] {
      for sign in [1.0, -1] {
        let beyond = Double(list.count { $0 * sign > limit })
        let p = tail(limit)
        #expect(abs(beyond - n * p) < 5 * (n * p * (1 - p)).squareRoot(), "beyond \(sign * limit)")
      }
    }
    let moved = try floats(
      .normal([count], mean: 10, deviation: 2, key: RandomKey(seed: 12), on: .cpu))
    #expect(abs(moved.reduce(0, +) / n - 10) < 10 / n.squareRoot())
    let still = try floats(.normal([9], mean: 3, deviation: 0, key: RandomKey(seed: 12), on: .cpu))
    #expect(still.allSatisfy { $0 == 3 })
  }

  @Test func choicesAreFair() throws {
    let count = 1 << 17
    let n = Double(count)
    for p in [0, 0.1, 0.5, 0.9, 1] as [Float] {
      let list = try Tensor.bernoulli([count], probability: p, key: RandomKey(seed: 4), on: .cpu)
        .blockingArray(as: Bool.self)
      let yes = Double(list.count { $0 })
      let p = Double(p)
      #expect(abs(yes - n * p) <= 5 * (n * p * (1 - p)).squareRoot())
    }
    let dice = try Tensor.integers([count], in: 1..<7, key: RandomKey(seed: 6), on: .cpu)
      .blockingArray(as: Int32.self)
    let counts = (1...6).map { face in dice.count { Int($0) == face } }
    #expect(counts.reduce(0, +) == count)
    #expect(abs(deviation(counts, expected: Array(repeating: n / 6, count: 6))) < 5)
  }

  @Test func everyOrderIsAsLikely() throws {
    var counts: [[Int32]: Int] = [:]
    for key in RandomKey(seed: 8).split(4800) {
      counts[try Tensor.permutation(4, key: key, on: .cpu).blockingArray(), default: 0] += 1
    }
    #expect(counts.count == 24)
    #expect(abs(deviation(Array(counts.values), expected: Array(repeating: 200, count: 24))) < 5)
    let large: [Int32] = try Tensor.permutation(1001, key: RandomKey(seed: 1), on: .cpu)
      .blockingArray()
    #expect(large.sorted() == (0..<1001).map { Int32($0) } && large != large.sorted())
    #expect(try Tensor.permutation(0, key: RandomKey(seed: 1), on: .cpu).shape == [0])
  }
}
