import SwoopCore
import VulkanCompute

extension VulkanBackend {
  /// A traced model on a batch: one dispatch a step. Samples are read where they are.
  package func submit(
    _ trace: Trace, _ samples: [Tensor]
  ) throws(TensorError) -> BatchResult {
    try refuseIfAsked()
    return try translatingErrors {
      let submission = VulkanSubmission(self)
      var sampleDependencies = Dependencies()
      let starts = try samples.map { try address(of: $0, submission, &sampleDependencies) }
      let count = samples.count
      var outputs: [Allocation] = []
      var strides: [Int] = []
      var launches: [PreparedLaunch] = []
      // The launch that computes a step; a step without elements has none.
      var positions: [Int] = []
      // Of each step's entries; empty where nothing can be found out.
      var findings: [[Findings?]] = []
      for (index, step) in trace.steps.enumerated() {
        let isLast = index == trace.steps.count - 1
        let plan = try plans.plan(for: step.interned)
        let stride = plan.resultStride(padded: step.byteCount)
        strides.append(stride)
        let output = try device.memory.allocate(
          stride * count, placement(isResult: isLast, byteCount: stride))
        outputs.append(output)
        submission.retain(output)
        submission.bytes += output.byteCount
        let result = step.signature.result
        let bytes = result.shape.elementCount * result.elementType.byteCount
        for entry in 0..<(device.options.checked ? count : 0) {
          let start = entry * stride
          submission.expect(
            output, start..<start + bytes, by: step.signature.operation.name)
        }
        positions.append(launches.count)
        findings.append([])
        if bytes == 0 { continue }
        var builder = LaunchBuilder(plan, count: count, isChecked: device.options.checked)
        builder.dependencies = sampleDependencies
        for (form, operand) in zip(step.signature.operands, step.operands) {
          // From the first element to the one that lies lowest.
          func bytes(_ offset: Int) -> UInt64 {
            UInt64((offset - form.layout.origin) * form.elementType.byteCount)
          }
          switch operand {
          case .input(let offset):
            builder.append(.list(starts.map { $0 + bytes(offset) }))
          case .step(let earlier, let offset):
            builder.dependencies.add(launch: positions[earlier])
            builder.append(
              .strided(
                outputs[earlier].address + bytes(offset), by: strides[earlier]))
          case .constant(let tensor):
            builder.append(.shared(try address(of: tensor, submission, &builder.dependencies)))
          }
        }
        let reports = try plan.indexReports(count: count, submission)
        builder.indexReports = reports?.address ?? 0
        findings[index] = step.findings(of: samples, findings, reports)
        launches.append(try builder.build(output, entryBytes: stride))
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
    of samples: [Tensor], _ earlier: [[Findings?]], _ reports: IndexReports?
  ) -> [Findings?] {
    func finding(_ operand: Trace.Operand, _ sample: Int) -> Findings? {
      switch operand {
      case .input: samples[sample].node.findings
      case .step(let step, _): earlier[step].isEmpty ? nil : earlier[step][sample]
      case .constant(let tensor): tensor.node.findings
      }
    }
    let mayFind =
      reports != nil
      || operands.contains { operand in
        switch operand {
        case .input: samples.contains { $0.node.findings != nil }
        case .step(let step, _): !earlier[step].isEmpty
        case .constant(let tensor): tensor.node.findings != nil
        }
      }
    guard mayFind else { return [] }
    return samples.indices.map { sample in
      .of(operands.map { finding($0, sample) }, report: reports?[sample])
    }
  }
}
