import CVulkan
import Glibc
import Synchronization

/// A timeline semaphore: each submission of a queue has a value, and they pass in order.
final class Timeline: @unchecked Sendable {
  let semaphore: VkSemaphore
  private let core: DeviceCore
  /// A lost device stays lost.
  private let failure = Atomic<Int32>(0)
  private let passed = Atomic<UInt64>(0)
  // On a graphics card a poll sees the end 20 us before a sleeping thread does; a software
  // driver needs the processor that would poll.
  private let pollNanoseconds: UInt64
  private let isByHand: Bool

  /// - Parameter isByHand: the device never signals it; `raise(to:)` does.
  init(_ core: DeviceCore, isByHand: Bool = false) throws(VulkanError) {
    self.core = core
    self.isByHand = isByHand
    pollNanoseconds = core.physical.kind == .software ? 0 : 100_000
    var type = VkSemaphoreTypeCreateInfo()
    type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO
    type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE
    var semaphore: VkSemaphore?
    let result = withUnsafePointer(to: &type) { type in
      var info = VkSemaphoreCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
      info.pNext = UnsafeRawPointer(type)
      return core.functions.createSemaphore(core.handle, &info, nil, &semaphore)
    }
    try check(result, "vkCreateSemaphore")
    guard let semaphore else { throw VulkanError(.outOfHostMemory, "vkCreateSemaphore") }
    self.semaphore = semaphore
  }

  deinit { core.functions.destroySemaphore(core.handle, semaphore, nil) }

  /// The highest value known to have passed, without asking the driver.
  var known: UInt64 { passed.load(ordering: .acquiring) }

  /// Asks the driver how far the device is.
  func update() throws(VulkanError) -> UInt64 {
    try checkFailure()
    if isByHand { return known }
    var value: UInt64 = 0
    let result = core.functions.getSemaphoreCounterValue(core.handle, semaphore, &value)
    // Drivers that have lost the device let every wait pass.
    try note(value == .max ? VK_ERROR_DEVICE_LOST : result, "vkGetSemaphoreCounterValue")
    raise(to: value)
    return value
  }

  func hasPassed(_ value: UInt64) throws(VulkanError) -> Bool {
    if known >= value { return true }
    return try update() >= value
  }

  /// Blocks until the value has passed; false if `limit` nanoseconds pass before.
  func wait(
    for value: UInt64, limit: UInt64 = .max, polling: Bool = true
  ) throws(VulkanError) -> Bool {
    if try hasPassed(value) { return true }
    if polling, pollNanoseconds > 0 {
      let end = clock() + min(pollNanoseconds, limit)
      while clock() < end { if try hasPassed(value) { return true } }
    }
    let result = block(until: value, limit)
    try note(result, "vkWaitSemaphores")
    if result.rawValue == VulkanError.Code.timeout.rawValue { return false }
    raise(to: value)
    return true
  }

  private func block(until value: UInt64, _ limit: UInt64) -> VkResult {
    var value = value
    var handle: VkSemaphore? = semaphore
    return withUnsafePointer(to: &value) { value in
      withUnsafePointer(to: &handle) { handle in
        var info = VkSemaphoreWaitInfo()
        info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO
        info.semaphoreCount = 1
        info.pSemaphores = handle
        info.pValues = value
        return core.functions.waitSemaphores(core.handle, &info, limit)
      }
    }
  }

  /// Whether a lost device no longer uses what was submitted. Vulkan promises that such a wait
  /// ends, with success or the loss again; a driver that is broken anyway gets a second.
  func rests(at value: UInt64) -> Bool {
    block(until: value, 1_000_000_000).rawValue != VulkanError.Code.timeout.rawValue
  }

  func note(_ result: VkResult, _ function: StaticString) throws(VulkanError) {
    if result.rawValue == VulkanError.Code.deviceLost.rawValue {
      failure.store(result.rawValue, ordering: .releasing)
    }
    try check(result, function)
  }

  var hasFailed: Bool { failure.load(ordering: .acquiring) != 0 }

  func checkFailure() throws(VulkanError) {
    let code = failure.load(ordering: .acquiring)
    if code != 0 {
      throw VulkanError(VulkanError.Code(rawValue: code), "\(core.physical.name) was lost")
    }
  }

  func raise(to value: UInt64) {
    passed.max(value, ordering: .acquiringAndReleasing)
  }

  private func clock() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
