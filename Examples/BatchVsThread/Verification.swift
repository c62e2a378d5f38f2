import Swoop
import SwoopLab

/// What every result must be, to the last bit.
///
/// The expected results are the device's own, of all samples stacked, layer by layer. Each
/// layer is compared with the CPU back end on the very inputs the device had: both compute a
/// sum of k products within γ of the exact one, γ = nu / (1 - nu) for n roundings (Higham), so
/// they may differ by twice γ times the sum of absolute terms. Every measured pattern must then
/// give these results bitwise, since no path may change them.
struct Verification: Sendable {
  /// The largest difference between device and CPU, by its share of what theory allows.
  private(set) var worst = (error: 0.0, bound: 0.0, ratio: -1.0)
  /// The share of digits recognised; nil without labels.
  let accuracy: Double?
  private let expected: [Float]
  private let width: Int
  private let count: Int
  private let labels: [Int32]?

  struct WrongResults: Error, CustomStringConvertible {
    let description: String
  }

  init(_ model: Model) async throws {
    let workload = model.workload
    width = workload.resultWidth
    count = workload.sampleCount
    labels = workload.labels
    let inputs = try model.stack(0, count)
    let host = try await Model(workload, on: .cpu)
    var x = inputs
    if workload.layers.isEmpty {
      let sum = try await model(inputs).array(as: Float.self)
      let same = try await host(host.stack(0, count)).array(as: Float.self)
      // One rounding on each side.
      worst = try Verification.compare(sum, same, same.map { 2 * 0x1p-24 * abs($0) }, "add")
      expected = sum
      accuracy = nil
      return
    }
    for (index, layer) in workload.layers.enumerated() {
      let result = try model.layer(index, x[0])
      let copy = try x[0].copied(to: .cpu)
      let found = try Verification.compare(
        await result.array(as: Float.self),
        await host.layer(index, copy).array(as: Float.self),
        try await Verification.bound(layer, copy), "layer \(index + 1)")
      if found.ratio > worst.ratio { worst = found }
      x = [result]
    }
    expected = try await x[0].array(as: Float.self)
    accuracy = Verification.accuracy(expected, labels, width)
    let onHost = try await host(host.stack(0, count)).array(as: Float.self)
    if Verification.accuracy(onHost, labels, width) != accuracy {
      throw WrongResults(description: "\(workload.name): the accuracy differs on the CPU")
    }
  }

  /// Refuses a network that has not learnt its task: weights of all zeros would be the same on every
  /// path too. A workload without right answers has nothing to learn.
  static func requireLearnt(_ workload: Workload) async throws {
    guard let labels = workload.labels else { return }
    let model = try await Model(workload, on: .cpu)
    let results = try await model(model.stack(0, workload.sampleCount)).array(as: Float.self)
    let accuracy = accuracy(results, labels, workload.resultWidth) ?? 0
    guard accuracy < Workload.leastAccuracy else { return }
    throw WrongResults(
      description: "\(workload.name): \(accuracy) of the images are recognised; with weights that "
        + "have learnt it is \(Workload.leastAccuracy) or more")
  }

  /// Twice γ · (|x| · |weight| + |bias|).
  private static func bound(_ layer: Workload.Layer, _ x: Tensor) async throws -> [Float] {
    let roundings = Float(layer.rows + 1) * 0x1p-24
    let gamma = roundings / (1 - roundings)
    let magnitudes = try await Tensor(
      x.array(as: Float.self).map { abs($0) }, shape: x.shape, on: .cpu)
    let weight = try Tensor(
      layer.weight.map { abs($0) }, shape: [layer.rows, layer.columns], on: .cpu)
    let bias = try Tensor(layer.bias.map { abs($0) }, shape: [layer.columns], on: .cpu)
    // The bound is computed in float32 itself, hence the per cent.
    return try await (magnitudes.linear(weight, bias: bias) * (2.02 * gamma)).array()
  }

  private static func compare(
    _ results: [Float], _ references: [Float], _ bounds: [Float], _ place: String
  ) throws -> (error: Double, bound: Double, ratio: Double) {
    guard results.count == references.count, !results.isEmpty else {
      throw WrongResults(description: "\(place): \(results.count) results of \(references.count)")
    }
    var worst = (error: 0.0, bound: 0.0, ratio: -1.0)
    for index in results.indices {
      let error = abs(Double(results[index]) - Double(references[index]))
      let bound = Double(bounds[index])
      let ratio = error == 0 ? 0 : error / bound
      guard ratio <= 1 else {
        throw WrongResults(
          description: "\(place): element \(index) is \(results[index]), the CPU back end says "
            + "\(references[index]), and theory allows a difference of \(bound)")
      }
      if ratio > worst.ratio || (ratio == worst.ratio && bound > worst.bound) {
        worst = (error, bound, ratio)
      }
    }
    return worst
  }

  /// Compares the results of samples `first…`, going round, with the expected ones. Bitwise equal
  /// results recognise the same digits, so the accuracy is then the same too.
  func check(_ results: [Float], first: Int, path: String) throws {
    guard !results.isEmpty, results.count % width == 0 else {
      throw WrongResults(
        description: "\(path): \(results.count) elements are no results of \(width) each")
    }
    for (index, value) in results.enumerated() {
      let sample = (first + index / width) % count
      let wanted = expected[sample * width + index % width]
      if value.bitPattern != wanted.bitPattern {
        throw WrongResults(
          description: "\(path): sample \(sample), element \(index % width) is \(value), and "
            + "\(wanted) on the stacked path")
      }
    }
  }

  /// The share of samples whose largest result is at their label.
  private static func accuracy(_ results: [Float], _ labels: [Int32]?, _ width: Int) -> Double? {
    guard let labels, results.count == labels.count * width, !labels.isEmpty else { return nil }
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
