import Swoop

@main struct Hello {
  static func main() async throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    let weight = try Tensor.random([3, 4], in: -1...1, seed: 7)
    let y = try x.linear(weight, activation: .relu).softmax() * 100
    print(y)
    // 256 calls on single samples: one submission, one dispatch a layer.
    let before = x.device.counters
    let samples = try (0..<256).map { try Tensor.random([3], seed: $0) }
    let results = try await x.device.batched { try samples.map { try $0.linear(weight).softmax() } }
    print(try await results[255].array(as: Float.self))
    let spent = x.device.counters - before
    print(spent.submissions, "submission,", spent.dispatches, "dispatches")
  }
}
