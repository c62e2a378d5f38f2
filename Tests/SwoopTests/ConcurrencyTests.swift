import Swoop
import SwoopCheck
import Testing

/// Many threads and tasks at once on one device. The thread sanitizer runs this suite.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ConcurrencyTests {
  /// A few operations whose results are whole numbers, hence exact in any order.
  private struct Work: Sendable {
    let weight: Tensor
    let bias: Tensor

    init(_ device: Device) throws {
      weight = try Tensor(
        (0..<64).map { Float($0 % 5) - 2 }, shape: [8, 8], on: device)
      bias = try Tensor((0..<8).map { Float($0) }, shape: [8], on: device)
    }

    func make(_ seed: Int, on device: Device) throws -> (result: Tensor, expected: [Float]) {
      let list = (0..<8).map { Float((seed + $0 * 3) % 17 - 8) }
      let x = try Tensor(list, shape: [8], on: device)
      switch seed % 4 {
      case 0: return (try x + bias, (0..<8).map { list[$0] + Float($0) })
      case 1: return (try (x * 2 - bias).relu(), (0..<8).map { max(2 * list[$0] - Float($0), 0) })
      case 2: return (try x.sum(), [list.reduce(0, +)])
      default:
        let result = try x.linear(weight, bias: bias, activation: .relu)
        let expected = (0..<8).map { column in
          let products = (0..<8).map { list[$0] * (Float(($0 * 8 + column) % 5) - 2) }
          return max(products.reduce(Float(column), +), 0)
        }
        return (result, expected)
      }
    }
  }

  /// How many results were wrong, and the first error.
  private final class Findings: Sendable {
    private let state = Lock<(right: Int, problem: String?)>((0, nil))
    func check(_ label: @autoclosure () -> String, _ isRight: () throws -> Bool) {
      let problem: String?
      do { problem = try isRight() ? nil : "\(label()) is wrong" } catch { problem = "\(error)" }
      state.withLock {
        if let problem { $0.problem = $0.problem ?? problem } else { $0.right += 1 }
      }
    }
    var right: Int { state.withLock { $0.right } }
    var problem: String? { state.withLock { $0.problem } }
  }

  @Test(arguments: TestDevices.all, OperationTests.Route.allCases)
  func threadsWithAThousandOperationsEach(
    _ device: Device, _ route: OperationTests.Route
  ) throws {
    let work = try Work(device)
    let findings = Findings()
    onThreads(8) { thread in
      for index in 0..<1000 {
        findings.check("operation \(index) of thread \(thread)") {
          try route.run(on: device) {
            let (result, expected) = try work.make(thread * 1000 + index, on: device)
            return try result.blockingArray(as: Float.self) == expected
          }
        }
      }
    }
    #expect(findings.problem == nil)
    #expect(findings.right == 8000)
  }

  @Test(arguments: TestDevices.all)
  func tasksThatAwait(_ device: Device) async throws {
    let work = try Work(device)
    let right = try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<64 {
        group.addTask {
          var right = 0
          for index in 0..<100 {
            let (result, expected) = try work.make(task * 100 + index, on: device)
            if try await result.array(as: Float.self) == expected { right += 1 }
          }
          return right
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(right == 6400)
  }

  /// One thread submits much before another waits; results are read by neither's maker.
  @Test(arguments: TestDevices.all)
  func resultsAreReadByOthers(_ device: Device) throws {
    let work = try Work(device)
    let made = Lock<[(result: Tensor, expected: [Float])]>([])
    let findings = Findings()
    onThreads(4) { thread in
      for index in 0..<250 {
        findings.check("making") {
          let pair = try work.make(thread * 250 + index, on: device)
          if index % 2 == 0 { try pair.result.submit() }
          made.withLock { $0.append(pair) }
          return true
        }
      }
    }
    let all = made.withLock { $0 }
    onThreads(4) { _ in
      for (index, pair) in all.enumerated() {
        findings.check("operation \(index)") {
          try pair.result.blockingArray(as: Float.self) == pair.expected
        }
      }
    }
    #expect(findings.problem == nil)
    #expect(findings.right == 1000 + 4000)
  }

  // MARK: Graphs that threads share

  /// Threads that evaluate parts of one pending graph at the same time. Whoever claims a node
  /// first submits it; the others must neither compute it again, nor miss it, nor wait forever.
  @Test(arguments: TestDevices.all, [3, 12, 60])
  func threadsShareGraphs(_ device: Device, _ size: Int) throws {
    let rounds = (device == .cpu ? 6000 : 600) / size * 3
    let threadCount = 4
    let barrier = Barrier(threadCount + 1)
    let current = Lock<SharedGraph?>(nil)
    let findings = Findings()
    onThreads(threadCount + 1) { thread in
      for round in 0..<rounds {
        if thread == threadCount {
          let graph = try? SharedGraph(seed: UInt64(round), size: size, on: device)
          current.withLock { $0 = graph }
        }
        barrier.wait()
        let graph = current.withLock { $0 }
        if thread < threadCount {
          findings.check("round \(round)") {
            guard let graph else { return false }
            return try graph.isRight(readBy: thread)
          }
        }
        barrier.wait()
      }
    }
    #expect(findings.problem == nil)
    #expect(findings.right == rounds * threadCount)
  }
}

/// A random graph of int32 operations, whose values are exact in any order.
private struct SharedGraph: Sendable {
  private let tensors: [Tensor]
  private let values: [[Int32]]
  private let seed: UInt64

  init(seed: UInt64, size: Int, on device: Device) throws {
    var generator = TestGenerator(seed: seed)
    var tensors: [Tensor] = []
    var values: [[Int32]] = []
    for index in 0..<size {
      let kind = index == 0 ? 0 : Int.random(in: 0..<6, using: &generator)
      if kind == 0 {
        let list = (0..<4).map { _ in Int32.random(in: -1000...1000, using: &generator) }
        values.append(list)
        tensors.append(try Tensor(list, shape: [4], on: device))
        continue
      }
      // Near ones more often, so that chains are long.
      let reach = Swift.min(index, kind < 3 ? 3 : index)
      let a = index - Int.random(in: 1...reach, using: &generator)
      let b = Int.random(in: 0..<index, using: &generator)
      let pairs = zip(values[a], values[b])
      switch kind {
      case 1, 4:
        tensors.append(try tensors[a] + tensors[b])
        values.append(pairs.map { $0 &+ $1 })
      case 2:
        tensors.append(try tensors[a] - tensors[b])
        values.append(pairs.map { $0 &- $1 })
      case 3:
        tensors.append(try tensors[a] * tensors[b])
        values.append(pairs.map { $0 &* $1 })
      default:
        tensors.append(try -tensors[a])
        values.append(values[a].map { 0 &- $0 })
      }
    }
    (self.tensors, self.values, self.seed) = (tensors, values, seed)
  }

  /// Reads some of it, in an order of the reader's own; half of the readers on the per-op path.
  func isRight(readBy reader: Int) throws -> Bool {
    var generator = TestGenerator(seed: seed &* 31 &+ UInt64(reader))
    var order = (0..<tensors.count).shuffled(using: &generator).prefix(4)
    if reader == 0 { order.insert(tensors.count - 1, at: 0) }
    let device = tensors[0].device
    return try (reader % 2 == 0 ? OperationTests.Route.lazy : .perOp).run(on: device) {
      try order.allSatisfy { try tensors[$0].blockingArray() == values[$0] }
    }
  }
}
