import DequeModule

/// What submissions in flight hold, oldest first. Their values follow each other without a gap.
struct InFlight {
  struct Entry {
    let work: any SubmittedWork
    let commands: CommandBuffer
  }

  private var entries: Deque<Entry> = []
  /// The value of the next submission.
  private(set) var next: UInt64 = 1

  var isEmpty: Bool { entries.isEmpty }
  var oldest: UInt64 { next - UInt64(entries.count) }

  mutating func append(_ entry: Entry) {
    entries.append(entry)
    next += 1
  }

  /// Takes out the oldest, if its value is at most this.
  mutating func removeFirst(upTo value: UInt64) -> Entry? {
    oldest <= value ? entries.popFirst() : nil
  }
}
