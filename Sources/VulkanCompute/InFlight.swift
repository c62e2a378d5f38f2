/// What submissions in flight hold, oldest first. Their values follow each other without a gap.
struct InFlight {
  struct Entry {
    let work: any SubmittedWork
    let commands: CommandBuffer
  }

  /// By value, modulo the count, which is a power of two.
  private var slots: [Entry?] = Array(repeating: nil, count: 64)
  private(set) var oldest: UInt64 = 1
  /// The value of the next submission.
  private(set) var next: UInt64 = 1

  var isEmpty: Bool { oldest == next }

  mutating func append(_ entry: Entry) {
    if next - oldest == UInt64(slots.count) { grow() }
    slots[slot(next)] = entry
    next += 1
  }

  /// Takes out the oldest, if its value is at most this.
  mutating func removeFirst(upTo value: UInt64) -> Entry? {
    guard oldest < next, oldest <= value else { return nil }
    var entry: Entry?
    swap(&entry, &slots[slot(oldest)])
    oldest += 1
    return entry
  }

  private func slot(_ value: UInt64) -> Int {
    Int(truncatingIfNeeded: value) & (slots.count - 1)
  }

  private mutating func grow() {
    let old = self
    slots = Array(repeating: nil, count: slots.count * 2)
    for value in oldest..<next { slots[slot(value)] = old.slots[old.slot(value)] }
  }
}
