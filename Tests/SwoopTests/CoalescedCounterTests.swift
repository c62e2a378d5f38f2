import Swoop
import SwoopCore
import Testing
import VulkanBackend
import VulkanCompute

/// What coalesced calls and scopes cost, counted: submissions, allocations, resumptions, memory.
@Suite(.serialized, .timeLimit(.minutes(5))) struct CoalescedCounterTests {
  /// Other suites run at the same time; so these have a device of their own.
  private func own(_ options: VulkanDevice.Options = .fromEnvironment) throws -> Device {
    try #require(SeparateDevice.make(options))
  }

  private struct Fixture {
    let device: Device
    let coalesced: Coalescer
    let hosts: [[Float]]
    let expected: [[Float]]

    init(_ device: Device, maximumBatch: Int = 64) throws {
      let first = try Tensor.random([16, 32], in: -1...1, seed: 1, on: device)
      let second = try Tensor.random([32, 8], in: -1...1, seed: 2, on: device)
      let model: @Sendable (Tensor) throws -> Tensor = {
        try $0.linear(first, activation: .relu).linear(second)
      }
      hosts = try (0..<64).map {
        try Tensor.random([16], in: -1...1, seed: UInt64($0 + 9), on: .cpu).blockingArray()
      }
      expected = try device.blockingPerOp { [hosts] in
        try hosts.map { try model(Tensor($0, shape: [16], on: device)).blockingArray() }
      }
      var options = CoalescerOptions()
      options.maximumBatch = maximumBatch
      coalesced = Coalescer(on: device, options: options, model: model)
      self.device = device
    }

    func sample(_ index: Int) throws -> Tensor {
      try Tensor(hosts[index % 64], shape: [16], on: device)
    }
  }

  @Test func aBatchFromHostArraysIsOneSubmissionAndAllocatesNothing() async throws {
    let device = try own()
    let fixture = try Fixture(device)
    func round() async throws {
      var futures: [Tensor] = []
      for index in 0..<256 { futures.append(try fixture.coalesced.enqueue(fixture.sample(index))) }
      for (index, future) in futures.enumerated() {
        #expect(try await future.array() == fixture.expected[index % 64])
      }
    }
    for _ in 0..<8 { try await round() }
    let (before, batches) = (device.counters, fixture.coalesced.statistics.batches)
    for _ in 0..<4 { try await round() }
    let spent = device.counters - before
    let count = fixture.coalesced.statistics.batches - batches
    // The samples go along with their batch.
    #expect(Double(spent.submissions) <= 1.1 * Double(count))
    #expect(spent.dispatches == 2 * count)
    #expect(spent.allocations == 0)
    #expect(spent.bytes == 0)
  }

  @Test func nobodyIsResumedTwice() async throws {
    let device = try own()
    let fixture = try Fixture(device)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<100 {
        group.addTask {
          for index in 0..<20 {
            let result = try await fixture.coalesced(fixture.sample(task + index))
            #expect(try await result.array() == fixture.expected[(task + index) % 64])
          }
        }
      }
      try await group.waitForAll()
    }
    let statistics = fixture.coalesced.statistics
    #expect(statistics.calls == 2000)
    // At most one resumption for each call; who finds the result there has none.
    #expect(statistics.resumptions <= 2000)

    // A task with many futures is resumed for a batch, not for each of its results.
    let before = fixture.coalesced.statistics
    let futures = try (0..<256).map { try fixture.coalesced.enqueue(fixture.sample($0)) }
    for future in futures { try await future.wait() }
    let after = fixture.coalesced.statistics
    #expect(after.resumptions - before.resumptions <= after.batches - before.batches)
  }

  @Test func hostDataCanBeGivenTwiceAndUsedElsewhere() async throws {
    let device = try own()
    let fixture = try Fixture(device)
    let samples = try (0..<64).map { try fixture.sample($0) }
    // Several calls of one batch, and operations beside them, want the same host data.
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<32 {
        group.addTask {
          for index in 0..<64 {
            let place = (index + task / 2) % 64
            if task % 4 == 3 {
              let sum = try await (samples[place] + 1).array(as: Float.self)
              #expect(sum == fixture.hosts[place].map { $0 + 1 })
            } else {
              let result = try await fixture.coalesced(samples[place])
              #expect(try await result.array() == fixture.expected[place])
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await samples[7].array() == fixture.hosts[7])
  }

  @Test func hostDataOfARefusedBatchIsNotLost() async throws {
    let device = try own()
    let fixture = try Fixture(device)
    let backend = try #require(device.backend as? VulkanBackend)
    let sample = try fixture.sample(3)
    _ = try await fixture.coalesced(fixture.sample(0)).array(as: Float.self)
    // Every other submission: the batch is refused, and the sample goes by itself.
    backend.refusesEvery.store(2, ordering: .relaxed)
    var refused = 0
    for _ in 0..<8 {
      do {
        #expect(try await fixture.coalesced(sample).array() == fixture.expected[3])
      } catch let error as TensorError {
        #expect(error.code == .deviceFailure)
        refused += 1
      }
    }
    backend.refusesEvery.store(0, ordering: .relaxed)
    #expect(refused > 0 && refused < 8)
    #expect(try await fixture.coalesced(sample).array() == fixture.expected[3])
  }

  /// 100 results, of which two are wanted at a time; of integers, since no chain of those is fused.
  @Test(arguments: [false, true]) func aChainNeedsFewBuffers(_ isBatched: Bool) throws {
    let device = try own()
    let count = 1 << 16
    let y = try Tensor(
      (0..<count).map { Int32($0 % 17) }, shape: [count], on: device)
    try y.blockingWait()
    func chain() throws -> Tensor {
      var x = y
      for _ in 0..<100 { x = try x + y }
      return x
    }
    let before = device.counters
    let x = try isBatched ? device.blockingBatch(chain) : device.blockingRecorded(chain)
    #expect(try x.blockingArray(as: Int32.self) == (0..<count).map { Int32($0 % 17) * 101 })
    let spent = device.counters - before
    #expect(spent.submissions <= 2)
    #expect(spent.dispatches == 100)
    // 256 KiB each: two that take turns, the result, in checked mode the poison; a copy that the
    // host reads; and argument blocks. Held one by one they were 25 MiB.
    #expect(spent.bytes <= 8 << 20)
  }

  /// What somebody can still read keeps its memory.
  @Test func whatIsHeldIsNotReused() throws {
    let device = try own()
    let count = 1 << 15
    let y = try Tensor.ones([count], on: device)
    var held: [Tensor] = []
    let last = try device.blockingBatch {
      var x = y
      for index in 0..<60 {
        x = try x + y
        if index % 7 == 0 { held.append(x) }
        // A second reader, later than the first.
        if index % 11 == 0 { held.append(try x * 2 + y) }
      }
      return x
    }
    #expect(try last.blockingArray(as: Float.self) == [Float](repeating: 61, count: count))
    var expected: [Float] = []
    for index in 0..<60 {
      if index % 7 == 0 { expected.append(Float(index + 2)) }
      if index % 11 == 0 { expected.append(Float(index + 2) * 2 + 1) }
    }
    for (tensor, value) in zip(held, expected) {
      let elements = try tensor.blockingArray(as: Float.self)
      #expect(elements.allSatisfy { $0 == value }, "\(elements[0]) is not \(value)")
    }
  }

  /// While there is always somebody who waits for room, those who have been let in are let go of.
  @Test func aQueueThatStaysFullHoldsNothingThatIsOver() async throws {
    let device = try own()
    var options = CoalescerOptions()
    (options.maximumBatch, options.capacity) = (2, 4)
    let row = try Tensor.ones([4096], on: device)
    let coalesced = Coalescer(on: device, options: options) { try $0 + row }
    let (callers, calls) = (64, 50)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for caller in 0..<callers {
        group.addTask {
          for call in 0..<calls {
            let value = Float(caller * calls + call)
            let sample = try Tensor(
              [Float](repeating: value, count: 4096), shape: [4096], on: device)
            let result = try await coalesced(sample).array(as: Float.self)
            #expect(result.allSatisfy { $0 == value + 1 })
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(coalesced.statistics.batchSizes[2, default: 0] > callers * calls / 4)
    // Each caller may hold a sample and, by its result, a batch of two, in pieces of up to twice their
    // class. What all calls had would be ten times as much.
    #expect(device.memory.peak <= 2 * 4 * callers * 4096 * 4)
  }
}
