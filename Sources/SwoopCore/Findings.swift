/// What a device finds out about a value while it computes it: indices that are out of range,
/// in the operation itself or in one that it hangs on. Nil for the values of which nothing can be
/// found out, which are nearly all.
package final class Findings: Sendable {
  private struct State {
    var report: (any IndexReport)?
    var operands: [Findings]
    var error: TensorError?
    var isSettled = false
  }
  private let state: Lock<State>
  /// The latest report that it hangs on: the others finish before.
  private let latest: any IndexReport

  private init(_ report: (any IndexReport)?, _ operands: [Findings], latest: any IndexReport) {
    state = Lock(State(report: report, operands: operands))
    self.latest = latest
  }

  /// What can be found out about the result of an operation.
  /// - Parameters:
  ///   - operands: of each operand; nil for nothing.
  ///   - report: where the operation's own bad indices are reported.
  package static func of(
    _ operands: some Sequence<Findings?>, report: (any IndexReport)?
  ) -> Findings? {
    var open: [Findings] = []
    for case let operand? in operands
    where !operand.isKnownGood && !open.contains(where: { $0 === operand }) {
      open.append(operand)
    }
    guard let last = open.last else {
      return report.map { Findings($0, [], latest: $0) }
    }
    if report == nil, open.count == 1 { return last }
    return Findings(report, open, latest: report ?? last.latest)
  }

  // Chains of them are released one by one, as those of nodes are.
  deinit {
    var doomed = state.withLock { $0.operands }
    state.withLock { $0.operands = [] }
    while var next = doomed.popLast() {
      if isKnownUniquelyReferenced(&next) {
        doomed += next.state.withLock { state in
          defer { state.operands = [] }
          return state.operands
        }
      }
    }
  }

  /// What was found, of what came first: an operand's before the operation's own. Only once the
  /// submission that computes the value has finished.
  package var error: TensorError? {
    settle()
    return state.withLock { $0.error }
  }

  /// Whether it is known by now that nothing was found; does not wait.
  private var isKnownGood: Bool {
    if !isSettled {
      guard latest.isFinished else { return false }
      settle()
    }
    return state.withLock { $0.error == nil }
  }

  private var isSettled: Bool { state.withLock { $0.isSettled } }

  /// Reads the reports, those of the operands first. Two threads may both do so.
  private func settle() {
    var stack = [self]
    while let top = stack.last {
      let (isSettled, operands) = top.state.withLock { ($0.isSettled, $0.operands) }
      let open = isSettled ? [] : operands.filter { !$0.isSettled }
      guard open.isEmpty else {
        stack += open
        continue
      }
      stack.removeLast()
      if isSettled { continue }
      let report = top.state.withLock { $0.report }
      var error: TensorError?
      for operand in operands where error == nil { error = operand.state.withLock { $0.error } }
      let found = error ?? report?.error
      top.state.withLock { state in
        state = State(report: nil, operands: [], error: found, isSettled: true)
      }
    }
  }
}

/// Where bad indices of one operation are reported.
package protocol IndexReport: Sendable {
  /// Whether the operation has been submitted and is known to have finished; does not wait.
  var isFinished: Bool { get }
  /// What was found; only once it has finished.
  var error: TensorError? { get }
}

/// What has been found already.
package struct FoundError: IndexReport {
  package let isFinished = true
  package let error: TensorError?
  package init(_ error: TensorError) { self.error = error }
}

extension TensorError {
  /// - Parameters:
  ///   - position: of the index, row-major in the tensor of indices.
  ///   - size: of the axis.
  package static func indexOutOfRange(
    _ operation: String, index: Int, position: Int, size: Int
  ) -> TensorError {
    let accepted =
      size == 0 ? "which has no elements" : "which takes \(-size) ..< \(size)"
    return TensorError(
      .indexOutOfRange,
      "\(operation) was given index \(index), at position \(position) of the indices, for an axis "
        + "of \(size) elements, \(accepted)")
  }
}
