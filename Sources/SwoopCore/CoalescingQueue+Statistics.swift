import Glibc

extension CoalescingQueue {
  /// What has happened so far.
  package struct Statistics: Sendable {
    package var calls = 0
    package var batches = 0
    package var cancelled = 0
    /// How many batches there were of each size.
    package var batchSizes: [Int: Int] = [:]
    /// For how long the first call of each batch waited to be submitted: the sum, and the longest.
    package var waited: Duration = .zero
    package var longestWait: Duration = .zero
    /// Suspended callers that were resumed because their call was answered.
    package var resumptions = 0
  }

  package var statistics: Statistics {
    var statistics = withState { $0.statistics }
    statistics.resumptions = resumptions.load(ordering: .relaxed)
    return statistics
  }

  /// The sizes of the batches since the last time, in order, if they are written down: of at most
  /// 65,536. Waits for who is just submitting: its calls may have been answered already.
  package func takeSizes() -> [Int] {
    while true {
      let sizes: [Int]? = withState { state in
        if state.isSubmitting { return nil }
        defer { state.sizes = [] }
        return state.sizes
      }
      if let sizes { return sizes }
      sched_yield()
    }
  }
}
