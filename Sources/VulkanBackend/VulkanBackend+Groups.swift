import Glibc
import SwoopCore
import VulkanCompute

/// What has to be done before a launch may read its operands.
struct Dependencies {
  /// The latest launch of its own submission that it reads from; nil for none.
  private(set) var latest: Int?
  /// Whether it reads what a submission that may still run writes.
  var needsFence = false
  /// Whether something may be found out about an operand.
  var hasFindings = false

  mutating func add(launch: Int) { latest = max(latest ?? 0, launch) }
}

/// One dispatch with its operands resolved.
struct PreparedLaunch {
  let launch: Launch
  let operands: InlineArray<3, ArgumentBlock.Operand>
  let operandCount: Int
  /// The addresses of operands in table mode, with the operand they are of.
  let tables: [(operand: Int, addresses: [UInt64])]
  let output: Allocation
  let result: ArgumentBlock.Operand
  let dependencies: Dependencies
  let indexReports: UInt64
  let access: MemoryAccess
  /// Checked mode: whether the memory of the result had another result before.
  var poison: Allocation?
}

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
  /// Results up to this size that nothing on the device reads next are written straight to
  /// host memory: on an H200 that costs a 1 KiB result nothing, a copy a whole submission.
  private static let readbackLimit = 64 << 10

  /// Host data of a group that together takes no more goes side by side.
  private static let slabLimit = 4 << 20

  /// - Parameter isResult: whether the host is likely to read it.
  func placement(isResult: Bool, byteCount: Int) -> Placement {
    isResult && byteCount <= VulkanBackend.readbackLimit ? .readback : .device
  }

  /// Finds storage, operands and kernel for a group; no launch if there is nothing to compute.
  /// - Parameter position: how many launches come before in the submission.
  func prepare(
    _ group: OperationGroup, _ position: Int, _ submission: VulkanSubmission,
    _ recycler: inout Recycler
  ) throws -> (output: Allocation, launch: PreparedLaunch?) {
    let nodes = group.nodes
    let plan = try plans.plan(for: group.interned)
    let entryBytes = plan.resultStride(padded: nodes[0].byteCount)
    let builder = try builder(for: nodes, plan, submission)
    let (output, poison) = try output(
      entryBytes * nodes.count,
      placement(isResult: group.isResult && !group.interned.staysOnDevice, byteCount: entryBytes),
      position, builder?.dependencies ?? Dependencies(), submission, &recycler)
    for (index, node) in nodes.enumerated() {
      node.position = position
      node.place(StorageSlice(output, offset: index * entryBytes), by: submission)
      guard device.options.checked else { continue }
      let count = node.form.shape.elementCount * node.form.elementType.byteCount
      submission.expect(
        output, index * entryBytes..<index * entryBytes + count, by: group.signature.operation.name)
    }
    guard let builder else { return (output, nil) }
    recycler.recorded(position, builder.dependencies)
    var launch = try builder.build(output, entryBytes: entryBytes)
    launch.poison = poison
    return (output, launch)
  }

  /// Memory for a launch's results: what the submission has no more use for, or other.
  func output(
    _ bytes: Int, _ placement: Placement, _ position: Int, _ dependencies: Dependencies,
    _ submission: VulkanSubmission, _ recycler: inout Recycler
  ) throws -> (output: Allocation, poison: Allocation?) {
    if placement == .device, bytes > 0, !recycler.isEmpty,
      let output = recycler.take(bytes, for: position, dependencies)
    {
      guard device.options.checked else { return (output, nil) }
      submission.replace(output)
      return (output, try recycler.poison(output.byteCount, device, submission))
    }
    let output = try device.memory.allocate(bytes, placement)
    submission.retain(output)
    submission.bytes += output.byteCount
    return (output, nil)
  }

  /// The operands of a group; nil if there is nothing to compute.
  private func builder(
    for nodes: [Node], _ plan: SignaturePlan, _ submission: VulkanSubmission
  ) throws -> LaunchBuilder? {
    guard nodes[0].form.shape.elementCount > 0 else { return nil }
    var builder = LaunchBuilder(plan, count: nodes.count, isChecked: device.options.checked)
    for index in 0..<nodes[0].operandCount {
      try uploadSources(nodes, operand: index)
      let first = nodes[0].operand(index)
      let start = try address(of: first, submission, &builder.dependencies)
      if nodes.count == 1 {
        builder.append(.shared(start))
        continue
      }
      var starts: [UInt64] = []
      starts.reserveCapacity(nodes.count)
      var isShared = true
      for node in nodes {
        let operand = node.operand(index)
        // Weights and the like.
        if operand.node === first.node, operand.view === first.view {
          starts.append(start)
        } else {
          isShared = false
          starts.append(try address(of: operand, submission, &builder.dependencies))
        }
      }
      builder.append(isShared ? .shared(start) : .list(starts))
    }
    if plan.indexTest != nil || builder.dependencies.hasFindings {
      let reports = try plan.indexReports(count: nodes.count, submission)
      for (index, node) in nodes.enumerated() {
        node.findings = .of(node.operands.map(\.node.findings), report: reports?[index])
      }
      builder.indexReports = reports?.address ?? 0
    }
    return builder
  }

  /// Where a tensor begins, kept for the submission; notes what a reader of it hangs on.
  func address(
    of tensor: Tensor, _ submission: VulkanSubmission, _ dependencies: inout Dependencies
  ) throws -> UInt64 {
    guard let residence = tensor.node.residence else {
      throw TensorError(.notAvailable, "an operand was not scheduled")
    }
    // A back end places its nodes in its own memory; a cast that looks is slow, for every operand.
    let storage = unsafeDowncast(residence.slice.storage, to: Allocation.self)
    submission.retain(storage)
    if tensor.node.findings != nil { dependencies.hasFindings = true }
    // Over the bus it reads slowly: three times per-op through an MLP took 1.5 times as long.
    if storage.isReadback { tensor.node.scheduled?.staysOnDevice = true }
    if let earlier = residence.submission {
      if earlier === submission {
        dependencies.add(launch: tensor.node.position)
      } else if let earlier = earlier as? VulkanSubmission, !earlier.isKnownFinished {
        dependencies.needsFence = true
      }
    }
    return storage.address
      + UInt64(residence.slice.offset + tensor.offset * tensor.elementType.byteCount)
  }

  /// Host data among an operand's nodes goes to the device; that of a whole group side by side,
  /// so that the kernel finds it by a stride.
  private func uploadSources(
    _ nodes: [Node], operand index: Int
  ) throws {
    var sources: [Node] = []
    for node in nodes {
      let source = node.operandNode(index)
      if source.needsUpload { sources.append(source) }
    }
    guard let first = sources.first else { return }
    let bytes = first.byteCount * sources.count
    guard sources.count > 1, sources.count == nodes.count, bytes <= VulkanBackend.slabLimit else {
      for source in sources where source.needsUpload { try upload(source) }
      return
    }
    let slab = try device.memory.allocate(bytes, .upload)
    var offset = 0
    // One that several operations read is written once.
    for source in sources where source.needsUpload {
      if let data = source.source { write(data, to: slab, offset: offset) }
      source.place(StorageSlice(slab, offset: offset), by: nil)
      offset += first.byteCount
    }
  }

  // MARK: Recording

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
