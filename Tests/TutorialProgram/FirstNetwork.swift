import DigitsData
import Swoop

@main struct FirstNetwork {
  static func main() async throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    print(x)

    let counts = try Tensor([3, 1, 4, 1, 5])
    let list: [Float] = [0, 0.25, 0.5, 1]
    let square = try Tensor(list, shape: [2, 2])
    let noise = try Tensor.normal([2, 3], key: RandomKey(seed: 7))
    for tensor in [counts, square, noise] { print(tensor.shape, tensor.elementType) }

    let y = try (x * 2 + 1).sqrt()
    print(y)
    print(try x.sum(0))
    print(try x.matmul(x.transposed()))
    print(try x[1, ..<2])

    do {
      print(try x + square)
    } catch {
      print(error)
    }

    let elements = try await y.array(as: Float.self)
    let mean = try await y.mean().scalar(as: Float.self)
    print(elements.count, elements.reduce(0, +) / 6, mean)

    let slope = try gradient(at: x) { x in try x.square().sum() }
    print(slope)

    let (product, slopes) = try valueWithGradient(at: [x, noise]) { p in try (p[0] * p[1]).sum() }
    print(product.shape, slopes[0].shape, slopes[1].shape)

    let digits = try Digits.load()
    let (training, test) = (digits.training, digits.test)
    let images = try Tensor(training.pixels, shape: [training.count, Digits.pixelCount])
    let targets = try Tensor(training.labels, shape: [training.count]).oneHot(Digits.classCount)
    let testImages = try Tensor(test.pixels, shape: [test.count, Digits.pixelCount])
    print(images.shape, targets.shape, testImages.shape)

    let batch = 32
    let rate = 0.3
    var network = try Network(key: RandomKey(seed: 1))
    for epoch in 1...6 {
      let order = try Tensor.permutation(training.count, key: RandomKey(seed: UInt64(epoch)))
      var total = try Tensor.zeros([])
      for start in stride(from: 0, to: training.count, by: batch) {
        let rows = try order[start..<min(start + batch, training.count)]
        let (someImages, someTargets) = (try images.taking(rows), try targets.taking(rows))
        let (loss, slopes) = try valueWithGradient(at: network.parameters) { parameters in
          try Network(parameters).loss(someImages, someTargets)
        }
        network.parameters = try zip(network.parameters, slopes).map { try $0 - rate * $1 }
        total = try total + loss * rows.shape[0]
      }
      let loss = try await (total / training.count).scalar(as: Float.self)
      let guesses = try await network.logits(of: testImages).argmax(1).array(as: Int32.self)
      let right = zip(guesses, test.labels).count { $0 == $1 }
      print("epoch \(epoch): loss \((loss * 1000).rounded() / 1000), \(right) of \(test.count)")
    }

    let device = images.device
    let trained = network
    let before = device.counters
    let guesses = try await device.batched {
      try (0..<test.count).map { try trained.logits(of: testImages[$0]).argmax() }
    }
    var right = 0
    for (guess, label) in zip(guesses, test.labels) where try await guess.scalar() == label {
      right += 1
    }
    let spent = device.counters - before
    print(right, "right,", spent.submissions, "submission,", spent.dispatches, "dispatches")

    let classify = Coalescer(on: device) { image in try trained.logits(of: image).argmax() }
    let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
      for row in 0..<test.count {
        let pixels = test.pixels[row * Digits.pixelCount..<(row + 1) * Digits.pixelCount]
        group.addTask {
          let image = try Tensor(pixels, shape: [Digits.pixelCount])
          return try await classify(image).scalar() == test.labels[row]
        }
      }
      var right = 0
      for try await isRight in group where isRight { right += 1 }
      return right
    }
    let statistics = classify.statistics
    print(answers, "right,", statistics.calls, "calls in", statistics.batches, "batches")

    let names = ["first.weight", "first.bias", "second.weight", "second.bias"]
    let archive = TensorArchive(Dictionary(uniqueKeysWithValues: zip(names, network.parameters)))
    try await archive.write(safetensors: "digits.safetensors")
    print(try TensorArchive(safetensors: "digits.safetensors")["second.weight"].shape)
  }
}
