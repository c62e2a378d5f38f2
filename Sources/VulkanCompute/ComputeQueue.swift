import CVulkan
import Synchronization

/// What a submission holds until the device is done with it. It must not hold the
/// `VulkanDevice`, which would then live until somebody submits or waits again.
public protocol SubmittedWork: AnyObject, Sendable {
  /// Called once, on whichever thread noticed, after the submission has finished or the device
  /// was lost. Another thread's wait may return before.
  func retire()
}

/// The memory one dispatch touches, for the hazard checker.
public struct MemoryAccess: Sendable {
  public var reads: [Range<UInt64>]
  public var writes: [Range<UInt64>]
  public init(reads: [Range<UInt64>], writes: [Range<UInt64>]) {
    self.reads = reads
    self.writes = writes
  }
}

/// The queue of a device. Safe from any thread; the lock is held around the submission alone.
public final class ComputeQueue: @unchecked Sendable {
  /// Small submissions that may be in flight before a further one waits; large ones count for more.
  public static let depth = 512

  private struct State {
    var last: UInt64 = 0
    var isClosed = false
    var hazards = HazardChecker()
  }

  private let core: DeviceCore
  private let handle: VkQueue
  let timeline: Timeline
  private let waiter: CompletionThread
  private let state = Lock(State())
  // A lock of its own: who waits need not queue behind a submission.
  private let inFlight = Lock(InFlight())
  /// All up to this have been retired, so that most who look need not take the lock.
  private let retired = Atomic<UInt64>(0)
  private let isChecked: Bool
  /// Under GPU-assisted validation (seen with 1.3.239) whatever asks for a timeline's value is
  /// held up for 10 s. So in its mode each submission runs alone and signals nothing.
  private let isSerial: Bool
  private let hasLeader = Atomic<Bool>(false)

  init(_ core: DeviceCore, _ family: UInt32, _ options: VulkanDevice.Options) throws(VulkanError) {
    self.core = core
    isChecked = options.checked
    var queue: VkQueue?
    core.functions.getDeviceQueue(core.handle, family, 0, &queue)
    guard let queue else { throw VulkanError(.initializationFailed, "vkGetDeviceQueue") }
    handle = queue
    isSerial = !options.pooled
    timeline = try Timeline(core, isByHand: isSerial)
    waiter = CompletionThread(timeline)
  }

  deinit {
    waiter.stop()
    // Work in flight holds memory that the device still uses.
    do throws(VulkanError) {
      _ = try timeline.wait(for: last)
    } catch {
      _ = core.functions.deviceWaitIdle(core.handle)
    }
    retire(upTo: .max)
  }

  /// Hands recorded commands to the device.
  /// - Parameters:
  ///   - commands: kept until the device is done; not to be submitted again before.
  ///   - work: kept until the device is done.
  ///   - bytes: what it holds until then.
  ///   - accesses: in checked mode, what each dispatch and copy touches, in order.
  /// - Returns: the value to wait for.
  /// - Throws: `deviceLost`, where the device may use the memory until it is at rest, and so `work`
  ///   is kept until then; otherwise nothing has been submitted: `validationFailed` if nothing is
  ///   recorded; in checked mode `hazard`.
  public func submit(
    _ commands: CommandBuffer, retaining work: any SubmittedWork, bytes: Int = 0,
    accesses: @autoclosure () -> [MemoryAccess] = []
  ) throws(VulkanError) -> UInt64 {
    guard commands.isExecutable else {
      throw VulkanError(.validationFailed, "a submission of commands that were never recorded")
    }
    try timeline.checkFailure()
    let accesses = isChecked ? accesses() : []
    // Once submitted, the commands may be finished with, and be recorded anew, at any time.
    let (dispatches, barriers) = (commands.dispatches, commands.barriers)
    let value: UInt64 = try state.withLock { state throws(VulkanError) in
      if state.isClosed { throw ProcessEnd.error }
      let value = state.last + 1
      var hazards: HazardChecker?
      if isChecked {
        var checker = state.hazards
        let found = checker.add(
          commands.entries, accesses, value: value, finished: try timeline.update())
        if let found { throw VulkanError(.hazard, found) }
        hazards = checker
      }
      let result = submit(commands.handle, value)
      // A device that is lost on submission may have begun.
      if result.rawValue >= 0 || result.rawValue == VulkanError.Code.deviceLost.rawValue {
        if let hazards { state.hazards = hazards }
        state.last = value
        inFlight.withLock { $0.append(InFlight.Entry(work: work, commands: commands)) }
      }
      try timeline.note(result, "vkQueueSubmit2")
      return value
    }
    core.counters.submissions.wrappingAdd(1, ordering: .relaxed)
    core.counters.dispatches.wrappingAdd(dispatches, ordering: .relaxed)
    core.counters.barriers.wrappingAdd(barriers, ordering: .relaxed)
    if value == 1, core.physical.kind == .software { ProcessEnd.hasRun(self) }
    // It is submitted: what fails from here on, whoever waits for it hears.
    let depth = UInt64(max(2, ComputeQueue.depth / (1 + dispatches / 8 + bytes >> 20)))
    if value > depth { _ = try? timeline.wait(for: value - depth) }
    _ = try? timeline.update()
    retireFinished()
    return value
  }

