import DigitsData
import Swoop
import Testing

@testable import Server

@Suite("Server: the classifiers", .serialized)
struct ClassifierTests {
  @Test("Three modes give the same bits, however many tasks call at once")
  func modes() async throws {
    let digits = try Digits.load().test
    let count = 200
    for device in [try Device.default(), .cpu] {
      let network = try Network(DigitsWeights.load(), on: device)
      var results: [Mode: [[UInt32]]] = [:]
      for mode in [Mode.perOp, .pool, .coalesced] {
        let classifier = mode.classifier(network, threads: 3)
        results[mode] = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
          for index in 0..<count {
            group.addTask { (index, try await classifier.classify(Array(digits.image(index)))) }
          }
          var found = [[UInt32]](repeating: [], count: count)
          for try await (index, values) in group { found[index] = values.map(\.bitPattern) }
          return found
        }
        if let (calls, batches) = classifier.batches {
          #expect(mode == .coalesced && calls == count && batches <= count)
        }
        await classifier.shutdown()
        await #expect(throws: (any Error).self, "\(mode) takes calls after its shutdown") {
          guard mode != .perOp else { throw CancellationError() }
          _ = try await classifier.classify(Array(digits.image(0)))
        }
      }
      // On the CPU OpenBLAS may sum in another order for another number of rows.
      guard device != .cpu else { continue }
      #expect(results[.perOp] == results[.pool])
      #expect(results[.perOp] == results[.coalesced])
      #expect(Set(results[.perOp] ?? []).count > count / 2)
    }
  }
}
