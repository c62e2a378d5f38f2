import Glibc
import Synchronization
import Testing

@testable import SwoopCore

/// Signatures that stay, which nobody counts references to, and those that do not.
@Suite(.timeLimit(.minutes(5))) struct SignatureTableTests {
  /// A value without data of its own; no two of the first 17,000 are of one shape.
  private func value(_ number: Int, on backend: FakeBackend) -> Tensor {
    let shape: Shape = [number % 130 + 1, number / 130 + 1]
    return Tensor(Node(placeholder: TensorForm(shape, .float32), backend: backend))
  }

  /// Nodes do not hold it, so it does stay.
  private func backendThatStays() -> FakeBackend {
    let backend = FakeBackend()
    _ = Unmanaged.passRetained(backend)
    backend.signatures.stay()
    return backend
  }

  private func signature(_ tensor: Tensor) throws -> InternedSignature {
    try #require(tensor.node.interned)
  }

  @Test func whatStaysIsTheSameForGood() throws {
    let backend = backendThatStays()
    // Other tests take places for forms as well, and what finds none does not stay.
    let form = try #require(
      (1...256).map { TensorForm([$0], .float32) }.first { SharedForm.of($0).isPermanent })
    let x = Tensor(Node(placeholder: form, backend: backend))
    let first = try signature(-x)
    #expect(first.isPermanent)
    // More than are remembered.
    var staying = 1
    for number in 0..<16_900 where try signature(-value(number, on: backend)).isPermanent {
      staying += 1
    }
    #expect(staying <= SignatureTable.recentCount)
    #expect(try signature(-x) === first)
    // Who asks with attributes finds it as well: there are not two for one operation.
    #expect(try backend.signatures.signature(.negate, Operands(x), Attributes()) === first)
    // What found no room is still one for all, for as long as it is remembered.
    let late = Tensor(Node(placeholder: TensorForm([3, 5, 7, 11, 13], .int32), backend: backend))
    #expect(try signature(-late) === signature(-late))
  }

  @Test func whatDoesNotStayGoesWithItsBackEnd() throws {
    weak var gone: InternedSignature?
    weak var table: SignatureTable?
    do {
      let backend = FakeBackend()
      let found = try signature(-value(7, on: backend))
      #expect(!found.isPermanent)
      gone = found
      table = backend.signatures
    }
    #expect(gone == nil && table == nil)
  }

  private final class Arrived: Sendable { let count = Atomic<Int>(0) }

  @Test func threadsFindTheSame() throws {
    for _ in 0..<20 {
      let backend = backendThatStays()
      let values = (0..<64).map { value($0, on: backend) }
      let found = Lock<[[ObjectIdentifier]]>([])
      let arrived = Arrived()
      onThreads(4) { _ in
        arrived.count.wrappingAdd(1, ordering: .relaxed)
        while arrived.count.load(ordering: .relaxed) < 4 { sched_yield() }
        let mine = values.map { (try? signature(-$0)).map(ObjectIdentifier.init) }
        found.withLock { $0.append(mine.compactMap(\.self)) }
      }
      let all = found.withLock { $0 }
      #expect(all.count == 4 && all.allSatisfy { $0 == all[0] && $0.count == 64 })
    }
  }
}
