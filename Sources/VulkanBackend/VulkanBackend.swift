import Glibc
import Kernels
import ShaderCompiler
import SwoopCore
import Synchronization
import VulkanCompute

/// Runs operations on one Vulkan device.
package final class VulkanBackend: Backend {
  package let device: VulkanDevice
  package let name: String
  package let signatures = SignatureTable()
  package var lentSignatures: Unmanaged<SignatureTable> { .passUnretained(signatures) }
  let plans: PlanCache
  let recorders: RecorderPool
  /// Records the dispatches between two barriers in random order, so that a missing barrier,
  /// which software drivers never show by themselves, changes results.
  let isShuffling: Bool
  /// Leaves out every barrier: for the test that shows that checked mode notices.
  package let omitsBarriers = Atomic<Bool>(false)
  /// Refuses every so many-th submission, for the tests of what becomes of its callers; 0 refuses
  /// none.
  package let refusesEvery = Atomic<Int>(0)
  private let attempts = Atomic<Int>(0)

  package convenience init(
    _ physical: PhysicalDevice, of instance: VulkanInstance, name: String? = nil,
    options: VulkanDevice.Options = .fromEnvironment, edits: [KernelEdit] = []
  ) throws(TensorError) {
    let files = try KernelEdit.apply(edits)
    do {
      self.init(
        try VulkanDevice(physical, of: instance, options: options), name: name ?? physical.name,
        files: files)
    } catch {
      throw TensorError(error)
    }
  }

  private init(_ device: VulkanDevice, name: String, files: [String: String]) {
    self.device = device
    self.name = name
    plans = PlanCache(device, files: files)
    recorders = RecorderPool(device)
    isShuffling = device.options.checked
    // Checked mode looks at what was submitted before anybody reads it.
    signatures.serve(
      self, knownAddress: device.options.checked ? nil : VulkanBackend.knownAddress)
  }

  /// The same device with the same kernels, opened once more: with a queue and memory of its own.
  package func reopened() throws(TensorError) -> VulkanBackend {
    do {
      return VulkanBackend(
        try VulkanDevice(device.physical, of: device.instance, options: device.options),
        name: name, files: plans.files)
    } catch {
      throw TensorError(error)
    }
  }

  package var isSoftware: Bool { device.physical.kind == .software }

  /// 0 is the kind of device to prefer.
  package var rank: Int {
    switch device.physical.kind {
    case .discrete: 0
    case .integrated: 1
    case .virtual: 2
    case .software: 3
    case .other: 4
    }
  }

  // MARK: Running

  package func submit(_ schedule: Schedule) throws(TensorError) {
    try refuseIfAsked()
    do {
      try translatingErrors { try run(schedule) }
    } catch  where error.code == .outOfMemory {
      // What is in flight holds memory, and so does the cache.
      try synchronize()
      device.memory.clearCache()
      try translatingErrors { try run(schedule) }
    }
  }

  func refuseIfAsked() throws(TensorError) {
    let every = refusesEvery.load(ordering: .relaxed)
    guard every > 0 else { return }
    if attempts.wrappingAdd(1, ordering: .relaxed).newValue % every == 0 {
      throw TensorError(.deviceFailure, "a submission was refused as asked")
    }
  }

  func translatingErrors<R>(_ body: () throws -> R) throws(TensorError) -> R {
    do {
      return try body()
    } catch let error as VulkanError {
      throw TensorError(error)
    } catch let error as ShaderError {
      throw TensorError(.kernelCompilation, error.description)
    } catch let error as TensorError {
      throw error
    } catch {
      throw TensorError(.deviceFailure, "\(error)")
    }
  }

  private func run(_ schedule: Schedule) throws {
    let submission = VulkanSubmission(self)
    var launches: [PreparedLaunch] = []
    launches.reserveCapacity(schedule.groups.count)
    var recycler = Recycler()
    let lifetimes = Lifetimes(schedule)
    var outputs: [Allocation] = []
    for (index, group) in schedule.groups.enumerated() {
      let (output, launch) = try prepare(group, launches.count, submission, &recycler)
      if let launch { launches.append(launch) }
      guard schedule.hasPrivate else { continue }
      outputs.append(output)
      for end in lifetimes.ends[index] {
        recycler.give(outputs[end], reader: launches.count - 1)
      }
    }
    for node in schedule.sources where node.residence == nil { try upload(node) }
    try hand(over: launches, submission)
    for group in schedule.groups { group.nodes.look { $1.publish() } }
    for node in schedule.sources { node.publish() }
  }

  // MARK: Host data

  /// Large data goes through a staging copy where the host cannot write to all of the
  /// device's memory.
  private static let directLimit = 64 << 10

  /// Writes a node's host data to the device and says where it is.
  func upload(_ node: Node) throws {
    guard let source = node.source else { return }
    let isDirect =
      device.memory.isUnified || device.memory.hasWideWindow
      || source.byteCount <= VulkanBackend.directLimit
    let written = try device.memory.allocate(node.byteCount, .upload)
    write(node, to: written, offset: 0)
    guard !isDirect else { return node.place(Residence(written), offset: 0) }
    let target = try device.memory.allocate(node.byteCount, .device)
    let submission = try copy(written, 0, to: target, bytes: source.byteCount)
    node.place(Residence(target, by: submission), offset: 0)
  }

  func write(_ node: Node, to allocation: Allocation, offset: Int) {
    guard let contents = allocation.contents else { return }
    node.copySource(to: contents + offset)
  }

  /// Copies bytes in a submission of its own.
  private func copy(
    _ source: Allocation, _ offset: Int, to target: Allocation, bytes: Int
  ) throws -> VulkanSubmission {
    let submission = VulkanSubmission(self)
    submission.retain(source)
    submission.retain(target)
    let recorder = try recorders.take()
    submission.onRetire = { [recorders] in recorders.giveBack(recorder) }
    try recorder.record { encoder in
      encoder.barrier()
      encoder.copy(from: source, offset, to: target, 0, bytes: bytes)
    }
    let start = source.address + UInt64(offset)
    try submission.submit(
      recorder,
      accesses: [
        MemoryAccess(
          reads: [start..<start + UInt64(bytes)],
          writes: [target.address..<target.address + UInt64(bytes)])
      ])
    return submission
  }

  package func readable(
    _ slice: StorageSlice, byteCount: Int
  ) throws(TensorError) -> (slice: StorageSlice, submission: (any Submission)?) {
    guard let source = slice.storage as? Allocation else {
      throw TensorError(.deviceMismatch, "the storage is not of \(name)")
    }
    if source.isReadback || byteCount == 0 { return (slice, nil) }
    return try translatingErrors {
      let target = try device.memory.allocate(byteCount, .readback)
      let submission = try copy(source, slice.offset, to: target, bytes: byteCount)
      return (StorageSlice(target, offset: 0), submission)
    }
  }

  package func address(of slice: StorageSlice) -> UnsafeRawPointer {
    let contents = (slice.storage as? Allocation)?.contents
    // `readable` gives memory that the host sees; an empty slice may have none.
    return contents.map { UnsafeRawPointer($0 + slice.offset) } ?? VulkanBackend.nowhere
  }

  @Sendable
  private static func knownAddress(in home: Residence, offset: Int) -> UnsafeRawPointer? {
    // A back end's nodes are of its own submissions, in its own memory.
    if let submission = home.lentSubmission {
      let isThere = Unmanaged<VulkanSubmission>.fromOpaque(submission.toOpaque())
        ._withUnsafeGuaranteedRef { $0.isKnownFinished }
      guard isThere else { return nil }
    }
    return Unmanaged<Allocation>.fromOpaque(home.lentStorage.toOpaque())._withUnsafeGuaranteedRef {
      $0.isReadback ? $0.contents.map { UnsafeRawPointer($0 + offset) } : nil
    }
  }

  private nonisolated(unsafe) static let nowhere = UnsafeRawPointer(
    UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16))

  /// Gives memory and recordings that nobody uses back to the driver.
  package func clearCache() {
    recorders.clear()
    device.memory.clearCache()
  }

  package func synchronize() throws(TensorError) {
    do {
      try device.queue.wait(for: device.queue.last)
    } catch {
      throw TensorError(error)
    }
  }
}

extension Allocation: Storage {}

extension TensorError {
  package init(_ error: VulkanError) {
    switch error.code {
    case .outOfDeviceMemory, .outOfHostMemory: self.init(.outOfMemory, error.description)
    case .deviceLost: self.init(.deviceLost, error.description)
    case .loaderMissing, .incompatibleDriver: self.init(.deviceNotFound, error.description)
    case .featureNotPresent: self.init(.unsupported, error.description)
    case .hazard: self.init(.memoryViolation, error.description)
    default: self.init(.deviceFailure, error.description)
    }
  }
}
