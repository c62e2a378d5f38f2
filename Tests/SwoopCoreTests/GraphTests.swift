import Testing

@testable import SwoopCore

/// Pending operations, without a device.
@Suite struct GraphTests {
  let backend = FakeBackend()

  @Test func nothingRunsBeforeItIsRead() throws {
    let x = try backend.tensor()
    let y = try (x + 1).exp()
    #expect(backend.all.isEmpty)
    try y.blockingWait()
    #expect(backend.all.map(\.operations) == [["add", "exp"]])
    // x and the 1.
    #expect(backend.all[0].sourceCount == 2)
    #expect(backend.all[0].path == .batched)
    try y.blockingWait()
    #expect(backend.all.count == 1, "what is there is not computed again")
  }

  @Test func sharedOperandsRunOnce() throws {
    var x = try backend.tensor()
    // 2⁴⁰ paths through 40 nodes.
    for _ in 0..<40 { x = try x + x }
    try x.blockingWait()
    #expect(backend.operationCount == 40)
  }

  @Test func hostDataCanBeWaitedFor() throws {
    try backend.tensor().blockingWait()
    #expect(backend.all.map(\.operations) == [[]])
    #expect(backend.all[0].sourceCount == 1)
  }

  @Test func evaluatedNodesDropTheirOperands() throws {
    let y: Tensor
    weak var operand: Node?
    do {
      let x = try backend.tensor()
      operand = x.node
      y = try -x
    }
    #expect(operand != nil)
    try y.blockingWait()
    #expect(operand == nil)
  }

  @Test func largePendingWorkGoesInPortions() throws {
    // Two chains, because one so long would not be left pending.
    var (x, y) = (try backend.tensor(), try backend.tensor())
    for _ in 0..<10_000 { (x, y) = (try -x, try -y) }
    try (x + y).blockingWait()
    #expect(backend.operationCount == 20_001)
    let largest = backend.all.map(\.operations.count).max() ?? 0
    #expect(largest <= Path.batched.submissionLimit)
    #expect(backend.withOperations.count == 2)
  }

  // MARK: Long chains

  @Test func aChainOfAMillionIsBuiltAndRun() throws {
    var x = try backend.tensor()
    for _ in 0..<1_000_000 { x = try -x }
    try x.blockingWait()
    #expect(backend.operationCount == 1_000_000)
  }

  @Test func aChainOfAMillionRunsInAScope() throws {
    try Device(backend).blockingRecorded {
      var x = try backend.tensor()
      for _ in 0..<1_000_000 { x = try -x }
      try x.blockingWait()
    }
    #expect(backend.operationCount == 1_000_000)
  }

  /// Longer than any that `Tensor.make` leaves pending; a release that went from node to node
  /// would need a stack of a hundred megabytes.
  @Test func aChainOfAMillionIsReleasedUnevaluated() throws {
    weak var first: Node?
    do {
      let source = try backend.tensor()
      first = source.node
      var x = source
      let negate = try backend.signatures.signature(.negate, Operands(x), Attributes())
      for _ in 0..<1_000_000 {
        x = Tensor(Node(negate, Operands(x), backend: backend))
      }
    }
    #expect(first == nil)
    #expect(backend.all.isEmpty)
  }

  @Test func aLadderOfSharedNodesIsReleased() throws {
    weak var first: Node?
    do {
      var (a, b) = (try backend.tensor(), try backend.tensor())
      first = a.node
      let add = try backend.signatures.signature(.add, Operands(a, b), Attributes())
      for _ in 0..<100_000 {
        func node(_ operands: [Tensor]) -> Tensor {
          Tensor(Node(add, Operands(operands), backend: backend))
        }
        (a, b) = (node([a, b]), node([b, a]))
      }
    }
    #expect(first == nil)
  }

  // MARK: Errors

  @Test(arguments: [Path.perOp, .recorded, .batched])
  func everyDependantOfAFailedNodeGetsItsError(_ path: Path) throws {
    let x = try backend.tensor()
    let failing = try x.exp()
    let once = try -failing
    let twice = try once + x
    let beside = try x + 1
    backend.refuse("exp")
    Evaluator.evaluate([twice.node], path: path)
    backend.refuse(nil)
    for tensor in [failing, once, twice] {
      #expect(throws: FakeBackend.refusal) { try tensor.blockingWait() }
    }
    let later = try twice.sqrt()
    #expect(throws: FakeBackend.refusal) { try later.blockingWait() }
    #expect(throws: FakeBackend.refusal) { try later.blockingArray(as: Float.self) }
    // What does not need it is well, host data that went with it included.
    try beside.blockingWait()
    try x.blockingWait()
    try (-x).blockingWait()
  }

  @Test func failedOperandsAreNotHandedOver() throws {
    let x = try backend.tensor()
    backend.refuse("exp")
    let y = try -x.exp()
    Evaluator.evaluate([y.node], path: .perOp)
    #expect(backend.withOperations.map(\.operations) == [["exp"]])
  }

  @Test func aFailedChainFailsToItsEnd() throws {
    let x = try backend.tensor()
    backend.refuse("exp")
    var y = try x.exp()
    for _ in 0..<10_000 { y = try -y }
    #expect(throws: FakeBackend.refusal) { try y.blockingWait() }
    #expect(backend.withOperations.count == 1)
  }
}
