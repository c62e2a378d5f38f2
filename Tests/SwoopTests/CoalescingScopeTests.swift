import Swoop
import SwoopCore
import Synchronization
import Testing

/// Tasks that each run a program of their own, and share its dispatches without asking.
@Suite(.timeLimit(.minutes(5))) struct CoalescingScopeTests {
  private static func weights(_ device: Device) throws -> [Tensor] {
    try (0..<3).map { try Tensor.random([16, 16], in: -1...1, seed: UInt64($0 + 1), on: device) }
  }

  /// A program of several steps, some of which depend on what was read.
  nonisolated(nonsending) private static func program(
    _ x: Tensor, _ weights: [Tensor]
  ) async throws -> [Float] {
    var y = try x.linear(weights[0], activation: .relu)
    y = try y.linear(weights[1], activation: .relu) + x
    // Half of the samples take a longer way, as only a value can tell.
    if try await y.sum().scalar(as: Float.self) > 20 { y = try y.linear(weights[2]).softmax() }
    return try await (y * 2).transposed().array(as: Float.self)
  }

  @Test(arguments: TestDevices.all) func tasksShareWhatTheyCan(_ device: Device) async throws {
    let weights = try CoalescingScopeTests.weights(device)
    let samples = try (0..<100).map {
      try Tensor.random([16], in: -1...1, seed: UInt64($0 + 50), on: device)
    }
    var expected: [[Float]] = []
    for x in samples {
      expected.append(
        try await device.perOp { try await CoalescingScopeTests.program(x, weights) })
    }
    let results = try await device.coalescing {
      try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
        for (index, x) in samples.enumerated() {
          group.addTask { (index, try await CoalescingScopeTests.program(x, weights)) }
        }
        return try await group.reduce(into: [[Float]](repeating: [], count: 100)) {
          $0[$1.0] = $1.1
        }
      }
    }
    if device.name != "cpu" { #expect(results == expected) }
    for (result, one) in zip(results, expected) {
      for (a, b) in zip(result, one) { #expect(abs(a - b) <= 1e-4 * max(1, abs(b))) }
    }
  }

  @Test func manyTasksTakeFewSubmissions() async throws {
    let device = try #require(SeparateDevice.make())
    let weights = try CoalescingScopeTests.weights(device)
    let samples = try (0..<256).map {
      try Tensor.random([16], in: -1...1, seed: UInt64($0 + 50), on: device)
    }
    for x in samples + weights { try await x.wait() }
    // Held together for a while, because a fast device and slow tasks would not meet.
    var options = CoalescingQueue.Options()
    options.maximumDelay = .milliseconds(200)
    let before = device.counters
    try await device.coalescing(options) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for x in samples {
          group.addTask { try await x.linear(weights[0]).linear(weights[1]).wait() }
        }
        try await group.waitForAll()
      }
    }
    let used = device.counters - before
    // 512 operations of 256 tasks that know nothing of each other.
    #expect(used.dispatches * 4 < 512)
    #expect(used.submissions * 4 < 256)
  }

  @Test(arguments: TestDevices.vulkan) func aFailureIsTheTasksOwn(_ device: Device) async throws {
    let x = try Tensor.ones([4], on: device)
    let other = try Tensor.ones([3], on: device)
    let right = try await device.coalescing {
      await withTaskGroup(of: Bool.self) { group in
        for index in 0..<40 {
          group.addTask {
            do {
              let y = index % 4 == 0 ? try x + other : try x + x
              return try await y.array(as: Float.self) == [2, 2, 2, 2] && index % 4 != 0
            } catch {
              return index % 4 == 0 && (error as? TensorError)?.code == .shapeMismatch
            }
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
    }
    #expect(right == 40)
  }

  @Test(arguments: TestDevices.vulkan) func whatNobodyWaitedForIsReadLater(
    _ device: Device
  ) async throws {
    let x = try Tensor([1, 2] as [Float], shape: [2], on: device)
    let y = try await device.coalescing { try x + x }
    #expect(try await y.array(as: Float.self) == [2, 4])
    // A chain longer than may stay pending.
    let long = try await device.coalescing {
      var z = x
      for _ in 0..<20_000 { z = try -z }
      return try await z.array(as: Float.self)
    }
    #expect(long == [1, 2])
    let nested = try await device.coalescing {
      try await device.perOp { try await (x + 1).array(as: Float.self) }
    }
    #expect(nested == [2, 3])
  }
}
