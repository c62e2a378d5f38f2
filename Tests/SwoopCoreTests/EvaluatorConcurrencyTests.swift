import Glibc
import Testing

@testable import SwoopCore

/// Two evaluations whose graphs share pending nodes, brought into the orders that are hardest.
///
/// Long chains make one of them slow at the right place. Where the machine is too slow to bring
/// the order about, a test passes without having tested; it never fails for that.
@Suite(.serialized) struct EvaluatorConcurrencyTests {
  let backend = FakeBackend()

  private func chain(_ start: Tensor, _ length: Int) throws -> Tensor {
    var x = start
    for _ in 0..<length { x = try -x }
    return x
  }

  /// Spins until another thread has scheduled the node, for a second at most.
  private static func awaitClaim(_ node: Node) {
    for _ in 0..<100_000 where node.state == .pending { usleep(10) }
  }

  /// The first has claimed the operation that the second waits for, the second the host data
  /// that the first waits for.
  @Test func hostDataIsHandedOverBeforeWaiting() throws {
    let data = try backend.tensor()
    let shared = try chain(backend.tensor(), 12_000) + data
    let second = try shared + data
    onThreads(2, within: 30) { thread in
      if thread == 0 {
        Evaluator.evaluate([shared.node], path: .recorded)
      } else {
        EvaluatorConcurrencyTests.awaitClaim(shared.node)
        Evaluator.evaluate([second.node], path: .recorded)
      }
    }
    #expect(shared.node.state == .resident && second.node.state == .resident)
    #expect(backend.operationCount == 12_002)
  }

  /// Each waits, in an early portion, for what the other has in a late one.
  @Test func laterPortionsGoBeforeWaiting() throws {
    let x = try -backend.tensor()
    let ofFirst = try -x
    let y = try chain(backend.tensor(), 14_000) + ofFirst
    let early = try -y
    let late = try chain(backend.tensor(), 5000) + x
    onThreads(2, within: 30) { thread in
      if thread == 0 {
        Evaluator.evaluate([y.node], path: .recorded)
      } else {
        EvaluatorConcurrencyTests.awaitClaim(y.node)
        Evaluator.evaluate([early.node, late.node], path: .recorded)
      }
    }
    for tensor in [x, ofFirst, y, early, late] { #expect(tensor.node.state == .resident) }
    #expect(backend.operationCount == 1 + 1 + 14_001 + 1 + 5001)
  }

  /// Failing a node must wake who waits for it, although nothing is handed over any more.
  @Test(arguments: [Path.perOp, .recorded])
  func failuresWakeThoseWhoWait(_ path: Path) throws {
    let failing = try backend.tensor().exp()
    let last = try chain(failing, 4000)
    let dependant = try last.tanh()
    backend.refuse("exp")
    // The failure comes when the other has begun to wait.
    backend.onSubmit { names in if names.contains("exp") { usleep(200_000) } }
    onThreads(2, within: 30) { thread in
      if thread == 0 {
        Evaluator.evaluate([last.node], path: path)
      } else {
        EvaluatorConcurrencyTests.awaitClaim(last.node)
        Evaluator.evaluate([dependant.node], path: path)
      }
    }
    #expect(dependant.node.error == FakeBackend.refusal)
  }
}
