import VulkanCompute

/// Memory that somebody keeps. An array would look at every addition whether it is somebody else's
/// too, which took more than the reference itself.
struct RetainedAllocations: ~Copyable {
  private var start: UnsafeMutablePointer<Unmanaged<Allocation>>?
  private var capacity = 0
  private var count = 0

  deinit {
    for index in 0..<count { start?[index].release() }
    start?.deallocate()
  }

  /// False if it is the one that came last.
  @inline(__always)
  mutating func append(_ allocation: Allocation) -> Bool {
    let added = Unmanaged.passUnretained(allocation)
    if let start, count > 0, start[count - 1].toOpaque() == added.toOpaque() { return false }
    if count == capacity { grow() }
    _ = added.retain()
    start?[count] = added
    count += 1
    return true
  }

  private mutating func grow() {
    capacity = max(8, capacity * 2)
    let larger = UnsafeMutablePointer<Unmanaged<Allocation>>.allocate(capacity: capacity)
    if let start {
      larger.update(from: start, count: count)
      start.deallocate()
    }
    start = larger
  }

  mutating func removeAll() {
    let (first, last) = (start, count)
    (start, capacity, count) = (nil, 0, 0)
    for index in 0..<last { first?[index].release() }
    first?.deallocate()
  }
}
