import Glibc
import SwoopCore
import VulkanCompute

extension PreparedLaunch {
  /// What filling the result's memory with poison touches.
  fileprivate var poisoning: MemoryAccess? {
    poison.map {
      let (from, to, bytes) = ($0.address, output.address, UInt64(output.byteCount))
      return MemoryAccess(reads: [from..<from + bytes], writes: [to..<to + bytes])
    }
  }
}

extension VulkanBackend {
  /// Submits the launches, replayed if it can be.
  func hand(over launches: [PreparedLaunch], _ submission: VulkanSubmission) throws {
    // GPU-assisted validation knows only buffers that were there when a command was recorded;
    // so without the pool, which is for its sake, nothing is replayed.
    if launches.count == 1, device.options.pooled {
      try replay(launches[0], submission)
    } else if !launches.isEmpty {
      try record(launches, submission)
    }
  }

  /// One dispatch: a command buffer that exists, with new arguments.
  private func replay(_ prepared: PreparedLaunch, _ submission: VulkanSubmission) throws {
    let launch = prepared.launch
    let pipeline = launch.pipeline
    let slot = try pipeline.takeSlot(
      bytes: launch.byteCount, fenced: prepared.dependencies.needsFence, on: device)
    submission.onRetire = { pipeline.giveBack(slot) }
    try write(prepared, to: slot.block, offset: 0, report: submission.reportAddress())
    try submission.submit(slot.commands, accesses: [prepared.access])
  }

  /// Several dispatches in one new command buffer, with barriers only where one reads what
  /// another has written.
  private func record(_ launches: [PreparedLaunch], _ submission: VulkanSubmission) throws {
    var offsets: [Int] = []
    var size = 0
    for prepared in launches {
      offsets.append(size)
      size += (prepared.launch.byteCount + 63) & ~63
    }
    let blocks = try device.memory.allocate(size, .upload)
    submission.retain(blocks)
    let report = try submission.reportAddress()
    for (prepared, offset) in zip(launches, offsets) {
      write(prepared, to: blocks, offset: offset, report: report)
    }
    var segments = self.segments(of: launches)
    if omitsBarriers.load(ordering: .relaxed) { segments = [segments.flatMap { $0 }] }
    let recorder = try recorders.take()
    submission.onRetire = { [recorders] in recorders.giveBack(recorder) }
    try recorder.record { encoder in
      for (index, segment) in segments.enumerated() {
        if index > 0 || launches.contains(where: \.dependencies.needsFence) { encoder.barrier() }
        let poisoned = segment.filter { launches[$0].poison != nil }
        for position in poisoned {
          guard let poison = launches[position].poison else { continue }
          let output = launches[position].output
          encoder.copy(from: poison, 0, to: output, 0, bytes: output.byteCount)
        }
        if !poisoned.isEmpty { encoder.barrier() }
        for position in segment {
          let launch = launches[position].launch
          encoder.dispatch(
            launch.pipeline.compute, block: blocks.address + UInt64(offsets[position]),
            groups: (launch.grid.x, launch.grid.y, launch.grid.z))
        }
      }
    }
    try submission.submit(
      recorder,
      accesses: segments.flatMap { segment in
        segment.compactMap { launches[$0].poisoning } + segment.map { launches[$0].access }
      })
  }

  /// The launches between two barriers each.
  private func segments(of launches: [PreparedLaunch]) -> [[Int]] {
    var segments: [[Int]] = [[]]
    for (index, prepared) in launches.enumerated() {
      if let latest = prepared.dependencies.latest,
        latest >= index - segments[segments.count - 1].count
      {
        segments.append([])
      }
      segments[segments.count - 1].append(index)
    }
    return isShuffling ? segments.map { $0.shuffled() } : segments
  }

  private func write(
    _ prepared: PreparedLaunch, to allocation: Allocation, offset: Int, report: UInt64
  ) {
    guard let contents = allocation.contents else { return }
    let block = contents + offset
    let launch = prepared.launch
    ArgumentBlock.writeHeader(
      to: block, grid: launch.grid, batch: launch.entries, report: report,
      indexReports: prepared.indexReports)
    ArgumentBlock.writeWords(launch.words, to: block)
    prepared.result.write(to: block, at: ArgumentBlock.resultOffset)
    for index in 0..<prepared.operandCount {
      var operand = prepared.operands[index]
      if let table = launch.tableOffsets[index] {
        operand.address = allocation.address + UInt64(offset + table)
      }
      operand.write(to: block, at: ArgumentBlock.operandsOffset + index * 16)
    }
    for (operand, addresses) in prepared.tables {
      guard let table = launch.tableOffsets[operand] else { continue }
      addresses.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress { memcpy(block + table, start, bytes.count) }
      }
    }
  }
}
