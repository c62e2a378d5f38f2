import Swoop
import SwoopCore
import SwoopLab
import Synchronization

/// Counts the operations of each caller while they run, and looks at the counts once, when half
/// of all are done.
///
/// It must not cost what it counts: callers write to no memory that others read, but for every
/// `step`-th operation of theirs.
final class Tally: Sendable {
  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
    // A pair of cache lines, which processors fetch together.
    private let apart = InlineArray<16, Int>(repeating: 0)
  }

  private let callers: [Counter]
  private let step: Int
  private let done = Atomic<Int>(0)
  private let half: Int
  private let isTelling: Bool
  private let atHalf = Lock<Report.Fairness?>(nil)

  init(_ callers: Callers, operations: Int) {
    self.callers = (0..<callers.count).map { _ in Counter() }
    isTelling = callers.count > 1 && operations >= 4 * callers.calls
    step = max(1, min(16, operations / callers.count / 16))
    half = max(1, operations / 2 / step * step)
  }

  /// One more operation of a caller is done.
  func count(_ caller: Int) {
    guard isTelling else { return }
    let own = callers[caller].value.add(1, ordering: .relaxed).newValue
    guard own % step == 0, done.add(step, ordering: .relaxed).newValue == half else { return }
    let counts = callers.map { $0.value.load(ordering: .relaxed) }
    let fairness = Report.Fairness(
      smallest: counts.min() ?? 0, largest: counts.max() ?? 0,
      mean: Double(counts.reduce(0, +)) / Double(counts.count))
    atHalf.withLock { $0 = fairness }
  }

  /// What was seen; nil with one caller, who cannot be treated unfairly, and where callers do so
  /// little that they are either done or not.
  var fairness: Report.Fairness? { atHalf.withLock { $0 } }
}

/// What the runs of one coalesced trial left, beside the time they took.
final class CoalescedLog: Sendable {
  struct Run {
    let operations: Int
    let submissions: Int
    /// The batches in the order in which they left.
    let sizes: [Int]
    let fairness: Report.Fairness?

    /// A sequence that is not that of the run would make the replay worthless.
    func check() throws {
      let calls = sizes.reduce(0, +)
      guard calls != operations else { return }
      throw Verification.WrongResults(
        description: "\(operations) calls were made, and the recorded batches hold \(calls)")
    }
  }

  private let runs = Lock<[Run]>([])

  func append(_ run: Run) { runs.withLock { $0.append(run) } }

  /// The sizes of the latest run's batches.
  var latestSizes: [Int] { runs.withLock { $0.last?.sizes ?? [] } }

  /// What the last runs, those that were measured, come to.
  func counts(rounds: Int) -> Report.Coalesced.Counts {
    let runs = runs.withLock { Array($0.suffix(rounds)) }
    let batches = runs.reduce(0) { $0 + $1.sizes.count }
    let calls = runs.reduce(0) { $0 + $1.sizes.reduce(0, +) }
    let operations = runs.reduce(0) { $0 + $1.operations }
    let submissions = runs.reduce(0) { $0 + $1.submissions }
    return Report.Coalesced.Counts(
      meanBatch: batches > 0 ? Double(calls) / Double(batches) : nil,
      submissionsPerOp: operations > 0 ? Double(submissions) / Double(operations) : nil,
      atHalf: runs.compactMap(\.fairness).max { spread($0) < spread($1) })
  }

  private func spread(_ fairness: Report.Fairness) -> Double {
    Double(fairness.largest - fairness.smallest) / max(fairness.mean, 1)
  }
}
