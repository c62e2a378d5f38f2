/// Finds accesses to the same memory that no barrier orders.
///
/// Neither software driver ever shows a missing barrier, and synchronization validation does
/// not see accesses through addresses; but the ranges are known on the host. Submissions in
/// flight at once are not ordered in memory either, so the checker looks across them.
struct HazardChecker: Sendable {
  /// Accesses since the last barrier, with the submission they belong to.
  private var open: [(submission: UInt64, access: MemoryAccess)] = []

  /// Takes the next submission in order.
  /// - Parameter finished: the newest submission known to have finished on the host.
  /// - Returns: the first hazard found, in words; nothing has changed then.
  mutating func add(
    _ entries: [CommandBuffer.Entry], _ accesses: [MemoryAccess], value: UInt64, finished: UInt64
  ) -> String? {
    var current = open.filter { $0.submission > finished }
    var next = accesses.makeIterator()
    var index = 0
    for entry in entries {
      switch entry {
      case .barrier:
        current.removeAll()
      case .dispatch:
        guard let access = next.next() else {
          return "submission \(value) does not say what dispatch \(index) touches"
        }
        for (submission, earlier) in current {
          if let kind = HazardChecker.conflict(earlier, access) {
            let place =
              submission == value
              ? "an earlier one of the same submission" : "submission \(submission)"
            return "dispatch \(index) of submission \(value) and \(place): \(kind)"
          }
        }
        current.append((value, access))
        index += 1
      }
    }
    if next.next() != nil {
      return "submission \(value) says what more than its \(index) dispatches touch"
    }
    open = current
    return nil
  }

  static func conflict(_ earlier: MemoryAccess, _ later: MemoryAccess) -> String? {
    if overlaps(earlier.writes, later.reads) { return "read after write without a barrier" }
    if overlaps(earlier.writes, later.writes) { return "write after write without a barrier" }
    if overlaps(earlier.reads, later.writes) { return "write after read without a barrier" }
    return nil
  }

  private static func overlaps(_ a: [Range<UInt64>], _ b: [Range<UInt64>]) -> Bool {
    a.contains { range in b.contains { $0.overlaps(range) } }
  }
}
