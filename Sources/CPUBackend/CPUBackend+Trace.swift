import SwoopCore

extension CPUBackend {
  /// A traced model on a batch: sample by sample, step by step.
  package func submit(_ trace: Trace, _ samples: BatchSamples) throws(TensorError) -> BatchResult {
    let stride = trace.steps.last?.byteCount ?? 0
    let output = try HostStorage(byteCount: stride * samples.count)
    var findings = [Findings?](repeating: nil, count: samples.count)
    for (index, sample) in samples.tensors.enumerated() {
      var results: [HostStorage] = []
      for (position, step) in trace.steps.enumerated() {
        var operands: [Operand] = []
        for (place, operand) in step.operands.enumerated() {
          let form = step.signature.operands[place]
          switch operand {
          case .constant(let tensor): operands.append(try Operand(tensor))
          case .input(let offset):
            operands.append(try Operand(sample, seenAs: form, offset: offset))
          case .step(let earlier, let offset):
            operands.append(Operand(results[earlier], seenAs: form, offset: offset))
          }
        }
        let isLast = position == trace.steps.count - 1
        let storage = try HostStorage(byteCount: step.byteCount)
        do {
          try CPUBackend.execute(step.signature, operands, into: storage)
        } catch  where error.code == .indexOutOfRange {
          // Of this sample alone; its result stays what it is.
          findings[index] = .of([], report: FoundError(error))
          break
        }
        results.append(storage)
        if isLast {
          (output.start + index * stride).copyMemory(from: storage.start, byteCount: step.byteCount)
        }
      }
    }
    return BatchResult(storage: output, stride: stride, submission: nil, findings: findings)
  }
}
