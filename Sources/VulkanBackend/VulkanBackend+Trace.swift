import SwoopCore
import VulkanCompute

extension VulkanBackend {
  /// A traced model on a batch: one dispatch a step. Samples are read where they are.
  package func submit(
    _ trace: Trace, _ samples: [Tensor]
  ) throws(TensorError) -> BatchResult {
    try translatingErrors {
      let submission = VulkanSubmission(self)
      var needsFence = false
      let inputs = try place(samples, submission, &needsFence)
      let count = samples.count
      var outputs: [Allocation] = []
      var strides: [Int] = []
      var launches: [PreparedLaunch] = []
      // The launch that computes a step; a step without elements has none.
      var positions: [Int] = []
      for (index, step) in trace.steps.enumerated() {
        let isLast = index == trace.steps.count - 1
        let plan = try plans.plan(for: step.signature)
        let stride = plan.resultStride(padded: step.byteCount)
        strides.append(stride)
        let output = try device.memory.allocate(
          stride * count, isLast && step.byteCount <= 64 << 10 ? .readback : .device)
        outputs.append(output)
        submission.retain(output)
        let bytes = step.signature.result.shape.elementCount * 4
        for entry in 0..<(device.options.checked ? count : 0) {
          let start = entry * stride
          submission.expect(
            output, start..<start + bytes, by: step.signature.operation.name)
        }
        positions.append(launches.count)
        if bytes == 0 { continue }
        var builder = LaunchBuilder(plan, count: count, isChecked: device.options.checked)
        builder.needsFence = needsFence
        for operand in step.operands {
          switch operand {
          case .input(let offset):
            builder.append(inputs.moved(by: offset * 4))
          case .step(let earlier, let offset):
            builder.depend(on: positions[earlier])
            builder.append(
              .strided(
                outputs[earlier].address + UInt64(offset * 4), by: strides[earlier]))
          case .constant(let tensor):
            guard let residence = tensor.node.residence,
              let storage = residence.slice.storage as? Allocation
            else { throw TensorError(.notAvailable, "a constant of the model is not there") }
            if let earlier = residence.submission as? VulkanSubmission, !earlier.isKnownFinished {
              builder.needsFence = true
            }
            submission.retain(storage)
            builder.append(
              .shared(
                storage.address + UInt64(residence.slice.offset + tensor.layout.offset * 4)))
          }
        }
        launches.append(try builder.build(output, entryBytes: stride))
      }
      try hand(over: launches, submission)
      return BatchResult(
        storage: outputs[outputs.count - 1], stride: strides[strides.count - 1],
        submission: launches.isEmpty ? nil : submission)
    }
  }

  /// Where the samples are.
  private func place(
    _ samples: [Tensor], _ submission: VulkanSubmission, _ needsFence: inout Bool
  ) throws -> Column {
    var addresses: [UInt64] = []
    addresses.reserveCapacity(samples.count)
    for sample in samples {
      guard let residence = sample.node.residence,
        let storage = residence.slice.storage as? Allocation
      else { throw TensorError(.notAvailable, "a sample is not there") }
      if let earlier = residence.submission as? VulkanSubmission, !earlier.isKnownFinished {
        needsFence = true
      }
      submission.retain(storage)
      addresses.append(storage.address + UInt64(residence.slice.offset + sample.layout.offset * 4))
    }
    return .list(addresses)
  }
}

extension Column {
  fileprivate func moved(by bytes: Int) -> Column {
    switch self {
    case .shared(let address): .shared(address + UInt64(bytes))
    case .strided(let address, let step): .strided(address + UInt64(bytes), by: step)
    case .list(let addresses): .list(addresses.map { $0 + UInt64(bytes) })
    }
  }
}
