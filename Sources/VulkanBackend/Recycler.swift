import SwoopCore
import VulkanCompute

/// Memory of intermediates that later launches of the same submission write again.
///
/// What nobody but the submission can read is free once the last launch that reads it has been
/// recorded. A launch gets such memory only where a barrier that is there anyway lies between it
/// and that reader, so reuse costs no barrier, and launches that could run side by side still do.
struct Recycler {
  private struct Free {
    let allocation: Allocation
    /// The latest launch that touches it.
    let reader: Int
  }

  private var free: [Free] = []
  /// The first launch after the latest barrier.
  private var segment = 0
  /// Checked mode: poison to copy from, since the host cannot write in between.
  private var poison: Allocation?

  /// Whether nothing can be had.
  var isEmpty: Bool { free.isEmpty }

  /// Memory of about this size, for a launch that hangs on these.
  mutating func take(_ bytes: Int, for position: Int, _ dependencies: Dependencies) -> Allocation? {
    let start = starts(position, dependencies) ? position : segment
    let index = free.firstIndex {
      $0.reader < start && $0.allocation.byteCount >= bytes && $0.allocation.byteCount / 2 <= bytes
    }
    return index.map { free.swapAt($0, free.count - 1) }.flatMap { free.popLast()?.allocation }
  }

  /// Takes note of a launch.
  mutating func recorded(_ position: Int, _ dependencies: Dependencies) {
    if starts(position, dependencies) { segment = position }
  }

  /// What nothing later reads; `reader` is the latest launch that does.
  mutating func give(_ allocation: Allocation, reader: Int) {
    free.append(Free(allocation: allocation, reader: reader))
  }

  /// Checked mode: at least so many bytes of poison.
  mutating func poison(
    _ bytes: Int, _ device: VulkanDevice, _ submission: VulkanSubmission
  ) throws(VulkanError) -> Allocation {
    if let poison, poison.byteCount >= bytes { return poison }
    let made = try device.memory.allocate(bytes, .device)
    submission.retain(made)
    poison = made
    return made
  }

  /// Whether a barrier comes right before the launch.
  private func starts(_ position: Int, _ dependencies: Dependencies) -> Bool {
    dependencies.latest.map { $0 >= segment } ?? false
  }
}

/// Which groups' results nobody but their submission reads, and which group reads them last.
struct Lifetimes {
  /// For each group the groups whose results are read by it for the last time.
  private(set) var ends: [[Int]]

  /// - Parameter schedule: the nodes' positions are their groups' until they are placed.
  init(_ schedule: Schedule) {
    let groups = schedule.groups
    ends = [[Int]](repeating: [], count: groups.count)
    guard schedule.hasPrivate else { return }
    for (index, group) in groups.enumerated() {
      for node in group.nodes { node.position = index }
    }
    var last = Array(groups.indices)
    for (index, group) in groups.enumerated() {
      for node in group.nodes {
        for place in 0..<node.operandCount {
          let operand = node.operand(place).node
          if operand.isPrivate { last[operand.position] = index }
        }
      }
    }
    for (index, group) in groups.enumerated() where group.nodes.allSatisfy(\.isPrivate) {
      ends[last[index]].append(index)
    }
  }

  /// The same for the steps of a trace, whose last is the result.
  init(_ trace: Trace) {
    ends = [[Int]](repeating: [], count: trace.steps.count)
    var last = Array(trace.steps.indices)
    for (index, step) in trace.steps.enumerated() {
      for case .step(let earlier, _) in step.operands { last[earlier] = index }
    }
    for index in trace.steps.indices.dropLast() { ends[last[index]].append(index) }
  }
}
