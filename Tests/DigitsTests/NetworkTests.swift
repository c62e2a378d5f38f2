import Glibc
import Swoop
import Testing

@testable import Digits
@testable import DigitsData

/// The network in double precision, on the host, by loops alone.
struct ExactNetwork {
  var first: [Double]
  var firstBias: [Double]
  var second: [Double]
  var secondBias: [Double]

  init(_ weights: DigitsWeights) {
    first = weights.first.map(Double.init)
    firstBias = weights.firstBias.map(Double.init)
    second = weights.second.map(Double.init)
    secondBias = weights.secondBias.map(Double.init)
  }

  func logits(_ image: ArraySlice<Float>) -> [Double] {
    var hidden = firstBias
    for (row, pixel) in image.enumerated() where pixel != 0 {
      for column in 0..<256 { hidden[column] += Double(pixel) * first[row * 256 + column] }
    }
    var logits = secondBias
    for row in 0..<256 where hidden[row] > 0 {
      for column in 0..<10 { logits[column] += hidden[row] * second[row * 10 + column] }
    }
    return logits
  }

  func correctCount(of digits: Digits) -> Int {
    (0..<digits.count).count { row in
      let logits = logits(digits.pixels[(row * 64)..<((row + 1) * 64)])
      return logits.firstIndex(of: logits.max() ?? 0) == Int(digits.labels[row])
    }
  }

  /// The mean cross-entropy.
  func loss(of digits: Digits) -> Double {
    let losses = (0..<digits.count).map { row in
      let logits = logits(digits.pixels[(row * 64)..<((row + 1) * 64)])
      let largest = logits.max() ?? 0
      let sum = logits.reduce(0) { $0 + exp($1 - largest) }
      return log(sum) + largest - logits[Int(digits.labels[row])]
    }
    return losses.reduce(0, +) / Double(digits.count)
  }
}

@Suite("Digits: the network")
struct NetworkTests {
  @Test("The committed weights read at least 93 % of the test images, the same on every device")
  func committedWeights() async throws {
    let test = try Digits.load().test
    let weights = try DigitsWeights.load()
    let exact = ExactNetwork(weights).correctCount(of: test)
    #expect(exact >= 465)
    #expect(weights.metadata["accuracy"] == "\(Double(exact) / 500)")
    #expect(weights.metadata["command"]?.hasPrefix("swift run -c release Digits ") == true)
    #expect(weights.metadata["seed"] != nil)
    for device in [Device.cpu, try .default()] {
      let network = try Network(weights, on: device)
      #expect(try await network.correctCount(of: test) == exact, "\(device)")
    }
  }

  @Test("The gradients are the slopes of the loss")
  func gradients() async throws {
    let all = try Digits.load()
    let digits = Digits(
      pixels: Array(all.pixels.prefix(40 * 64)), labels: Array(all.labels.prefix(40)))
    let weights = try DigitsWeights.load()
    var generator = SeededGenerator(seed: 5)
    for device in [Device.cpu, try .default()] {
      // Half of what was learnt, so that there is something left to learn.
      let halves = try DigitsWeights(
        first: weights.first.map { $0 / 2 }, firstBias: weights.firstBias,
        second: weights.second.map { $0 / 2 }, secondBias: weights.secondBias)
      let batch = try Batch.all(of: digits, size: digits.count, using: &generator, on: device)[0]
      let network = try Network(halves, on: device)
      let (loss, gradients) = try network.lossWithGradients(on: batch, shift: 0)
      let exact = ExactNetwork(halves)
      let mean: Float = try await loss.scalar()
      #expect(abs(Double(mean) / exact.loss(of: digits) - 1) < 1e-4)

      let parts: [(Tensor, WritableKeyPath<ExactNetwork, [Double]>)] = [
        (gradients.first, \.first), (gradients.firstBias, \.firstBias),
        (gradients.second, \.second), (gradients.secondBias, \.secondBias),
      ]
      for (tensor, part) in parts {
        let values: [Float] = try await tensor.array()
        let largest = Double(values.reduce(0) { max($0, abs($1)) })
        #expect(largest > 1e-4)
        for _ in 0..<3 {
          let index = generator.next(below: values.count)
          // So small that hardly any relu changes sides.
          let step = 1e-7
          var (above, below) = (exact, exact)
          above[keyPath: part][index] += step
          below[keyPath: part][index] -= step
          let slope = (above.loss(of: digits) - below.loss(of: digits)) / (2 * step)
          #expect(abs(Double(values[index]) - slope) < 1e-4 * largest)
        }
      }
    }
  }

  @Test("The gradients are those that one writes by hand")
  func handWrittenGradients() async throws {
    let digits = try Digits.load()
    let weights = try DigitsWeights.load()
    var generator = SeededGenerator(seed: 5)
    for device in [Device.cpu, try .default()] {
      let batch = try Batch.all(of: digits, size: 40, using: &generator, on: device)[0]
      let network = try Network(weights, on: device)
      let (_, gradients) = try network.lossWithGradients(on: batch, shift: 1)
      let (byHand, magnitudes) = try network.handWrittenGradients(on: batch, shift: 1)
      let logits = try network.logits(of: batch.images[1])
      let spread: Float = try await (logits.max() + (-logits).max()).scalar()
      // Both begin with the same logits. Then each has an exponential of t, off by (3 + 2|t|)
      // units, a sum of 10 and a quotient, on the way to the probabilities; and each element of a
      // gradient is a sum of at most 40 products of sums of 10 products.
      let roundings = 2 * (2 * (3 + 2 * Double(spread)) + 10 + 8 + 10 + 40 + 4)
      let bound = roundings * 0x1p-24
      for part in Network.parameters {
        let one: [Float] = try await gradients[keyPath: part].array()
        let other: [Float] = try await byHand[keyPath: part].array()
        let most: [Float] = try await magnitudes[keyPath: part].array()
        try #require(one.count == other.count)
        #expect(one.contains { $0 != 0 })
        for index in one.indices {
          let difference = abs(Double(one[index]) - Double(other[index]))
          #expect(difference <= bound * Double(most[index]) + 0x1p-120, "\(device) \(index)")
        }
      }
    }
  }
}
