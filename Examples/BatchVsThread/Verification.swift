import Swoop
import SwoopLab

/// What every result must be: the CPU back end's results with a bound from theory.
///
/// Both sides compute each sum of k products within γ of the exact one, γ = nu / (1 - nu) for
/// n roundings (Higham), so they may differ by twice that; what the layers before left is
/// carried through the absolute weights.
struct Verification: Sendable {
  private let expected: [Float]
  private let allowed: [Float]
  private let width: Int
  private let count: Int
  private let labels: [Int32]?

  init(_ workload: Workload) async throws {
    width = workload.resultWidth
    count = workload.sampleCount
    labels = workload.labels
    let model = try await Model(workload, on: .cpu)
    let stacked = try model.stack(0, count)
    expected = try await model(stacked).array(as: Float.self)
    allowed = try await Verification.bound(workload, expected)
  }

  private static func bound(_ workload: Workload, _ result: [Float]) async throws -> [Float] {
    let unit = Float(0x1p-24)
    // One rounding on each side.
    if workload.layers.isEmpty { return result.map { 2 * unit * abs($0) } }
    let model = try await Model(workload, on: .cpu)
    var x = try model.stack(0, workload.sampleCount)[0]
    var error = try Tensor.zeros(x.shape, on: .cpu)
    for layer in workload.layers {
      let n = Float(layer.rows + 2)
      let gamma = n * unit / (1 - n * unit)
      let shape: Shape = [layer.rows, layer.columns]
      let weight = try Tensor(layer.weight, shape: shape, on: .cpu)
      let absolute = try Tensor(layer.weight.map { abs($0) }, shape: shape, on: .cpu)
      let bias = try Tensor(layer.bias.map { abs($0) }, shape: [layer.columns], on: .cpu)
      let magnitude = try await Tensor(
        x.array(as: Float.self).map { abs($0) }, shape: x.shape, on: .cpu)
      // |x| counts with its own error, and relu makes none larger.
      let terms = try (magnitude + error).linear(absolute, bias: bias)
      error = try error.matmul(absolute) + terms * (2 * gamma)
      x = try x.linear(
        weight, bias: Tensor(layer.bias, shape: [layer.columns], on: .cpu),
        activation: layer.activation)
    }
    // The bound itself is computed in float32, with as many roundings again.
    return try await (error * Float(1.01)).array(as: Float.self)
  }

  /// What was found so far.
  struct Outcome: Sendable {
    var worstError: Double = 0
    var bound: Double = 0
    /// Error ÷ bound where it is largest.
    var ratio: Double = -1
    var checked = 0
    var failure: String?

    mutating func merge(_ other: Outcome) {
      if other.ratio > ratio {
        (worstError, bound, ratio) = (other.worstError, other.bound, other.ratio)
      }
      checked += other.checked
      failure = failure ?? other.failure
    }
  }

  /// Compares the results of samples `first…`, going round, with what they must be.
  func check(_ results: [Float], first: Int, path: String) -> Outcome {
    var outcome = Outcome()
    outcome.checked = results.count
    if results.isEmpty || results.count % width != 0 {
      outcome.failure = "\(path): \(results.count) elements are no results of \(width) each"
      return outcome
    }
    for (index, value) in results.enumerated() {
      let place = (first + index / width) % count * width + index % width
      let error = abs(Double(value) - Double(expected[place]))
      let bound = Double(allowed[place])
      let ratio = error == 0 ? 0 : error / bound
      if !(ratio <= outcome.ratio) {
        (outcome.worstError, outcome.bound, outcome.ratio) = (error, bound, ratio)
      }
      if !(ratio <= 1), outcome.failure == nil {
        outcome.failure =
          "\(path): sample \((first + index / width) % count), element \(index % width) is \(value), "
          + "the CPU back end says \(expected[place]), and they may differ by \(bound)"
      }
    }
    return outcome
  }

  /// The share of samples whose largest result is at their label; nil without labels.
  func accuracy(_ results: [Float]) -> Double? {
    guard let labels, results.count == labels.count * width else { return nil }
    var right = 0
    for (sample, label) in labels.enumerated() {
      let row = results[sample * width..<(sample + 1) * width]
      if let best = row.max(), row.firstIndex(of: best) == sample * width + Int(label) {
        right += 1
      }
    }
    return Double(right) / Double(labels.count)
  }
}