  private func submit(_ buffer: VkCommandBuffer, _ value: UInt64) -> VkResult {
    var commands = VkCommandBufferSubmitInfo()
    commands.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO
    commands.commandBuffer = buffer
    var signal = VkSemaphoreSubmitInfo()
    signal.sType = VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO
    signal.semaphore = timeline.semaphore
    signal.value = value
    signal.stageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT
    return withUnsafePointer(to: &commands) { commands in
      withUnsafePointer(to: &signal) { signal in
        var info = VkSubmitInfo2()
        info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO_2
        info.commandBufferInfoCount = 1
        info.pCommandBufferInfos = commands
        info.signalSemaphoreInfoCount = isSerial ? 0 : 1
        info.pSignalSemaphoreInfos = signal
        let result = core.functions.queueSubmit2(handle, 1, &info, nil)
        guard isSerial, result.rawValue >= 0 else { return result }
        let end = core.functions.deviceWaitIdle(core.handle)
        if end.rawValue >= 0 { timeline.raise(to: value) }
        return end
      }
    }
  }

  /// The value of the newest submission.
  public var last: UInt64 { state.withLock { $0.last } }

  /// Takes no more submissions.
  func close() { state.withLock { $0.isClosed = true } }

  /// Waits until the device is at rest, two seconds at most.
  func rest() { _ = try? timeline.wait(for: last, limit: 2_000_000_000) }

  /// Whether a submission is known to have finished; does not ask the device.
  public func isKnownFinished(_ value: UInt64) -> Bool { timeline.known >= value }

  /// Whether a submission has finished.
  public func isFinished(_ value: UInt64) throws(VulkanError) -> Bool {
    try timeline.hasPassed(value)
  }

  /// Blocks until a submission has finished.
  /// - Throws: `deviceLost`; `validationFailed` if no submission had that value.
  @available(*, noasync, message: "tasks await finished(_:)")
  public func wait(for value: UInt64) throws(VulkanError) {
    defer { retireFinished() }
    if try timeline.hasPassed(value) { return }
    try checkSubmitted(value)
    _ = try timeline.wait(for: value)
  }

  /// Suspends until a submission has finished. One caller at a time waits on its own thread for
  /// a short while, which saves a lone caller two thread switches; the others are resumed by a
  /// thread that does nothing else. It runs where its caller does: a hop from an actor and back
  /// would double the wait for a small operation.
  /// - Throws: `deviceLost`; `validationFailed` if no submission had that value.
  public nonisolated(nonsending) func finished(_ value: UInt64) async throws(VulkanError) {
    defer { retireFinished() }
    if try timeline.hasPassed(value) { return }
    try checkSubmitted(value)
    if !hasLeader.exchange(true, ordering: .acquiringAndReleasing) {
      defer { hasLeader.store(false, ordering: .releasing) }
      if try timeline.wait(for: value, limit: 2_000_000) { return }
    }
    while !(try timeline.hasPassed(value)) { await waiter.passed(value) }
  }

  // A wait for a value that nobody submits would never end.
  private func checkSubmitted(_ value: UInt64) throws(VulkanError) {
    if inFlight.withLock({ value >= $0.next }) {
      throw VulkanError(.validationFailed, "a wait for submission \(value), which is none")
    }
  }

  /// Lets go of what finished submissions held.
  private func retireFinished() {
    guard timeline.hasFailed else {
      let known = timeline.known
      return retired.load(ordering: .relaxed) < known ? retire(upTo: known) : ()
    }
    if inFlight.withLock({ $0.isEmpty }) { return }
    // A lost device comes to rest, and then never finishes anything.
    if timeline.rests(at: last) { retire(upTo: .max) }
  }

  private func retire(upTo value: UInt64) {
    // Neither the owner's code nor its last release runs under the lock.
    while let entry = inFlight.withLock({ $0.removeFirst(upTo: value) }) { entry.work.retire() }
    // What is just being submitted may have finished and yet be none of them.
    retired.max(inFlight.withLock { $0.oldest - 1 }, ordering: .relaxed)
  }
}
