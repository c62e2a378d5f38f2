import SwoopCore

/// The calls of one form of sample: the traced model, and the queue in front of it.
final class Ring: @unchecked Sendable {
  let queue: CoalescingQueue
  /// Whether the coalescer keeps it as long as itself; set before anybody else sees the ring.
  var isKept = false
  private let trace: Trace
  private let form: SharedForm
  private let table: Unmanaged<SignatureTable>
  private let takesHostSamples: Bool

  init(
    _ form: TensorForm, _ device: Device, _ options: CoalescerOptions,
    _ model: (Tensor) throws -> Tensor
  ) throws {
    let trace = try Trace(form, on: device.backend, fuses: options.fuses, model)
    let backend = device.backend
    // The weights go to the device once, in their own time.
    Evaluator.evaluate(trace.constants, path: .batched)
    for node in trace.constants { if let error = node.error { throw error } }
    var queueOptions = CoalescingQueue.Options()
    queueOptions.maximumBatch = max(options.maximumBatch, 1)
    queueOptions.capacity = max(options.capacity, 1)
    queueOptions.maximumDelay = options.maximumDelay
    queueOptions.adaptsDelay = options.adaptsDelay
    queueOptions.recordsSizes = options.recordsSizes
    self.trace = trace
    self.form = .of(form)
    // The back end's, which the device of the coalescer holds.
    table = backend.lentSignatures
    takesHostSamples = backend.takesHostSamples
    queue = CoalescingQueue(queueOptions, slots: .init(self.form, on: backend)) { items in
      Ring.submit(items, trace, backend)
    }
  }

  /// Where it is.
  var address: UInt { UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()) }

  /// Whether a sample is for this ring; false, too, if it is a view, which takes a closer look.
  @inline(__always)
  func isFor(_ sample: Tensor) -> Bool { sample.isWhole(form, in: table) }

  /// Puts a sample into the queue; also gives the result that is owed for it.
  @inline(__always)
  func enter(
    _ sample: borrowing Tensor
  ) throws(TensorError) -> (entry: CoalescingQueue.Entry, result: Tensor) {
    let result = owed(for: sample)
    // As it is, most of all: not so much as its references are counted.
    let entry =
      takesHostSamples && sample.view == nil && sample.node.isHostData
      ? queue.enter(sample, result) : queue.enter(try checked(sample), result)
    return (entry, Tensor(result, view: trace.view))
  }

  /// Suspends until there is room; nil once the queue has closed.
  func enterWhenThereIsRoom(_ sample: Tensor) async throws -> Tensor? {
    let sample = try checked(sample)
    let result = owed(for: sample)
    guard await queue.enterWhenThereIsRoom(.init(sample: sample, result: result)) else {
      return nil
    }
    return Tensor(result, view: trace.view)
  }

  /// What is owed for a sample.
  @inline(__always)
  private func owed(for sample: borrowing Tensor) -> Node {
    Node(promised: trace.form, like: sample.node)
  }

  /// Brings a sample to the device, unless it is host data, which goes there with its batch.
  @inline(__always)
  private func checked(_ sample: borrowing Tensor) throws(TensorError) -> Tensor {
    let dense = sample.view == nil ? copy sample : try sample.contiguous()
    // A batch takes whole host tensors; a part of one is read where the tensor lies.
    if !dense.node.isHostData || !takesHostSamples || !dense.isWhole {
      try dense.submit()
      if let error = dense.node.error { throw error }
    }
    return dense
  }

  /// Runs a batch, with the samples' host data.
  private static func submit(
    _ items: CoalescingQueue.Items, _ trace: Trace, _ backend: any Backend
  ) -> (any Submission)? {
    defer { Evaluator.announce() }
    let (samples, results) = (items.samples, items.results)
    return Evaluator.bringing(samples.tensors) {
      // Somebody else may have been bringing a sample, and failed.
      var hasFailed = false
      samples.tensors.look { _, node in if node.hasFailed { hasFailed = true } }
      guard hasFailed else { return run(samples, results, trace, backend) }
      let good = results.indices.filter { place in
        guard let error = samples.error(at: place) else { return true }
        results[place].fail(error)
        return false
      }
      if good.isEmpty { return nil }
      return run(samples.at(good), good.map { results[$0] }, trace, backend)
    }
  }

  /// Too little memory halves a batch before it fails anybody.
  private static func run(
    _ samples: BatchSamples, _ results: [Node], _ trace: Trace, _ backend: any Backend
  ) -> (any Submission)? {
    do {
      let batch = try backend.submit(trace, samples)
      let home = Residence(batch.storage, by: batch.submission)
      home.hold(results.count)
      results.look { place, node in
        if !batch.findings.isEmpty { node.findings = batch.findings[place] }
        node.fulfilHeld(home, offset: place * batch.stride)
      }
      return batch.submission
    } catch  where error.code == .outOfMemory && samples.count > 1 {
      let half = samples.count / 2
      let first = run(samples.at(0..<half), Array(results[..<half]), trace, backend)
      let rest = half..<samples.count
      return run(samples.at(rest), Array(results[rest]), trace, backend) ?? first
    } catch {
      for result in results { result.fail(error) }
      return nil
    }
  }
}
