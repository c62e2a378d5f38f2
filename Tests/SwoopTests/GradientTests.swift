import Swoop
import SwoopCheck
import SwoopCore
import Testing

/// What gradients promise: of what, with regard to what, on which path, and what they refuse.
@Suite struct GradientTests {
  private func values(_ tensor: Tensor) throws -> [Float] {
    try tensor.blockingArray(as: Float.self)
  }

  @Test(arguments: TestDevices.all) func aValueAndItsGradient(_ device: Device) throws {
    let x = try Tensor([[1, -2], [3, 0.5]] as [[Float]], on: device)
    let (value, slope) = try valueWithGradient(at: x) { x in try (x * x).sum() }
    #expect(try value.blockingScalar(as: Float.self) == 14.25)
    #expect(slope.shape == [2, 2])
    #expect(try values(slope) == [2, -4, 6, 1])
    let two = try gradient(at: [x, x]) { x in try (x[0] * x[1].square()).sum() }
    // The same tensor twice is two variables.
    #expect(try values(two[0]) == [1, 4, 9, 0.25])
    #expect(try values(two[1]) == [2, 8, 18, 0.5])
  }

  @Test(arguments: TestDevices.all) func whatIsCapturedIsConstant(_ device: Device) throws {
    let x = try Tensor([1, 2, 3] as [Float], on: device)
    #expect(try values(gradient(at: x) { y in try (y * x).sum() }) == [1, 2, 3])
    // Also if it is not there yet, and if it is a view.
    let pending = try x + 1
    #expect(try values(gradient(at: pending) { y in try (y * pending).sum() }) == [2, 3, 4])
    let view = try Tensor([[1, 2], [3, 4]] as [[Float]], on: device).transposed()
    let slope = try gradient(at: view) { y in try (y * view).sum() }
    #expect(try slope.blockingNested(as: [[Float]].self) == [[1, 3], [2, 4]])
  }

  @Test(arguments: TestDevices.all) func whatDoesNotDependIsZero(_ device: Device) throws {
    let x = try Tensor([1, 2, 3] as [Float], on: device)
    #expect(try values(gradient(at: x) { _ in try x.sum() }) == [0, 0, 0])
    #expect(try values(gradient(at: x) { x in try (x.stopGradient() * x).sum() }) == [1, 2, 3])
    #expect(try values(gradient(at: x) { x in try (x * 2).stopGradient().sum() }) == [0, 0, 0])
    // Masks are constants.
    #expect(try values(gradient(at: x) { x in try (x * (x .> 1.5)).sum() }) == [0, 1, 1])
    // Outside of a gradient it is the tensor itself.
    #expect(try x.stopGradient().node === x.node)
    #expect(try gradient(at: [Tensor]()) { _ in try x.sum() }.isEmpty)
  }

