import Swoop
import SwoopCore
import Testing
import VulkanCompute

/// What an operation costs, counted: submissions, dispatches, barriers, allocations.
@Suite(.serialized) struct CounterTests {
  private func counted(
    _ device: Device, _ body: () throws -> Void
  ) rethrows -> DeviceCounters {
    let before = device.counters
    try body()
    return device.counters - before
  }

  /// Other suites run at the same time; so these have a device of their own.
  private func own() throws -> Device { try #require(SeparateDevice.make()) }

  @Test func aWarmOperationIsOneSubmissionAndAllocatesNothing() throws {
    let device = try own()
    let x = try Tensor.random([256], seed: 1, on: device)
    let y = try Tensor.random([256], seed: 2, on: device)
    for _ in 0..<4 { _ = try device.blockingPerOp { try x + y }.blockingArray(as: Float.self) }
    let spent = try counted(device) {
      _ = try device.blockingPerOp { try x + y }.blockingArray(as: Float.self)
    }
    #expect(spent.submissions == 1)
    #expect(spent.dispatches == 1)
    #expect(spent.barriers == 0)
    #expect(spent.allocations == 0)
    #expect(spent.bytes == 0)
    #expect(spent.liveBytes == 0)
  }

  @Test func recordedOperationsShareASubmission() throws {
    let device = try own()
    let x = try Tensor.random([64], seed: 1, on: device)
    func run() throws -> [Tensor] {
      try device.blockingRecorded { try (0..<100).map { try x * $0 + 1 } }
    }
    for tensor in try run() { try tensor.blockingWait() }
    let spent = try counted(device) {
      for tensor in try run() { try tensor.blockingWait() }
    }
    #expect(spent.submissions == 1)
    #expect(spent.dispatches == 200)
    // All products, one barrier, all sums.
    #expect(spent.barriers == 1)
    #expect(spent.allocations == 0)
  }

  @Test func batchedCallsShareADispatchALayer() throws {
    let device = try own()
    let first = try Tensor.random([64, 256], in: -1...1, seed: 1, on: device)
    let second = try Tensor.random([256, 10], in: -1...1, seed: 2, on: device)
    let samples = try (0..<256).map {
      try Tensor.random([64], seed: UInt64($0 + 3), on: device)
    }
    func model(_ x: Tensor) throws -> Tensor {
      try x.linear(first, activation: .relu).linear(second).softmax()
    }
    let alone = try device.blockingPerOp { try samples.map { try model($0) } }
    for round in 0..<3 {
      let spent = try counted(device) {
        let together = try device.blockingBatch { try samples.map { try model($0) } }
        for (one, other) in zip(alone, together) {
          #expect(try one.blockingArray(as: Float.self) == other.blockingArray(as: Float.self))
        }
      }
      #expect(spent.dispatches == 3)
      #expect(spent.submissions == 1)
      #expect(spent.barriers == 2)
      if round > 0 { #expect(spent.allocations == 0) }
    }
  }

  @Test func memoryStaysFlatOverManyOperations() throws {
    let device = try own()
    var x = try Tensor.random([256], seed: 1, on: device)
    let y = try Tensor.random([256], in: -1e-3...1e-3, seed: 2, on: device)
    func run(_ count: Int) throws {
      for _ in 0..<count { x = try device.blockingPerOp { try x + y } }
      try x.blockingWait()
    }
    try run(5000)
    try run(20_000)
    // What is in flight at a time has memory, not what has been run: a result, a block and
    // the margins of checked mode for each of 512 submissions.
    #expect(device.counters.bytes <= 512 * (3 << 10) + 2 << 20)
  }

  @Test func memoryComesBackWhenTensorsGo() throws {
    let device = try own()
    let before = device.counters.liveBytes
    var tensors: [Tensor]? = try (0..<50).map {
      try Tensor.random([1000], seed: UInt64($0), on: device) + 1
    }
    for tensor in tensors ?? [] { try tensor.blockingWait() }
    #expect(device.counters.liveBytes >= before + 50 * 4000)
    tensors = nil
    try device.blockingSynchronize()
    // What replayed command buffers keep for themselves is small.
    #expect(device.counters.liveBytes <= before + 64 << 10)
    device.clearCache()
  }

  @Test func memoryIsCounted() throws {
    let device = try own()
    let before = device.memory
    let size = 16 << 20
    var x: Tensor? = try Tensor.zeros([size / 4], on: device) + 1
    try x?.blockingWait()
    let during = device.memory
    #expect(during.live >= before.live + size && during.peak >= during.live)
    x = nil
    try device.blockingSynchronize()
    // Its memory is kept for the next tensor, until told not to.
    let after = device.memory
    #expect(after.live < before.live + size && after.cached >= before.cached + size)
    #expect(after.peak >= during.live)
    device.cacheLimit = 0
    #expect(device.cacheLimit == 0)
    device.clearCache()
    #expect(device.memory.cached <= Swift.max(before.cached, 2 << 20))
    device.cacheLimit = -5
    #expect(device.cacheLimit == 0)
  }

  /// A loop that is read once, at its end: only three tensors are alive at a time.
  @Test func aLongLoopHoldsLittleMemory() throws {
    // Unchecked: poison and canaries in gigabytes take minutes.
    var options = VulkanDevice.Options.fromEnvironment
    options.checked = false
    let device = try #require(SeparateDevice.make(options))
    let y = try Tensor.ones([1 << 18], on: device)
    for run in [{ try $0() }, device.blockingRecorded, device.blockingBatch]
      as [(() throws -> Tensor) throws -> Tensor]
    {
      let x = try run {
        var x = y
        for _ in 0..<1000 { x = try x + y }
        return x
      }
      #expect(try x.blockingArray(as: Float.self)[77] == 1001)
      // 1,000 results of 1 MiB each went by.
      #expect(device.counters.bytes < 800 << 20)
    }
    let small = try Tensor.ones([8], on: device)
    var z = small
    for _ in 0..<100_000 { z = try z + small }
    #expect(try z.blockingArray(as: Float.self)[7] == 100_001)
    #expect(device.counters.bytes < 800 << 20)
  }
}
