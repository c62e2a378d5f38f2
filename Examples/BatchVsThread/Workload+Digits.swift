import DigitsData
import Swoop

extension Workload {
  /// The last 500 of the 1,797 handwritten digits (UCI), and the network that `Digits` trains on
  /// the others: 64 → 256, relu → 10.
  /// - Parameter folder: where digits.csv and digits-mlp.safetensors are; nil for the usual places.
  static func digits(_ folder: String?) throws -> Workload {
    let images = try Digits.load(from: folder.map { $0 + "/digits.csv" }).test
    let weights = try DigitsWeights.load(from: folder.map { $0 + "/digits-mlp.safetensors" })
    let (pixels, hidden) = (Digits.pixelCount, DigitsWeights.hiddenCount)
    let inputs = (0..<images.count).map {
      Array(images.pixels[$0 * pixels..<($0 + 1) * pixels])
    }
    return Workload(
      name: "digits",
      layers: [
        Layer(
          weight: weights.first, bias: weights.firstBias, rows: pixels, columns: hidden,
          activation: .relu),
        Layer(
          weight: weights.second, bias: weights.secondBias, rows: hidden,
          columns: Digits.classCount, activation: .none),
      ], inputs: [inputs], labels: images.labels)
  }
}
