import SwoopCore
import VulkanCompute

extension VulkanBackend {
  package var takesHostSamples: Bool { true }
  package var fuses: Bool { true }

  /// A traced model on a batch: one dispatch a step. Samples are read where they are; those that
  /// are host data are put side by side.
  package func submit(
    _ trace: Trace, _ samples: BatchSamples
  ) throws(TensorError) -> BatchResult {
    try refuseIfAsked()
    return try translatingErrors {
      let submission = VulkanSubmission(self)
      var sampleDependencies = Dependencies()
      let input = try column(of: samples, submission, &sampleDependencies)
      let count = samples.count
      var outputs: [Allocation] = []
      var strides: [Int] = []
      var launches: [PreparedLaunch] = []
      var recycler = Recycler()
      let lifetimes = Lifetimes(trace)
      // The launch that computes a step; a step without elements has none.
      var positions: [Int] = []
      // Of each step's entries; empty where nothing can be found out.
      var findings: [[Findings?]] = []
      for (index, step) in trace.steps.enumerated() {
        let isLast = index == trace.steps.count - 1
        let plan = try plans.plan(for: step.interned)
        let stride = plan.resultStride(padded: step.byteCount)
        strides.append(stride)
        let result = step.signature.result
        let resultBytes = result.shape.elementCount * result.elementType.byteCount
        findings.append([])
        var builder = LaunchBuilder(plan, count: count, isChecked: device.options.checked)
        builder.dependencies = sampleDependencies
        let operands = resultBytes == 0 ? [] : step.operands
        for (form, operand) in zip(step.signature.operands, operands) {
          // From the first element to the one that lies lowest.
          func bytes(_ offset: Int) -> Int {
            (offset - form.layout.origin) * form.elementType.byteCount
          }
          switch operand {
          case .input(let offset):
            builder.append(input.moved(by: bytes(offset)))
          case .step(let earlier, let offset):
            builder.dependencies.add(launch: positions[earlier])
            builder.append(
              .strided(
                outputs[earlier].address + UInt64(bytes(offset)), by: strides[earlier]))
          case .constant(let tensor):
            builder.append(.shared(try address(of: tensor, submission, &builder.dependencies)))
          }
        }
        let (output, poison) = try self.output(
          stride * count, placement(isResult: isLast, byteCount: stride), launches.count,
          builder.dependencies, submission, &recycler)
        outputs.append(output)
        for entry in 0..<(device.options.checked ? count : 0) {
          let start = entry * stride
          submission.expect(
            output, start..<start + resultBytes, by: step.signature.operation.name)
        }
        positions.append(launches.count)
        if resultBytes > 0 {
          recycler.recorded(launches.count, builder.dependencies)
          let reports = try plan.indexReports(count: count, submission)
          builder.indexReports = reports?.address ?? 0
          findings[index] = step.findings(of: samples, findings, reports)
          var launch = try builder.build(output, entryBytes: stride)
          launch.poison = poison
          launches.append(launch)
        }
        for end in lifetimes.ends[index] {
          recycler.give(outputs[end], reader: launches.count - 1)
        }
      }
      try hand(over: launches, submission)
      return BatchResult(
        storage: outputs[outputs.count - 1], stride: strides[strides.count - 1],
        submission: launches.isEmpty ? nil : submission,
        findings: findings[findings.count - 1])
    }
  }
}

extension Trace.Step {
  /// What can be found out about its result for each sample, of what earlier steps have found out.
  fileprivate func findings(
    of samples: BatchSamples, _ earlier: [[Findings?]], _ reports: IndexReports?
  ) -> [Findings?] {
    func finding(_ operand: Trace.Operand, _ sample: Int) -> Findings? {
      switch operand {
      case .input: samples.findings(at: sample)
      case .step(let step, _): earlier[step].isEmpty ? nil : earlier[step][sample]
      case .constant(let tensor): tensor.node.findings
      }
    }
    let mayFind =
      reports != nil
      || operands.contains { operand in
        switch operand {
        case .input: samples.tensors.haveFindings
        case .step(let step, _): !earlier[step].isEmpty
        case .constant(let tensor): tensor.node.findings != nil
        }
      }
    guard mayFind else { return [] }
    return (0..<samples.count).map { sample in
      .of(operands.map { finding($0, sample) }, report: reports?[sample])
    }
  }
}

extension [Tensor] {
  fileprivate var haveFindings: Bool {
    var have = false
    look { _, node in if node.isRare, node.findings != nil { have = true } }
    return have
  }
}

extension VulkanBackend {
  package func hostMemory(
    _ byteCount: Int
  ) -> (home: Residence, start: UnsafeMutableRawPointer)? {
    // In the cache, though the device reads it from afar: each caller writes little, and does atomic
    // steps in between, which wait for all that goes past the cache. On an H100's machine that made a
    // call take half as long again.
    guard let slab = try? device.memory.allocate(byteCount, .readback), let start = slab.contents
    else { return nil }
    return (Residence(slab), start)
  }

  /// Where the samples of a batch begin.
  private func column(
    of samples: BatchSamples, _ submission: VulkanSubmission, _ dependencies: inout Dependencies
  ) throws -> Column {
    guard samples.slottedCount > 0, let slots = samples.slots else {
      return try column(of: samples.tensors, submission, &dependencies)
    }
    guard let slab = slots.home.storage as? Allocation else {
      preconditionFailure("slots of another back end")
    }
    submission.retain(slab)
    let count = samples.slottedCount
    func address(_ slot: Int) -> UInt64 { slab.address + UInt64(slot * slots.step) }
    let (first, last) = (samples.places?.first ?? 0, samples.places?.last ?? count - 1)
    // They go up.
    if samples.tensors.isEmpty, last - first == count - 1 {
      return .strided(address(first), by: slots.step)
    }
    let slotted = (samples.places ?? Array(0..<count)).map(address)
    if samples.tensors.isEmpty { return .list(slotted) }
    let others = try column(of: samples.tensors, submission, &dependencies)
    return .list(slotted + others.starts(samples.tensors.count))
  }

  /// Where samples that are not in slots begin.
  private func column(
    of samples: [Tensor], _ submission: VulkanSubmission, _ dependencies: inout Dependencies
  ) throws -> Column {
    try samples.lend { slots in
      var fresh = 0
      for slot in slots where slot.node.needsUpload { fresh += 1 }
      func addresses() throws -> [UInt64] {
        try slots.map { try address(of: $0, submission, &dependencies) }
      }
      if fresh == 0 { return .list(try addresses()) }
      let step = slots[0].node._withUnsafeGuaranteedRef { $0.byteCount }
      let slab = try device.memory.allocate(step * fresh, .upload)
      submission.retain(slab)
      let home = Residence(slab)
      var written = 0
      for slot in slots {
        slot.node._withUnsafeGuaranteedRef { node in
          // The same sample may have been given twice.
          guard node.needsUpload else { return }
          write(node, to: slab, offset: written * step)
          node.placeHeld(home, offset: written * step)
          written += 1
        }
      }
      home.hold(written)
      if written == slots.count { return .strided(slab.address, by: step) }
      return .list(try addresses())
    }
  }
}
