import ArgumentParser
import DigitsData
import Swoop
import SwoopLab

@main
struct TrainDigits: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "Digits",
    abstract: "Trains a small network to read handwritten digits.",
    discussion: """
      A network 64 → 256 → 10 with relu learns from 1,297 images of 8×8 pixels (UCI, Alpaydin and \
      Kaynak, CC BY 4.0) and is tested on 500 others. Its gradients are those that \
      valueWithGradient(at:of:) gives, and all of it runs on the device.
      """)

  @Option(
    parsing: .unconditional,
    help:
      "The device: its name, a part of it, or its index. (default: SWOOP_DEVICE, else the best Vulkan device)"
  )
  var device: String?

  @Option(help: "How often every image is learnt from.")
  var epochs = 30

  @Option(help: "Images in a step.")
  var batch = 32

  @Option(help: "How the weights follow their gradients.")
  var optimizer = Optimizer.Method.sgd

  @Option(
    name: .customLong("rate"),
    help: """
      How far a step goes at first; from epoch to epoch this falls evenly towards 0. (default: \
      \(Optimizer.Method.allCases.map { "\($0.rate) for \($0)" }.joined(separator: ", ")))
      """)
  var chosenRate: Float?

  var rate: Float { chosenRate ?? optimizer.rate }

  @Option(help: "Decides everything random: the same seed gives the same weights on one device.")
  var seed: UInt64 = 1

  @Option(help: "Write the weights to this file, in the safetensors format.")
  var save: String?

  @Option(help: "The folder with digits.csv. (default: SWOOP_DATA, else the source tree's)")
  var data: String?

  func validate() throws {
    if data?.isEmpty == true { throw ValidationError("--data was given \"\"; it takes a folder") }
    guard (1...1_000_000).contains(epochs) else {
      throw ValidationError("--epochs \(epochs): it takes 1 to 1,000,000")
    }
    guard (1...Digits.trainingCount).contains(batch) else {
      throw ValidationError("--batch \(batch): it takes 1 to \(Digits.trainingCount)")
    }
    guard rate > 0, rate.isFinite else {
      throw ValidationError("--rate \(rate): it takes a number above 0")
    }
  }

  func run() async throws {
    let digits = try Digits.load(from: data.map { $0 + "/digits.csv" })
    let test = digits.test
    let device = try device.map(Device.named) ?? Device.default()
    // What can fail before the training does so now.
    if let save, let obstacle = AtomicFile.obstacle(to: save) {
      throw ValidationError("--save was given \"\(save)\", \(obstacle)")
    }
    var trainer = try Trainer(
      on: digits.training, batchSize: batch, optimizer: optimizer, seed: seed, device: device)
    print("Training on \(device): \(digits.training.count) images, \(batch) a step")
    let start = ContinuousClock.now
    var correct = 0
    for epoch in 0..<epochs {
      let epochStart = ContinuousClock.now
      let loss = try await trainer.epoch(rate: rate * (1 - Float(epoch) / Float(epochs)))
      guard loss.isFinite else {
        throw ValidationError("the loss is no number any more; a smaller --rate may help")
      }
      correct = try await trainer.network.correctCount(of: test)
      print(
        "epoch \(epoch + 1): loss \(text(Double(loss), decimals: 4)), test accuracy "
          + "\(percent(correct, of: test.count)), \(text(epochStart.seconds, decimals: 2)) s")
    }
    print(
      "\(correct) of \(test.count) test images right after \(text(start.seconds, decimals: 1)) s")
    guard let save else { return }
    let accuracy = Double(correct) / Double(test.count)
    let weights = try await trainer.network.weights(
      metadata: [
        "accuracy": "\(accuracy)", "command": command, "device": device.name, "seed": "\(seed)",
        "data": "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, CC BY 4.0",
      ])
    try weights.write(to: save)
    print("Wrote the weights to \(save)")
  }

  /// What remakes the weights, for the file that holds them.
  var command: String {
    var words = [
      "swift run -c release Digits", "--epochs \(epochs)", "--batch \(batch)",
      "--optimizer \(optimizer.rawValue)", "--rate \(rate)", "--seed \(seed)",
    ]
    if let data { words.append("--data \(quoted(data))") }
    if let save { words.append("--save \(quoted(save))") }
    return words.joined(separator: " ")
  }

  /// Ends with one line and exit code 1 for whatever goes wrong; what the parser refuses ends with
  /// 64 and where to find help, instead of all of it.
  static func main() async {
    Terminal.openStandardDescriptors()
    let command: Self
    do {
      command = try parse()
    } catch {
      if exitCode(for: error) == .success { exit(withError: error) }
      Terminal.fail("Digits", message(for: error), isUsage: true)
    }
    do {
      try await command.run()
      if let failure = Terminal.printingFailure() { throw failure }
    } catch {
      Terminal.fail("Digits", message(for: error))
    }
  }
}
