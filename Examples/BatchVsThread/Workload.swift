import Swoop
import SwoopLab

/// One network, or one operation, that is measured: what it computes and on which samples.
struct Workload: Sendable {
  let name: String
  /// Layers of one sample's program; `add` is none.
  let layers: [Layer]
  /// Inputs of one sample each, row-major, for every operand of the program.
  let inputs: [[[Float]]]
  /// The right answers where there are any: digits.
  let labels: [Int32]?

  /// act(x · weight + bias).
  struct Layer: Sendable {
    let weight: [Float]
    let bias: [Float]
    let rows: Int
    let columns: Int
    let activation: Activation
  }

  /// The share of a run's time that it needs, as compared with the others.
  var weight: Double { layers.count > 2 ? 2 : 1 }

  var sampleCount: Int { inputs[0].count }
  /// Elements of one sample of each operand.
  var width: Int { inputs[0][0].count }
  var resultWidth: Int { layers.last?.columns ?? width }

  static let names = ["add", "linear", "mlp", "digits"]

  /// The share of the test digits that a network which has learnt them recognises.
  static let leastAccuracy = 0.93

  /// How many different samples take part in the made-up workloads: no caller gets another's.
  static let samples = 1024

  /// Two vectors of 256.
  static func add() -> Workload {
    var generator = Generator(seed: 11)
    let operands = (0..<2).map { _ in
      (0..<samples).map { _ in generator.uniform(256, -1...1) }
    }
    return Workload(name: "add", layers: [], inputs: operands, labels: nil)
  }

  /// 256 → 256 with bias and relu.
  static func linear() -> Workload { network("linear", [256, 256], seed: 12, lastRelu: true) }

  /// 512 → 1024 → 1024 → 512 with relu between: the network of the original study.
  static func mlp(samples: Int = samples) -> Workload {
    network("mlp", [512, 1024, 1024, 512], seed: 13, lastRelu: false, samples: samples)
  }

  private static func network(
    _ name: String, _ widths: [Int], seed: UInt64, lastRelu: Bool, samples: Int = samples
  ) -> Workload {
    var generator = Generator(seed: seed)
    let layers = (1..<widths.count).map { index in
      // He's initialisation, as a uniform distribution of that variance.
      let limit = Float(6.0 / Double(widths[index - 1])).squareRoot()
      return Layer(
        weight: generator.uniform(widths[index - 1] * widths[index], -limit...limit),
        bias: generator.uniform(widths[index], -0.1...0.1), rows: widths[index - 1],
        columns: widths[index],
        activation: index < widths.count - 1 || lastRelu ? .relu : .none)
    }
    let inputs = (0..<samples).map { _ in generator.uniform(widths[0], -1...1) }
    return Workload(name: name, layers: layers, inputs: [inputs], labels: nil)
  }
}

/// Seeded numbers for inputs and weights.
struct Generator {
  private var source: SplitMix64
  init(seed: UInt64) { source = SplitMix64(seed: seed) }

  mutating func uniform(_ count: Int, _ range: ClosedRange<Float>) -> [Float] {
    (0..<count).map { _ in
      let unit = Float(source.next() >> 40) * 0x1p-24
      return range.lowerBound + unit * (range.upperBound - range.lowerBound)
    }
  }
}
