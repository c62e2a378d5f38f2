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
    var x = try backend.tensor()
    for _ in 0..<10_000 { x = try -x }
    try x.blockingWait()
    #expect(backend.operationCount == 10_000)
    let largest = backend.all.map(\.operations.count).max() ?? 0
    #expect(largest <= Evaluator.submissionLimit)
    #expect(backend.withOperations.count == 3)
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
      for _ in 0..<1_000_000 {
        let application = Node.Application(
          operation: .negate, attributes: Attributes(), operands: [x])
        x = Tensor(Node(application, form: x.node.form, backend: backend))
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
      for _ in 0..<100_000 {
        func node(_ operands: [Tensor]) -> Tensor {
          let application = Node.Application(
            operation: .add, attributes: Attributes(), operands: operands)
          return Tensor(Node(application, form: a.node.form, backend: backend))
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