  @Test(arguments: TestDevices.all) func kinksGoAsDocumented(_ device: Device) throws {
    let x = try Tensor([-1, 0, 1] as [Float], on: device)
    let y = try Tensor([-1, 1, 1] as [Float], on: device)
    #expect(try values(gradient(at: x) { try $0.relu().sum() }) == [0, 0, 1])
    #expect(try values(gradient(at: x) { try $0.abs().sum() }) == [-1, 0, 1])
    let greatest = try gradient(at: [x, y]) { try $0[0].maximum($0[1]).sum() }
    #expect(try greatest.map(values) == [[1, 0, 1], [0, 1, 0]])
    let least = try gradient(at: [x, y]) { try $0[0].minimum($0[1]).sum() }
    #expect(try least.map(values) == [[1, 1, 1], [0, 0, 0]])
    #expect(try values(gradient(at: x) { try $0.clip(-1, 0).sum() }) == [1, 1, 0])
    #expect(try values(gradient(at: y) { try $0.max() }) == [0, 0.5, 0.5])
    // Where all that is squared is 0, its slopes are, and not 0 times the root's infinity.
    let rows = try Tensor([[0, 0], [3, 4]] as [[Float]], on: device)
    #expect(try values(gradient(at: rows) { try $0.norm(.l2, 1).sum() }) == [0, 0, 0.6, 0.8])
    let equal = try Tensor([[2, 2], [1, 3]] as [[Float]], on: device)
    #expect(
      try values(gradient(at: equal) { try $0.standardDeviation(1).sum() }) == [0, 0, -0.5, 0.5])
    let zeros = try Tensor.zeros([1], on: device)
    let lengths = try gradient(at: [zeros, zeros]) { try $0[0].hypot($0[1]).sum() }
    #expect(try lengths.map(values) == [[0], [0]])
    let angles = try gradient(at: [zeros, zeros]) { try $0[0].atan2($0[1]).sum() }
    #expect(try angles.map(values) == [[0], [0]])
  }

  /// x⁰ has no slope, and neither has that; infinities have the slope they tend to.
  @Test(arguments: TestDevices.all) func powersOfNothingAndInfinities(_ device: Device) throws {
    let x = try Tensor([0, 2] as [Float], on: device)
    for (power, expected) in [(0, [0, 0]), (1, [0, 0]), (2, [2, 2]), (3, [0, 12])]
      as [(Int, [Float])]
    {
      let second = try gradient(at: x) { x in
        try gradient(at: x) { x in try x.pow(power).sum() }.sum()
      }
      #expect(try values(second) == expected, "\(power)")
    }
    // By x first, or by y first.
    let (base, exponent) = (try Tensor([0] as [Float], on: device), try x[1...])
    let mixed = try gradient(at: exponent) { y in
      try gradient(at: base) { x in try x.pow(y).sum() }.sum()
    }
    let other = try gradient(at: base) { x in
      try gradient(at: exponent) { y in try x.pow(y).sum() }.sum()
    }
    #expect(try values(mixed) == [0] && values(other) == [0])
    // Squares that leave the range of float32.
    for size in [1e-25, 1e20] as [Float] {
      let point = try Tensor([size], on: device)
      let slopes = try gradient(at: [point, point]) { try $0[0].atan2($0[1]).sum() }
      let expected = 1 / (2 * size)
      for (slope, sign) in zip(try slopes.map(values), [1, -1] as [Float]) {
        #expect(abs(slope[0] * sign - expected) < 1e-5 * expected)
      }
    }
    let ends = try Tensor([-.infinity, .infinity] as [Float], on: device)
    #expect(try values(gradient(at: ends) { try $0.silu().sum() }) == [0, 1])
    for tanhForm in [false, true] {
      #expect(try values(gradient(at: ends) { try $0.gelu(tanhForm: tanhForm).sum() }) == [0, 1])
    }
  }

  /// A NaN that makes the result NaN has the gradient, as the largest would.
  @Test(arguments: TestDevices.all) func nansHaveTheGradient(_ device: Device) throws {
    let x = try Tensor([[1, .nan, 3, .nan], [4, 2, 0, 4]] as [[Float]], on: device)
    #expect(try values(gradient(at: x) { try $0.max() }) == [0, 0.5, 0, 0.5, 0, 0, 0, 0])
    #expect(try values(gradient(at: x) { try $0.min() }) == [0, 0.5, 0, 0.5, 0, 0, 0, 0])
    #expect(
      try values(gradient(at: x) { try $0.max(1).sum() }) == [0, 0.5, 0, 0.5, 0.5, 0, 0, 0.5])
    #expect(try values(gradient(at: x) { try $0.min(0).sum() }) == [1, 1, 0, 1, 0, 0, 1, 0])
    let pooled = try gradient(at: x) { try $0.reshaped(1, 1, 2, 4).maxPool2d(2).sum() }
    #expect(try values(pooled) == [0, 1, 0, 1, 0, 0, 0, 0])
    // The first of two; a limit has none.
    let a = try Tensor([.nan, 1, .nan] as [Float], on: device)
    let b = try Tensor([1, .nan, .nan] as [Float], on: device)
    let greatest = try gradient(at: [a, b]) { try $0[0].maximum($0[1]).sum() }
    #expect(try greatest.map(values) == [[1, 0, 1], [0, 1, 0]])
    let least = try gradient(at: [a, b]) { try $0[0].minimum($0[1]).sum() }
    #expect(try least.map(values) == [[1, 0, 1], [0, 1, 0]])
    let high = try Tensor(Float(5), on: device)
    let clipped = try gradient(at: [a, b]) { try $0[0].clip($0[1], high).sum() }
    #expect(try clipped.map(values) == [[1, 1, 1], [0, 0, 0]])
  }

  @Test(arguments: TestDevices.all) func narrowTypesKeepTheirs(_ device: Device) throws {
    for type in [ElementType.float16, .bfloat16] {
      let x = try Tensor([[1, 2, 3], [4, 5, 6]] as [[Float]], as: type, on: device)
      let n = try Tensor([2, 1, 0] as [Int32], on: device)
      let slope = try gradient(at: x) { x in try (x * n).transposed().square().sum() }
      #expect(slope.elementType == type && slope.shape == [2, 3])
      let wide = try slope.cast(to: .float32)
      #expect(try wide.blockingNested(as: [[Float]].self) == [[8, 4, 0], [32, 10, 0]])
      let part = try gradient(at: x) { x in
        try x.reshaped(2, 3, 1).cast(to: .float32).max(1).sum()
      }
      #expect(part.elementType == type)
      #expect(try values(part.cast(to: .float32)) == [0, 0, 1, 0, 0, 1])
    }
  }

  @Test(arguments: TestDevices.all) func emptyTensorsHaveEmptyGradients(_ device: Device) throws {
    let x = try Tensor.zeros([0, 3], on: device)
    let w = try Tensor.ones([3, 2], on: device)
    let slopes = try gradient(at: [x, w]) { try $0[0].matmul($0[1]).square().sum() }
    #expect(slopes[0].shape == [0, 3] && slopes[1].shape == [3, 2])
    #expect(try values(slopes[1]) == [0, 0, 0, 0, 0, 0])
  }

  // MARK: What is refused

  private func code(_ body: () throws -> Void) -> TensorError.Code? {
    #expect(throws: TensorError.self, performing: body)?.code
  }

  @Test(arguments: TestDevices.all) func badInputIsAnError(_ device: Device) throws {
    let x = try Tensor([1, 2] as [Float], on: device)
    let n = try Tensor([1, 2] as [Int32], on: device)
    #expect(code { _ = try gradient(at: n) { try $0.sum() } } == .elementTypeMismatch)
    #expect(code { _ = try gradient(at: x) { try $0 * 2 } } == .shapeMismatch)
    #expect(code { _ = try gradient(at: x) { try $0.sum().reshaped(1) } } == .shapeMismatch)
    #expect(code { _ = try gradient(at: x) { try $0.argmax() } } == .elementTypeMismatch)
    #expect(code { _ = try gradient(at: x) { try $0 + Tensor.ones([3], on: device) } } != nil)
    struct Own: Error {}
    #expect(throws: Own.self) { try gradient(at: x) { _ in throw Own() } }
    // Nothing of that is remembered.
    #expect(Scope.current == nil)
  }

  @Test func tensorsThatLeaveAreRefused() throws {
    guard let device = TestDevices.vulkan.first else { return }
    let x = try Tensor([1, 2] as [Float], on: device)
    #expect(
      code { _ = try gradient(at: x) { try $0.copied(to: .cpu).sum() } } == .notDifferentiable)
    _ = try gradient(at: x) { x in
      try x.sum() * Float(x.stopGradient().copied(to: .cpu).sum().blockingScalar(as: Float.self))
    }
    let coalesced = Coalescer(on: device) { try $0 * 2 }
    #expect(code { _ = try gradient(at: x) { try coalesced.blocking($0).sum() } } != nil)
    #expect(
      code {
        _ = try gradient(at: x) { weight in
          let coalesced = Coalescer(on: device) { try $0 * weight }
          return try coalesced.blocking(x).sum()
        }
      } == .notDifferentiable)
  }

  @Test(arguments: TestDevices.vulkan) func aKernelIsNamed(_ device: Device) throws {
    let kernel = try device.kernel(
      source: """
        #version 460
        #extension GL_GOOGLE_include_directive : require
        #include "Common.glsl"
        layout(local_size_x_id = 0) in;
        layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };
        void main() {
          Block block = Block(blockAddress);
          uint i = gl_GlobalInvocationID.x;
          if (i < block.words[0]) Floats(block.result.address).at[i] = 1;
        }
        """, name: "mine.comp")
    let x = try Tensor([1, 2] as [Float], on: device)
    let error = #expect(throws: TensorError.self) {
      try gradient(at: x) { x in try (x * kernel(x, resultShape: [2])).sum() }
    }
    #expect(error?.code == .notDifferentiable && error?.message.contains("mine.comp") == true)
    // Where the value does not hang on it, it is nobody's business.
    let slope = try gradient(at: x) { x in
      _ = try kernel(x, resultShape: [2])
      return try (x * kernel(x.stopGradient(), resultShape: [2])).sum()
    }
    #expect(try values(slope) == [1, 1])
  }

  // MARK: Paths

  @Test func aTrainingStepIsOneSubmission() throws {
    let device = try #require(SeparateDevice.make())
    let x = try Tensor.random([8, 4], seed: 1, on: device)
    var weights = try [
      Tensor.random([4, 5], seed: 2, on: device), Tensor.random([5], seed: 3, on: device),
    ]
    for _ in 0..<3 {
      let before = device.counters
      let loss = try device.blockingBatch {
        let (loss, slopes) = try valueWithGradient(at: weights) { weights in
          try x.linear(weights[0], bias: weights[1]).tanh().square().mean()
        }
        weights = try zip(weights, slopes).map { try $0 - 0.1 * $1 }
        return loss
      }
      for tensor in weights + [loss] { try tensor.blockingWait() }
      #expect((device.counters - before).submissions == 1)
    }
  }

  @Test(arguments: TestDevices.all) func asyncFunctionsMayRead(_ device: Device) async throws {
    let x = try Tensor([6, 2] as [Float], on: device)
    let slope = try await gradient(
      at: x,
      awaiting: { x in
        let total: Float = try await x.sum().scalar()
        return try (x * total).sum()
      })
    #expect(try await slope.array() == [Float(8), 8])
    // Child tasks add to the tape.
    let both = try await valueWithGradient(
      at: [x, x],
      awaiting: { x in
        async let first = x[0].square()
        async let second = x[1] * 3
        return try await (first * second).sum()
      })
    #expect(try await both.gradients[0].array() == [Float(216), 24])
  }

  @Test(arguments: TestDevices.all) func gradientsOfGradients(_ device: Device) throws {
    let x = try Tensor([1, 2, -3] as [Float], on: device)
    let second = try gradient(at: x) { x in
      try gradient(at: x) { x in try (x * x * x).sum() }.sum()
    }
    #expect(try values(second) == [6, 12, -18])
    let third = try gradient(at: x) { x in
      try gradient(at: x) { x in
        try gradient(at: x) { x in try (x * x * x).sum() }.sum()
      }.sum()
    }
    #expect(try values(third) == [6, 6, 6])
    // What is around an inner gradient counts for the outer one.
    let mixed = try gradient(at: x) { x in
      try (x * gradient(at: x.square()) { y in try (y * x).sum() }).sum()
    }
    #expect(try values(mixed) == [2, 4, -6])
  }

  @Test func longChainsNeedNoStack() throws {
    let x = try Tensor([1] as [Float], on: .cpu)
    let slope = try gradient(at: x) { x in
      var sum = x
      for _ in 0..<100_000 { sum = try sum + x }
      return try sum.sum()
    }
    #expect(try values(slope) == [100_001])
  }
}
