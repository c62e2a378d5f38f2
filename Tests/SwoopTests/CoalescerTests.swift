import Swoop
import SwoopCore
import Synchronization
import Testing

/// Many callers, one submission: everybody gets their own result, and nothing is lost.
@Suite(.timeLimit(.minutes(5))) struct CoalescerTests {
  private struct Fixture {
    let device: Device
    let samples: [Tensor]
    let expected: [[Float]]
    let model: @Sendable (Tensor) throws -> Tensor

    init(_ device: Device) throws {
      let weight = try Tensor.random([16, 8], in: -1...1, seed: 1, on: device)
      let bias = try Tensor.random([8], in: -1...1, seed: 2, on: device)
      let model: @Sendable (Tensor) throws -> Tensor = { x in
        try (x.linear(weight, bias: bias, activation: .relu) + 1).softmax()
      }
      let samples = try (0..<64).map {
        try Tensor.random([16], in: -1...1, seed: UInt64($0 + 10), on: device)
      }
      expected = try device.blockingPerOp {
        try samples.map { try model($0).blockingArray(as: Float.self) }
      }
      self.samples = samples
      self.device = device
      self.model = model
    }
  }

  /// What a model does while it is traced belongs to no scope, whatever else is read meanwhile.
  @Test(arguments: TestDevices.all) func modelsAreTracedInAnyScope(_ device: Device) throws {
    let k = try Tensor([2, 3, 4] as [Float], on: device)
    let scopes: [(() throws -> Tensor) throws -> Tensor] = [
      { try device.blockingPerOp($0) }, { try device.blockingRecorded($0) },
      { try device.blockingBatch($0) }, { try $0() },
    ]
    for scope in scopes {
      let coalesced = Coalescer(on: device) { x in
        let squares = try x * x
        let limit = try (k * k).blockingArray(as: Float.self)[0]
        return try (squares + limit).sum()
      }
      let result = try scope {
        try coalesced.enqueue(try Tensor([1, 2, 3] as [Float], on: device))
      }
      #expect(try result.blockingArray(as: Float.self) == [26])
    }
  }

  /// Swift 6.3.1 crashed on this when it optimised, as long as `array(as:)` said what it throws.
  @Test func aCallAndItsResultInOneExpression() async throws {
    let coalesced = Coalescer(on: TestDevices.all[0]) { x in try x.relu() }
    let x = try Tensor([-1, 2, 3] as [Float], on: TestDevices.all[0])
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<3 {
        group.addTask {
          let negative = try -x
          do {
            return try await coalesced(negative).array(as: Float.self) == [1, 0, 0] ? "" : "wrong"
          } catch {
            return "\(error)"
          }
        }
      }
      for try await complaint in group { #expect(complaint == "") }
    }
  }

  @Test(arguments: TestDevices.vulkan) func tasksGetTheirOwnResults(_ device: Device) async throws {
    let fixture = try Fixture(device)
    let coalesced = Coalescer(on: device, model: fixture.model)
    let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<50 {
        group.addTask {
          var wrong = 0
          for index in 0..<20 {
            let place = (task * 7 + index) % 64
            let result = try await coalesced(fixture.samples[place])
            if try await result.array() != fixture.expected[place] { wrong += 1 }
          }
          return wrong
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(wrong == 0)
    let statistics = coalesced.statistics
    #expect(statistics.calls == 1000)
    #expect(statistics.batchSizes.reduce(0) { $0 + $1.key * $1.value } == 1000)
    #expect((statistics.batchSizes.keys.max() ?? 0) <= 256)
  }

  @Test(arguments: TestDevices.vulkan) func whatQueuedUpSharesASubmission(
    _ device: Device
  ) throws {
    let fixture = try Fixture(device)
    var options = CoalescerOptions()
    options.maximumDelay = .seconds(60)
    options.maximumBatch = 32
    let coalesced = Coalescer(on: device, options: options, model: fixture.model)
    // Nobody waits, and the delay holds them back until a batch is full.
    let futures = try fixture.samples.map { try coalesced.enqueue($0) }
    for (index, future) in futures.enumerated() {
      #expect(try future.blockingArray() == fixture.expected[index])
    }
    #expect(coalesced.statistics.batchSizes == [32: 2])
  }

  @Test(arguments: TestDevices.vulkan) func threadsGetTheirOwnResults(_ device: Device) throws {
    let fixture = try Fixture(device)
    let coalesced = Coalescer(on: device, model: fixture.model)
    let right = Atomic<Int>(0)
    onThreads(8) { thread in
      for index in 0..<100 {
        let place = (thread * 11 + index) % 64
        let result = try? coalesced.blocking(fixture.samples[place]).blockingArray(as: Float.self)
        if result == fixture.expected[place] { right.wrappingAdd(1, ordering: .relaxed) }
      }
    }
    #expect(right.load(ordering: .relaxed) == 800)
  }

  @Test(arguments: TestDevices.all) func futuresCanBeReadInAnyOrderOrDropped(
    _ device: Device
  ) throws {
    let fixture = try Fixture(device)
    let coalesced = Coalescer(on: device, model: fixture.model)
    for round in 0..<10 {
      var futures = try fixture.samples.map { try coalesced.enqueue($0) }
      if round % 3 == 1 { futures.removeFirst(32) }
      let first = 64 - futures.count
      for (index, future) in futures.enumerated().reversed() {
        #expect(try future.blockingArray() == fixture.expected[first + index])
      }
    }
  }

  @Test(arguments: TestDevices.vulkan) func aFutureIsAnOperand(_ device: Device) throws {
    let fixture = try Fixture(device)
    let coalesced = Coalescer(on: device, model: fixture.model)
    let sums = try (0..<10).map { try coalesced.enqueue(fixture.samples[$0]) + 1 }
    for (index, sum) in sums.enumerated() {
      #expect(try sum.blockingArray() == fixture.expected[index].map { $0 + 1 })
    }
  }

  @Test(arguments: TestDevices.vulkan) func aSequenceKeepsItsOrder(_ device: Device) async throws {
    let fixture = try Fixture(device)
    let coalesced = Coalescer(on: device, model: fixture.model)
    let stream = AsyncStream<Tensor> { continuation in
      for index in 0..<500 { continuation.yield(fixture.samples[index % 64]) }
      continuation.finish()
    }
    var count = 0
    for try await result in coalesced.results(for: stream, inFlight: 32) {
      #expect(try await result.array() == fixture.expected[count % 64])
      count += 1
    }
    #expect(count == 500)
  }

  @Test(arguments: TestDevices.vulkan) func aFullQueueFailsOrSuspends(_ device: Device) async throws
  {
    let fixture = try Fixture(device)
    var options = CoalescerOptions()
    options.capacity = 2
    options.maximumBatch = 2
    let waiting = Coalescer(on: device, options: options, model: fixture.model)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<64 {
        group.addTask {
          let result = try await waiting(fixture.samples[index])
          #expect(try await result.array() == fixture.expected[index])
        }
      }
      try await group.waitForAll()
    }
    #expect((waiting.statistics.batchSizes.keys.max() ?? 0) <= 2)

    options.whenFull = .fail
    options.maximumDelay = .seconds(60)
    options.maximumBatch = 100
    let failing = Coalescer(on: device, options: options, model: fixture.model)
    let accepted = [
      try failing.enqueue(fixture.samples[0]), try failing.enqueue(fixture.samples[1]),
    ]
    let error = #expect(throws: TensorError.self) { try failing.enqueue(fixture.samples[2]) }
    #expect(error?.code == .queueFull)
    await failing.shutdown()
    for (index, future) in accepted.enumerated() {
      #expect(try await future.array() == fixture.expected[index])
    }
  }

  @Test(arguments: TestDevices.vulkan) func cancellationLosesNothing(_ device: Device) async throws
  {
    let fixture = try Fixture(device)
    let coalesced = Coalescer(on: device, model: fixture.model)
    for round in 0..<10 {
      let outcomes = await withTaskGroup(of: Bool?.self) { group in
        for index in 0..<32 {
          group.addTask {
            let task = Task { try await coalesced(fixture.samples[index]) }
            if (index + round) % 3 == 0 { task.cancel() }
            do {
              return try await task.value.array() == fixture.expected[index]
            } catch is CancellationError {
              return nil
            } catch {
              return false
            }
          }
        }
        return await group.reduce(into: [Bool?]()) { $0.append($1) }
      }
      #expect(outcomes.count == 32)
      #expect(!outcomes.contains(false))
      #expect(outcomes.count { $0 == true } >= 21)
    }
  }

  @Test(arguments: TestDevices.all) func badCallsAreTheCallersAlone(_ device: Device) async throws {
    let fixture = try Fixture(device)
    let coalesced = Coalescer(on: device, model: fixture.model)
    let narrow = try Tensor([1, 2] as [Float], shape: [2], on: device)
    await #expect(throws: TensorError.self) { try await coalesced(narrow) }
    #expect(try await coalesced(fixture.samples[0]).array() == fixture.expected[0])

    let reading = Coalescer(on: device) { x in
      throw try x.sum().shape.isEmpty ? CancellationError() : CancellationError()
    }
    await #expect(throws: CancellationError.self) { try await reading(fixture.samples[0]) }
  }

  @Test(arguments: TestDevices.all) func aModelThatReadsIsRefused(_ device: Device) throws {
    let coalesced = Coalescer(on: device) { x in
      try x * Peek.read(x)
    }
    let x = try Tensor([1, 2] as [Float], shape: [2], on: device)
    let error = #expect(throws: TensorError.self) { try coalesced.enqueue(x) }
    #expect(error?.code == .notAvailable)
  }

  private enum Peek {
    static func read(_ x: Tensor) throws -> Float { try x.sum().blockingScalar() }
  }

  @Test(arguments: TestDevices.vulkan) func identityConstantsAndViewsAreModels(
    _ device: Device
  ) throws {
    let x = try Tensor((0..<6).map { Float($0) }, shape: [2, 3], on: device)
    let same = Coalescer(on: device) { $0 }
    #expect(try same.blocking(x).blockingArray() == x.blockingArray(as: Float.self))
    let constant = try Tensor([7] as [Float], shape: [1], on: device)
    let always = Coalescer(on: device) { _ in constant }
    #expect(try always.blocking(x).blockingArray() == [7] as [Float])
    let turned = Coalescer(on: device) { try ($0 + 1).transposed() }
    #expect(try turned.blocking(x).shape == [3, 2])
    #expect(try turned.blocking(x).blockingArray() == [1, 4, 2, 5, 3, 6] as [Float])
    // Each of another form: a ring of its own.
    let doubled = Coalescer(on: device) { try $0 * 2 }
    for size in 1..<100 {
      let y = try Tensor.ones([size], on: device)
      #expect(try doubled.blocking(y).blockingArray() == [Float](repeating: 2, count: size))
    }
    #expect(doubled.statistics.calls == 99)
  }

  @Test(arguments: TestDevices.all) func aModelInsideAModelIsPartOfIt(_ device: Device) throws {
    let inner = Coalescer(on: device) { try $0 + 1 }
    let outer = Coalescer(on: device) { x in try inner.enqueue(x) * 2 }
    let x = try Tensor([1, 2] as [Float], shape: [2], on: device)
    #expect(try outer.blocking(x).blockingArray() == [4, 6] as [Float])
    #expect(inner.statistics.calls == 0)
  }

  @Test(arguments: TestDevices.all) func shutdownTurnsCallersAway(_ device: Device) async throws {
    let fixture = try Fixture(device)
    let coalesced = Coalescer(on: device, model: fixture.model)
    let futures = try fixture.samples.map { try coalesced.enqueue($0) }
    await coalesced.shutdown()
    for (index, future) in futures.enumerated() {
      #expect(try await future.array() == fixture.expected[index])
    }
    let error = await #expect(throws: TensorError.self) {
      try await coalesced(fixture.samples[0])
    }
    #expect(error?.code == .shutDown)
  }

  @Test(arguments: TestDevices.vulkan) func severalMayAwaitOneFuture(_ device: Device) async throws
  {
    let fixture = try Fixture(device)
    var options = CoalescerOptions()
    options.maximumDelay = .milliseconds(20)
    let coalesced = Coalescer(on: device, options: options, model: fixture.model)
    for index in 0..<64 {
      let future = try coalesced.enqueue(fixture.samples[index])
      async let first = future.array(as: Float.self)
      async let second = future.array(as: Float.self)
      #expect(try await first == fixture.expected[index])
      #expect(try await second == fixture.expected[index])
    }
  }

  /// The queue lets go of the last batches though nobody calls again.
  @Test(arguments: TestDevices.vulkan) func whoReadsLastLetsResultsGo(_ device: Device) throws {
    let fixture = try Fixture(device)
    let coalesced = Coalescer(on: device, model: fixture.model)
    for onlyWaits in [false, true] {
      weak var last: Node?
      do {
        let results = try fixture.samples.map { try coalesced.enqueue($0) }
        for result in results {
          if onlyWaits {
            try result.blockingWait()
          } else {
            _ = try result.blockingArray(as: Float.self)
          }
        }
        last = results.last?.node
      }
      #expect(last == nil)
    }
  }

  @Test func resultsGoWhenNobodyHoldsThem() throws {
    let device = try #require(SeparateDevice.make())
    let fixture = try Fixture(device)
    let coalesced = Coalescer(on: device, model: fixture.model)
    func run(_ count: Int) throws {
      for index in 0..<count {
        let place = index % 64
        _ = try coalesced.blocking(fixture.samples[place])
        _ = try coalesced.enqueue(fixture.samples[place]).blockingArray(as: Float.self)
      }
    }
    try run(100)
    let before = device.counters.liveBytes
    try run(1000)
    #expect(device.counters.liveBytes <= before + 64 << 10)
  }
}
