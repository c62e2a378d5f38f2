import CLinux
import Glibc
import Synchronization

/// Memory in which callers put the samples of one batch side by side, each its own: so the thread
/// that leads the batch has nothing to gather. It stays for as long as anybody keeps one of the
/// samples.
package final class SampleSlots: @unchecked Sendable {
  /// Where slots come from; small samples only, for which a place in line is worth the memory.
  package struct Source: Sendable {
    /// Bytes from one slot to the next.
    let step: Int
    private let make: @Sendable (_ byteCount: Int) -> (Residence, UnsafeMutableRawPointer)?

    private static let largestStep = 4096
    private static let mostBytes = 4 << 20

    /// Nil if samples of this form had better be copied by who leads.
    package init?(_ form: SharedForm, on backend: any Backend) {
      guard backend.takesHostSamples, (1...Source.largestStep).contains(form.byteCount) else {
        return nil
      }
      step = form.byteCount
      make = { backend.hostMemory($0) }
    }

    /// Slots for a batch; nil if there is no memory, which the batch itself may still find.
    func slots(_ wanted: Int) -> SampleSlots? {
      let count = min(wanted, Source.mostBytes / step)
      guard let (home, start) = make(count * step) else { return nil }
      return SampleSlots(home, start, step, count)
    }
  }

  package let home: Residence
  package let step: Int
  private let start: UnsafeMutableRawPointer
  private let capacity: Int
  /// How many are somebody's. Changes under the queue's lock.
  @exclusivity(unchecked) private(set) var taken = 0
  /// How many of them have been filled.
  private let filled = Atomic<Int>(0)

  private init(_ home: Residence, _ start: UnsafeMutableRawPointer, _ step: Int, _ capacity: Int) {
    (self.home, self.start, self.step, self.capacity) = (home, start, step, capacity)
    // For all at once, each of which a sample may keep.
    home.hold(capacity)
  }

  deinit { home.letGo(capacity - taken) }

  var left: Int { capacity - taken }

  /// Whether a sample may go into a slot: it is host data, which nobody is taking to the device. Then
  /// whoever asked has to fill a slot with it at once.
  @inline(__always)
  static func claim(_ node: borrowing Node) -> Bool {
    // Evaluation 0 is nobody's: others wait for it to be over.
    node.isHostData && node.claim(0)
  }

  /// So many slots more are somebody's.
  func take(_ count: Int) { taken += count }

  /// Copies a sample into its slot, where it has its place from now on.
  @inline(__always)
  func fill(_ slot: Int, with node: borrowing Node) {
    node.copySource(to: start + slot * step)
    node.fulfilHeld(home, offset: slot * step)
    filled.wrappingAdd(1, ordering: .releasing)
    Evaluator.announce()
  }

  /// Waits until every slot that is somebody's has been filled: no longer than somebody takes to copy
  /// what it has claimed slots for, unless its thread is interrupted.
  func waitUntilFilled() {
    var looks = 0
    while filled.load(ordering: .acquiring) != taken {
      looks += 1
      if looks < 64 {
        swoop_pause()
      } else if looks < 256 {
        sched_yield()
      } else {
        // Whoever fills may not get the processor from this thread otherwise.
        usleep(50)
      }
    }
  }
}

/// The samples of a batch, in the order of their calls: first those in slots, then the others.
package struct BatchSamples: Sendable {
  package private(set) var slots: SampleSlots?
  /// The places of those in slots, if they do not all follow each other from the first.
  package private(set) var places: [Int]?
  private var slotted = 0
  package private(set) var tensors: [Tensor] = []

  init(capacity: Int) { tensors.reserveCapacity(capacity) }

  init(in slots: SampleSlots) { self.slots = slots }

  /// How many are in slots.
  package var slottedCount: Int { places?.count ?? slotted }

  package var count: Int { slottedCount + tensors.count }

  /// Where the next sample may go: there is no slot behind one that has none.
  var freeSlots: SampleSlots? { tensors.isEmpty && places == nil ? slots : nil }

  /// Takes so many samples in that have been claimed for the next slots.
  mutating func takeSlots(_ count: Int) {
    slots?.take(count)
    slotted += count
  }

  /// Takes a sample in.
  /// - Returns: the slot that its caller is to fill, if it has one.
  @inline(__always)
  mutating func append(_ sample: borrowing Tensor) -> Int? {
    if let slots = freeSlots, slots.left > 0, SampleSlots.claim(sample.node) {
      takeSlots(1)
      return slotted - 1
    }
    tensors.append(copy sample)
    return nil
  }

  /// The sample at a place, unless it is in a slot.
  private func tensor(_ place: Int) -> Tensor? {
    place < slottedCount ? nil : tensors[place - slottedCount]
  }

  /// What has kept a sample from getting to the device.
  package func error(at place: Int) -> TensorError? {
    tensor(place).flatMap { $0.node.hasFailed ? $0.node.error : nil }
  }

  /// What may be found out about a sample.
  package func findings(at place: Int) -> Findings? { tensor(place)?.node.findings }

  /// Those at these places alone, which go up.
  package func at(_ indices: some Sequence<Int>) -> BatchSamples {
    var left = BatchSamples(capacity: 0)
    left.slots = slots
    var kept: [Int] = []
    for index in indices {
      if index < slottedCount {
        kept.append(places?[index] ?? index)
      } else {
        left.tensors.append(tensors[index - slottedCount])
      }
    }
    left.places = kept
    return left
  }
}
