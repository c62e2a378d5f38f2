import SwoopCore
import VulkanCompute

/// What has to be done before a launch may read its operands.
struct Dependencies {
  /// The latest launch of its own submission that it reads from; nil for none.
  private(set) var latest: Int?
  /// Whether it reads what a submission that may still run writes.
  var needsFence = false
  /// One of those that need none; while an operand is held that it computed.
  fileprivate var finished: UnsafeMutableRawPointer?
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
    let home = Residence(output, by: submission)
    home.hold(nodes.count)
    nodes.look { index, node in
      node.position = position
      node.placeHeld(home, offset: index * entryBytes)
    }
    if device.options.checked {
      let form = group.signature.result
      let count = form.shape.elementCount * form.elementType.byteCount
      for start in stride(from: 0, to: entryBytes * nodes.count, by: max(entryBytes, 1)) {
        submission.expect(output, start..<start + count, by: group.signature.operation.name)
      }
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
      builder.append(try column(of: nodes, operand: index, submission, &builder.dependencies))
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

  /// Where an operand of each operation begins.
  private func column(
    of nodes: [Node], operand index: Int, _ submission: VulkanSubmission,
    _ dependencies: inout Dependencies
  ) throws -> Column {
    let first = nodes[0].operandSlot(index)
    var isFresh = first.node.needsUpload
    let other = nodes.lend { nodes in
      var other: Int?
      for place in nodes.indices {
        let slot = nodes[place]._withUnsafeGuaranteedRef { $0.operandSlot(index) }
        if slot.isSame(as: first) { continue }
        if other == nil { other = place }
        if slot.node.needsUpload { isFresh = true }
      }
      return other
    }
    guard let other else {
      // Weights and the like.
      if isFresh { try first.node._withUnsafeGuaranteedRef { try upload($0) } }
      return .shared(try address(of: first, submission, &dependencies))
    }
    if isFresh { try uploadSources(nodes, operand: index) }
    let shared = try address(of: first, submission, &dependencies)
    return try nodes.lend { nodes in
      var starts = [UInt64](repeating: shared, count: other)
      starts.reserveCapacity(nodes.count)
      for place in other..<nodes.count {
        let slot = nodes[place]._withUnsafeGuaranteedRef { $0.operandSlot(index) }
        starts.append(try address(of: slot, submission, &dependencies))
      }
      return .list(starts)
    }
  }

  /// Where a tensor begins, kept for the submission; notes what a reader of it hangs on.
  func address(
    of tensor: Tensor, _ submission: VulkanSubmission, _ dependencies: inout Dependencies
  ) throws -> UInt64 {
    try address(of: tensor.node, submission, &dependencies)
      + UInt64(tensor.offset * tensor.elementType.byteCount)
  }

  func address(
    of slot: Operands.Slot, _ submission: VulkanSubmission, _ dependencies: inout Dependencies
  ) throws -> UInt64 {
    if slot.hasView { return try address(of: slot.tensor, submission, &dependencies) }
    return try slot.node._withUnsafeGuaranteedRef { try address(of: $0, submission, &dependencies) }
  }

  private func address(
    of node: Node, _ submission: VulkanSubmission, _ dependencies: inout Dependencies
  ) throws -> UInt64 {
    guard let residence = node.lentResidence else {
      throw TensorError(.notAvailable, "an operand was not scheduled")
    }
    if node.isRare, node.findings != nil { dependencies.hasFindings = true }
    let (earlier, storage) = residence.home._withUnsafeGuaranteedRef {
      ($0.lentSubmission, $0.lentStorage)
    }
    // A back end places its nodes in its own memory, by its own submissions; a cast that looks is
    // slow, for every operand.
    if let earlier = earlier?.toOpaque(), earlier != dependencies.finished {
      if earlier == Unmanaged.passUnretained(submission).toOpaque() {
        dependencies.add(launch: node.position)
      } else if !dependencies.needsFence {
        let isFinished = Unmanaged<VulkanSubmission>.fromOpaque(earlier)._withUnsafeGuaranteedRef {
          $0.isKnownFinished
        }
        if isFinished { dependencies.finished = earlier } else { dependencies.needsFence = true }
      }
    }
    return storage._withUnsafeGuaranteedRef { storage in
      let storage = unsafeDowncast(storage, to: Allocation.self)
      submission.retain(storage)
      // Over the bus it reads slowly: three times per-op through an MLP took 1.5 times as long.
      if node.isOperation, storage.isReadback { node.scheduled?.staysOnDevice = true }
      return storage.address + UInt64(residence.offset)
    }
  }

  /// Host data among an operand's nodes goes to the device; that of a whole group side by side,
  /// so that the kernel finds it by a stride.
  private func uploadSources(
    _ nodes: [Node], operand index: Int
  ) throws {
    var (count, hasViews) = (0, false)
    let bytes = nodes[0].operandSlot(index).node._withUnsafeGuaranteedRef { $0.byteCount }
    nodes.look { _, node in
      let slot = node.operandSlot(index)
      if slot.node.needsUpload { count += 1 }
      if slot.hasView { hasViews = true }
    }
    // What is seen through a view may be larger than the view, and larger than the others.
    let slab =
      !hasViews && count > 1 && count == nodes.count
        && bytes * count <= VulkanBackend.slabLimit
      ? try device.memory.allocate(bytes * count, .upload) : nil
    let home = slab.map { Residence($0) }
    var (offset, placed) = (0, 0)
    try nodes.lend { nodes in
      for place in nodes.indices {
        let source = nodes[place]._withUnsafeGuaranteedRef { $0.operandSlot(index).node }
        // One that several operations read is written once.
        guard source.needsUpload else { continue }
        try source._withUnsafeGuaranteedRef { source in
          guard let slab, let home else { return try upload(source) }
          write(source, to: slab, offset: offset)
          source.placeHeld(home, offset: offset)
          offset += bytes
          placed += 1
        }
      }
    }
    home?.hold(placed)
  }
}

extension Unmanaged<Node> {
  var needsUpload: Bool { _withUnsafeGuaranteedRef { $0.needsUpload } }
}
