extension CoalescingQueue {
  /// The way in for calls for which nothing but their sample need be looked at, as most are. What they
  /// write under the lock travels from core to core with it: here that is this line of memory and one of
  /// `results`, where all that the queue knows is a dozen, which held sixteen cores to one call a
  /// microsecond.
  ///
  /// The rest of the state is brought up to date before anybody looks at it, and says behind that how
  /// many calls may come until somebody has to look again.
  struct Gate {
    /// How many calls may still enter like that.
    private(set) var room = 0
    /// How many have, whose results lie here.
    private(set) var entered = 0
    private var batch: Unmanaged<Batch>?
    private var slots: Unmanaged<SampleSlots>?
    /// The slot of the first of them.
    private var first = 0
    private let results: UnsafeMutablePointer<Unmanaged<Node>>
    private let places: Int

    init(_ limit: Int) {
      places = min(limit, 1024)
      results = .allocate(capacity: places)
    }

    func deallocate() { results.deallocate() }

    /// Whether a call may enter: then its sample is this queue's to put into its slot.
    @inline(__always)
    func admits(_ sample: borrowing Node) -> Bool {
      room > 0 && SampleSlots.claim(sample)
    }

    /// - Parameter result: of a sample that was admitted.
    @inline(__always)
    mutating func enter(_ result: consuming Node) -> Batch.Slot {
      // Where there is room, there are both.
      result.join(batch.unsafelyUnwrapped)
      let slot = Batch.Slot(slots: slots.unsafelyUnwrapped, index: first + entered)
      results[entered] = .passRetained(result)
      entered += 1
      room -= 1
      return slot
    }

    /// Hands over the results of those that have entered, in order.
    mutating func empty(_ body: (Node) -> Void) {
      for place in 0..<entered { body(results[place].takeRetainedValue()) }
      entered = 0
    }

    mutating func shut() {
      (room, batch, slots) = (0, nil, nil)
    }

    /// Lets calls into a batch.
    mutating func open(to batch: Batch, _ slots: SampleSlots, room: Int) {
      self.batch = .passUnretained(batch)
      self.slots = .passUnretained(slots)
      first = slots.taken
      self.room = min(room, places)
    }
  }
}

extension CoalescingQueue.State {
  /// Takes in those who have come through the gate.
  mutating func takeIn() {
    guard gate.entered > 0, let batch = forming.last else { return }
    queued += gate.entered
    throughGate += gate.entered
    statistics.calls += gate.entered
    batch.takeIn(&gate, number: statistics.calls)
  }

  /// Opens the gate for as many calls as nobody need look at.
  mutating func openGate() {
    gate.shut()
    guard !isClosed, suspended.isEmpty, let batch = forming.last, let slots = batch.freeSlots
    else { return }
    let room = min(capacity - queued, maximumBatch - batch.count, slots.left, quiet)
    if room > 0 { gate.open(to: batch, slots, room: room) }
  }

  /// Whether enough have come for a look at the device, which costs a call of its driver. While
  /// more is in flight than leaves room for a further batch, every so many-th call looks.
  var isWorthALook: Bool {
    guard !isSubmitting else { return false }
    let count = forming[0].count
    guard count >= sizing.enough else { return false }
    if inFlight.count < 2, sizing.isEnough(count, behind: running) { return true }
    return count % lookStep == 0
  }

  private var lookStep: Int { max(1, min(16, sizing.expected / 8)) }

  /// How many calls may come before `isWorthALook` can be true.
  var quiet: Int {
    if isSubmitting { return .max }
    // The first is full if there is another.
    if forming.count > 1 { return isWorthALook ? 0 : .max }
    let count = forming[0].count
    let least = max(sizing.enough, count + 1)
    var next = (least + lookStep - 1) / lookStep * lookStep
    if inFlight.count < 2 { next = min(next, max(least, running)) }
    return next - count - 1
  }
}
