import CPUBackend
import SwoopCore
import VulkanBackend

/// The memory that tensors on a device take.
public struct MemoryStatistics: Sendable, Hashable {
  /// Bytes in use by tensors, and by work in flight.
  public var live = 0
  /// Bytes taken from the driver that nothing uses: kept for what is made next.
  public var cached = 0
  /// The most bytes that were in use at one time since the device was opened.
  public var peak = 0
}

extension Device {
  /// What tensors on this device take now, and have taken. The CPU keeps no cache.
  public var memory: MemoryStatistics {
    if let backend = backend as? VulkanBackend {
      let counters = backend.device.counters
      return MemoryStatistics(
        live: counters.liveBytes, cached: Swift.max(counters.bytes - counters.liveBytes, 0),
        peak: Swift.max(counters.peakBytes, counters.liveBytes))
    }
    let usage = (backend as? CPUBackend)?.usage ?? (live: 0, peak: 0)
    // Who has just allocated may have counted its bytes, and not yet the peak.
    return MemoryStatistics(live: usage.live, peak: Swift.max(usage.live, usage.peak))
  }

  /// The most bytes of memory that no tensor uses that are kept in pieces of 4 MiB and more, for
  /// each kind of memory; 1 GiB at first. Less takes effect at once. Smaller pieces share
  /// buffers, which `clearCache` alone gives back. On the CPU 0, whatever is set.
  public var cacheLimit: Int {
    get { (backend as? VulkanBackend)?.device.memory.cacheLimit ?? 0 }
    nonmutating set { (backend as? VulkanBackend)?.device.memory.cacheLimit = newValue }
  }

  /// Gives memory that no tensor uses back to the driver.
  public func clearCache() { (backend as? VulkanBackend)?.clearCache() }
}
