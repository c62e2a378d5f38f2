import Swoop
import SwoopCore
import Testing

/// Chains of elementwise operations run as one, and nobody can tell but by counting.
@Suite(.serialized) struct FusionTests {
  private let device: Device
  private let shape: Shape = [512, 1024]
  private let a, b, c: Tensor

  init() throws {
    device = try #require(SeparateDevice.make())
    a = try Tensor.random(shape, in: 0.5...2, seed: 1, on: device)
    b = try Tensor.random(shape, in: 0.5...2, seed: 2, on: device)
    c = try Tensor.random([1024], in: 0.5...2, seed: 3, on: device)
    for tensor in [a, b, c] { try tensor.blockingWait() }
  }

  /// Dispatches of a program on the default path; its results must be bitwise those per operation.
  private func dispatches(
    _ program: (Tensor, Tensor, Tensor) throws -> [Tensor]
  ) throws -> Int {
    try device.dispatches { try program(a, b, c) }
  }

  @Test func aChainIsOneDispatch() throws {
    #expect(try dispatches { a, b, c in [try a * b + c] } == 1)
    #expect(try dispatches { a, b, c in [try ((a - c) / b).exp().sqrt().log1p()] } == 1)
  }

  /// What a kernel takes is three operands.
  @Test func moreOperandsAreMoreDispatches() throws {
    #expect(try dispatches { a, b, c in [try (a * b) + (b * c) - (a / c)] } == 1)
    #expect(
      try dispatches { a, b, c in
        let (d, e) = try (a.transposed(), b.transposed())
        return [try (a * b).transposed() + (d / e)]
      } == 2)
  }

  @Test func aLongChainIsCut() throws {
    #expect(
      try dispatches { a, b, _ in
        var x = a
        for _ in 0..<20 { x = try x * b }
        return [x]
      } == 3)
  }

  /// Somebody may read it later.
  @Test func aResultThatIsHeldIsComputed() throws {
    #expect(
      try dispatches { a, b, c in
        let product = try a * b
        return [product, try product + c]
      } == 2)
  }

  /// Computed twice it would be in vain.
  @Test func aResultThatIsReadTwiceIsComputedOnce() throws {
    #expect(
      try dispatches { a, b, c in
        let product = try a * b
        return [try product + c, try product.exp()]
      } == 3)
  }

  /// Of other shapes and types, and what is no function of elements, nothing becomes a part.
  @Test func othersStayAlone() throws {
    #expect(try dispatches { a, _, c in [try (c * c + c) + a] } == 2)
    #expect(try dispatches { a, b, _ in [try (a * b).sum(-1)] } == 2)
    #expect(try dispatches { a, b, _ in [try (a .< b).cast(to: .float32)] } == 2)
  }

  /// A coalesced model's results in between are nobody's, however small.
  @Test func aTracedChainIsOneDispatchABatch() throws {
    let row = try Tensor.random([64], in: 0.5...2, seed: 4, on: device)
    try row.blockingWait()
    var options = CoalescerOptions()
    options.maximumBatch = 8
    let coalesced = Coalescer(on: device, options: options) { x in try (x * row + row).tanh() }
    let samples = try (0..<8).map { try Tensor.random([64], seed: UInt64($0), on: device) }
    let expected = try device.blockingPerOp { try samples.map { try ($0 * row + row).tanh() } }
      .map { try $0.blockingArray(as: Float.self).map(\.bitPattern) }
    _ = try coalesced.blocking(samples[0])
    let before = device.counters
    let results = try samples.map { try coalesced.enqueue($0) }
    for (result, expected) in zip(results, expected) {
      #expect(try result.blockingArray(as: Float.self).map(\.bitPattern) == expected)
    }
    let spent = device.counters - before
    #expect(spent.dispatches == spent.submissions)
  }
}
