import Dispatch
import Swoop
import VulkanBackend

/// The numerics check: every operation on one device against a reference, each result element
/// against its bound from theory. It never stops at a failure.
package struct Check: Sendable {
  /// What results are compared with.
  package enum Reference: String, Sendable, Codable, CaseIterable {
    /// The reference in double precision.
    case double
    /// The CPU back end, which may be as far off itself.
    case cpu
  }

  package var device: Device
  /// The same device opened again, for threads of their own.
  package var companions: [Device] = []
  package var against = Reference.double
  package var lines = OperationTable.lines
  package var types = ElementType.allCases
  /// Decides all elements, and the shapes that are made for a run. The same seed, on the same
  /// kind of device, gives the same cases whatever operations are chosen.
  package var seed: UInt64 = 1
  /// Leaves out cases whose operands have more elements; none by default.
  package var largestCase = Int.max

  package init(_ device: Device) { self.device = device }

  /// How far a check has come.
  package struct Progress: Sendable {
    package let operation: String
    package let type: ElementType
    package let completed: Int
    package let total: Int
  }

  /// Runs everything, on a thread for each core: while one waits for the driver to compile a kernel,
  /// which takes most of a first run, the others work out what is right. The results do not depend
  /// on how many there are. Blocks the calling thread; the device is used through the blocking API.
  ///
  /// - Parameter progress: called before each case, by one thread at a time.
  @available(*, noasync)
  package func run(progress: @Sendable (Progress) -> Void = { _ in }) -> CheckResults {
    let limits = Limits.of(device)
    let pieces = lines.flatMap { self.pieces(of: $0, limits) }
    let total = pieces.reduce(0) { $0 + $1.trials.count }
    let state = Lock(
      (next: 0, completed: 0, results: [CheckResults](repeating: .init(), count: pieces.count)))
    let devices = [device] + companions
    DispatchQueue.concurrentPerform(iterations: min(pieces.count, Self.mostThreads)) { thread in
      let device = devices[thread % devices.count]
      while true {
        let index = state.withLock { state in
          defer { state.next += 1 }
          return state.next
        }
        guard index < pieces.count else { return }
        let piece = pieces[index]
        var results = CheckResults()
        for trial in piece.trials {
          state.withLock { state in
            progress(
              Progress(
                operation: piece.line.operation.name, type: trial.operationCase.type,
                completed: state.completed, total: total))
            state.completed += 1
          }
          run(piece.line, trial, on: device, &results)
        }
        state.withLock { $0.results[index] = results }
      }
    }
    return CheckResults(joining: state.withLock { $0.results })
  }

  /// More would only hold more of the large cases in memory.
  private static let mostThreads = 16

  /// Opens a software driver once more for each of a few cores. Such a driver compiles kernels on the
  /// thread of its queue, which is where the time goes if nothing is cached; two queues take half of it.
  /// None for other devices.
  /// - Parameter cores: how many there are to use; more than four are too much memory.
  /// - Throws: `TensorError`, if the device cannot be opened again.
  package static func companions(of device: Device, cores: Int) throws -> [Device] {
    guard let backend = device.backend as? VulkanBackend, backend.isSoftware else { return [] }
    return try (1..<max(1, min(cores, 4))).map { _ in Device(try backend.reopened()) }
  }

  // MARK: What is tried

  /// What one thread does at a time: an operation with one element type.
  private struct Piece {
    let line: OperationLine
    let trials: [Trial]
  }

  private static let order = ElementType.allCases.sorted { $0.rawValue < $1.rawValue }

  private func pieces(of line: OperationLine, _ limits: Limits) -> [Piece] {
    let trials = plan(line, limits)
    return Self.order.compactMap { type in
      let own = trials.filter { $0.operationCase.type == type }
      return own.isEmpty ? nil : Piece(line: line, trials: own)
    }
  }

  struct Trial {
    let operationCase: OperationCase
    let seed: UInt64
    /// How many of it, each with other elements, share one submission.
    var batch = 1
  }

  /// How many share a submission where that is tried.
  private static let batch = 5
  /// Batches are made of small cases.
  private static let smallCase = 4_096
  /// Batches for each element type of an operation.
  private static let batchesPerType = 4

  /// The line's cases, those made for the device, and batches of some. A case has the seed of
  /// its place, so that no two of one shape have the same elements: a kernel that writes nothing
  /// must not be saved by what an earlier one has left in the memory.
  private func plan(_ line: OperationLine, _ limits: Limits) -> [Trial] {
    let own = line.operation.name.utf8.reduce(seed) { $0 &* 0x100_0000_01B3 &+ UInt64($1) }
    let cases = line.cases + line.generated(limits, seed: own)
    var trials: [Trial] = []
    var batches: [ElementType: [Trial]] = [:]
    for (index, operationCase) in cases.enumerated() {
      let size = operationCase.elementCount
      guard types.contains(operationCase.type), size <= largestCase else { continue }
      let trial = Trial(
        operationCase: operationCase, seed: own &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15)
      trials.append(trial)
      if size > 8, size <= Self.smallCase {
        batches[operationCase.type, default: []].append(trial)
      }
    }
    for type in Self.order {
      guard let candidates = batches[type] else { continue }
      // Some, from all over the list.
      let step = max(1, candidates.count / Self.batchesPerType)
      for index in stride(from: 0, to: candidates.count, by: step) {
        var trial = candidates[index]
        trial.batch = Self.batch
        trials.append(trial)
      }
    }
    return trials
  }

  // MARK: Running

  private func run(
    _ line: OperationLine, _ trial: Trial, on device: Device, _ results: inout CheckResults
  ) {
    let options = trial.operationCase.options
    let batches = (0..<trial.batch).map { place in
      trial.operationCase.samples(
        seed: trial.batch == 1 ? trial.seed : ~trial.seed &+ UInt64(place) &* 0xD1B5_4A32_D192_ED03)
    }
    let label =
      trial.operationCase.description + (trial.batch > 1 ? ", batch of \(trial.batch)" : "")
    let name = line.operation.name
    let type = trial.operationCase.type
    do {
      let outcomes = try evaluate(line, batches, options, on: device)
      var others: [CheckOutcome]?
      if against == .cpu, device != .cpu {
        others = try evaluate(line, batches, options, on: .cpu)
      }
      for (index, samples) in batches.enumerated() {
        let operands = samples.map(\.exact)
        var expected = line.reference(operands, options)
        if let others { expected = expected.around(others[index]) }
        results.add(outcomes[index], expected, name, type, against.rawValue, label)
        guard case .leftRows = line.stacking, trial.batch == 1, against == .double else { continue }
        for blas in BLASProduct.allCases {
          guard let product = blas.expected(operands, options) else { continue }
          results.add(outcomes[index], product, name, type, blas.rawValue, label)
        }
      }
    } catch {
      results.fail("\(error)", name, type, against.rawValue, label)
    }
  }

  /// The results of all, in one submission if there are several.
  private func evaluate(
    _ line: OperationLine, _ batches: [[Sample]], _ options: OperationOptions, on device: Device
  ) throws -> [CheckOutcome] {
    let operands = try batches.map { try $0.map { try $0.tensor(on: device) } }
    let tensors =
      try batches.count == 1
      ? device.blockingPerOp { try operands.map { try line.apply($0, options) } }
      : device.blockingBatch { try operands.map { try line.apply($0, options) } }
    return try tensors.map {
      CheckOutcome(
        shape: Array($0.shape), type: $0.elementType, values: try $0.hostElements().values)
    }
  }
}

/// What a device has made of one case.
package struct CheckOutcome: Sendable {
  package let shape: [Int]
  package let type: ElementType
  package let values: [Double]
}

extension Expected {
  /// What is right if another device, whose result may be as far off, gave this. Where that is
  /// not a number to measure from, what was right stays.
  func around(_ other: CheckOutcome) -> Expected {
    guard other.shape == shape, other.values.count == elements.count else { return self }
    var result = self
    for (index, value) in other.values.enumerated() where value.isFinite {
      let element = elements[index]
      guard element.value.isFinite, element.others.isEmpty else { continue }
      result.elements[index] = Element(value, bound: 2 * element.bound)
    }
    return result
  }
}
