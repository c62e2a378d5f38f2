import Testing

@testable import SwoopCore

/// Which submissions the scopes make.
@Suite struct ScopeTests {
  let backend = FakeBackend()
  var device: Device { Device(backend) }

  @Test func perOpSubmitsEveryOperation() async throws {
    let x = try backend.tensor()
    try await device.perOp {
      let y = try x + 1
      #expect(backend.withOperations.count == 1)
      _ = try -y
      _ = try y.exp()
    }
    #expect(backend.withOperations.map(\.operations) == [["add"], ["negate"], ["exp"]])
    #expect(backend.all.allSatisfy { $0.path == .perOp })
  }

  @Test func recordedSubmitsOnceAtItsEnd() async throws {
    let x = try backend.tensor()
    let y = try await device.recorded {
      let y = try (x + 1).exp()
      #expect(backend.all.isEmpty)
      return y
    }
    #expect(backend.withOperations.map(\.operations) == [["add", "exp"]])
    try await y.wait()
    #expect(backend.all.count == 1)
  }

  @Test func recordedSubmitsWhenFull() throws {
    try device.blockingRecorded {
      var x = try backend.tensor()
      for _ in 0..<Path.recorded.submissionLimit { x = try -x }
      #expect(backend.operationCount == Path.recorded.submissionLimit)
      _ = try -x
    }
    #expect(backend.operationCount == Path.recorded.submissionLimit)
  }

  @Test func whatNobodyCanReadIsNotSubmitted() throws {
    let x = try backend.tensor()
    let kept = try device.blockingRecorded {
      var dropped = try x.exp()
      for _ in 0..<10 { dropped = try dropped.tanh() }
      return try -x
    }
    #expect(backend.withOperations.map(\.operations) == [["negate"]])
    try kept.blockingWait()
  }

  @Test func readingInsideSubmitsWhatTheScopeHolds() async throws {
    let x = try backend.tensor()
    try await device.recorded {
      let y = try -x
      let z = try x.exp()
      _ = try await y.array(as: Float.self)
      #expect(backend.withOperations.map(\.operations) == [["negate", "exp"]])
      withExtendedLifetime(z) {}
    }
    #expect(backend.operationCount == 2)
  }

  @Test func theInnermostScopeCounts() async throws {
    let x = try backend.tensor()
    try await device.recorded {
      let outer = try -x
      try await device.perOp {
        _ = try x.exp()
        #expect(backend.withOperations.map(\.operations) == [["exp"]])
      }
      let after = try outer.tanh()
      #expect(backend.operationCount == 1)
      withExtendedLifetime(after) {}
    }
  }

  @Test func aScopeIsForItsDeviceAlone() async throws {
    let other = FakeBackend("other")
    let x = try other.tensor()
    try await device.perOp {
      _ = try -x
      #expect(other.all.isEmpty)
      try await Device(other).recorded {
        _ = try (try backend.tensor()).exp()
        #expect(backend.operationCount == 1, "the outer scope still holds for its own device")
      }
    }
  }

  @Test func tasksInsideTakeTheScopeUntilItEnds() async throws {
    let x = try backend.tensor()
    let (stream, gate) = AsyncStream.makeStream(of: Void.self)
    let later = try await device.perOp {
      let inside = Task { try -x }
      _ = try await inside.value
      #expect(backend.operationCount == 1)
      return Task {
        for await _ in stream { break }
        return try x.exp()
      }
    }
    gate.yield()
    let pending = try await later.value
    #expect(backend.operationCount == 1, "after its end a scope submits nothing")
    try await pending.wait()
    #expect(backend.operationCount == 2)
    #expect(backend.withOperations.last?.path == .batched, "the default path")
  }

  @Test func aScopeThatThrowsSubmitsWhatItMade() async throws {
    struct Stop: Error {}
    let x = try backend.tensor()
    var kept: Tensor?
    await #expect(throws: Stop.self) {
      try await device.recorded {
        kept = try -x
        throw Stop()
      }
    }
    #expect(backend.operationCount == 1)
    try await kept?.wait()
  }
}
