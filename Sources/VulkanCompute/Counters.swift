import Synchronization

/// What a device has been asked to do since it was opened.
public struct Counters: Sendable, Hashable {
  /// Hand-overs of recorded commands to the device.
  public var submissions = 0
  /// Kernel launches in them.
  public var dispatches = 0
  /// Barriers between dispatches, or before the first of a submission.
  public var barriers = 0
  /// Allocations of device memory from the driver.
  public var allocations = 0
  /// Bytes now allocated from the driver.
  public var bytes = 0
  /// Bytes now in use by tensors and work in flight.
  public var liveBytes = 0
  /// The most `liveBytes` there have been.
  public var peakBytes = 0
  /// Pipelines made.
  public var pipelines = 0
  /// Command buffers recorded, as opposed to replayed.
  public var recordings = 0

  public init() {}

  public static func - (a: Counters, b: Counters) -> Counters {
    var difference = a
    difference.submissions -= b.submissions
    difference.dispatches -= b.dispatches
    difference.barriers -= b.barriers
    difference.allocations -= b.allocations
    difference.bytes -= b.bytes
    difference.liveBytes -= b.liveBytes
    difference.pipelines -= b.pipelines
    difference.recordings -= b.recordings
    return difference
  }
}

/// The counters while they are counted.
final class CounterCells: Sendable {
  let submissions = Atomic<Int>(0)
  let dispatches = Atomic<Int>(0)
  let barriers = Atomic<Int>(0)
  let allocations = Atomic<Int>(0)
  let bytes = Atomic<Int>(0)
  let liveBytes = Atomic<Int>(0)
  let peakBytes = Atomic<Int>(0)
  let pipelines = Atomic<Int>(0)
  let recordings = Atomic<Int>(0)

  /// More bytes in use.
  func allocated(_ bytes: Int) {
    let live = liveBytes.wrappingAdd(bytes, ordering: .relaxed).newValue
    // Seldom a new peak, so a load is enough most of the time.
    if live > peakBytes.load(ordering: .relaxed) { peakBytes.max(live, ordering: .relaxed) }
  }

  var snapshot: Counters {
    var counters = Counters()
    counters.submissions = submissions.load(ordering: .relaxed)
    counters.dispatches = dispatches.load(ordering: .relaxed)
    counters.barriers = barriers.load(ordering: .relaxed)
    counters.allocations = allocations.load(ordering: .relaxed)
    counters.bytes = bytes.load(ordering: .relaxed)
    counters.liveBytes = liveBytes.load(ordering: .relaxed)
    counters.peakBytes = peakBytes.load(ordering: .relaxed)
    counters.pipelines = pipelines.load(ordering: .relaxed)
    counters.recordings = recordings.load(ordering: .relaxed)
    return counters
  }
}
