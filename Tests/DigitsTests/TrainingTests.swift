import DigitsData
import Swoop
import Testing

@testable import Digits

@Suite("Digits: the training")
struct TrainingTests {
  @Test("Two epochs lower the loss and teach something", arguments: Optimizer.Method.allCases)
  func learning(_ optimizer: Optimizer.Method) async throws {
    let digits = try Digits.load()
    var trainer = try Trainer(
      on: digits.training, batchSize: 32, optimizer: optimizer, seed: 1, device: .cpu)
    let before = try await trainer.network.correctCount(of: digits.test)
    let first = try await trainer.epoch(rate: optimizer.rate)
    let second = try await trainer.epoch(rate: optimizer.rate / 2)
    #expect(second < first)
    #expect(before < 200)
    #expect(try await trainer.network.correctCount(of: digits.test) > 400)
  }

  @Test("The same seed gives the same bits, another seed others")
  func seeds() async throws {
    let digits = try Digits.load().training
    func weights(_ seed: UInt64) async throws -> DigitsWeights {
      var trainer = try Trainer(on: digits, batchSize: 100, seed: seed, device: .default())
      _ = try await trainer.epoch(rate: 0.1)
      return try await trainer.network.weights(metadata: [:])
    }
    let first = try await weights(1)
    #expect(try await weights(1) == first)
    #expect(try await weights(2) != first)
  }

  @Test("Every image is in one batch", arguments: [1, 7, 32, 1_296, 1_297])
  func batches(_ size: Int) async throws {
    let digits = try Digits.load().training
    var generator = SeededGenerator(seed: 3)
    let batches = try Batch.all(of: digits, size: size, using: &generator, on: .cpu)
    #expect(batches.reduce(0) { $0 + $1.count } == digits.count)
    #expect(batches.allSatisfy { $0.count <= size && $0.count >= (size + 1) / 2 })
    #expect(batches.count == (digits.count + size - 1) / size)
    var sums = [Float](repeating: 0, count: 10)
    for batch in batches.prefix(size == 1 ? 0 : .max) {
      for (digit, sum) in try await batch.targets.sum(0).array(as: Float.self).enumerated() {
        sums[digit] += sum
      }
    }
    if size > 1 {
      #expect(sums == (0..<10).map { digit in Float(digits.labels.count { $0 == digit }) })
    }
  }

  @Test("Images move by a pixel, and paper moves in")
  func shifting() async throws {
    let digits = try Digits.load().training
    var generator = SeededGenerator(seed: 3)
    let batch = try Batch.all(of: digits, size: 5, using: &generator, on: .cpu)[0]
    let still: [Float] = try await batch.images[0].array()
    let left: [Float] = try await batch.images[1].array()
    let right: [Float] = try await batch.images[2].array()
    for pixel in still.indices {
      #expect(left[pixel] == (pixel % 8 == 7 ? 0 : still[pixel + 1]))
      #expect(right[pixel] == (pixel % 8 == 0 ? 0 : still[pixel - 1]))
    }
  }

  @Test(
    "Bad options are refused",
    arguments: [
      ["--epochs", "0"], ["--epochs", "-1"], ["--epochs", "x"], ["--batch", "0"],
      ["--batch", "1298"], ["--rate", "0"], ["--rate", "-1"], ["--rate", "nan"],
      ["--rate", "inf"], ["--optimizer", "rmsprop"], ["--optimizer"], ["--seed", "-1"], ["--seed"],
      ["--none"], ["extra"],
    ])
  func options(_ arguments: [String]) throws {
    #expect(throws: (any Error).self) { _ = try TrainDigits.parse(arguments) }
  }

  @Test("What is good is taken, and told as a command")
  func command() throws {
    let options = try TrainDigits.parse(["--rate", "0.5", "--seed", "7", "--save", "a b'c"])
    #expect(
      options.command
        == "swift run -c release Digits --epochs 30 --batch 32 --optimizer sgd --rate 0.5 "
        + "--seed 7 --save 'a b'\\''c'")
    let adam = try TrainDigits.parse(["--optimizer", "adam"])
    #expect(adam.rate == 0.003 && adam.command.contains("--optimizer adam --rate 0.003 "))
    #expect(quoted("Data/x_1.safetensors") == "Data/x_1.safetensors" && quoted("") == "''")
    #expect(text(0.0449, decimals: 2) == "0.04" && text(12, decimals: 1) == "12.0")
    #expect(percent(484, of: 500) == "96.8 %" && percent(0, of: 0) == "0.0 %")
  }
}
