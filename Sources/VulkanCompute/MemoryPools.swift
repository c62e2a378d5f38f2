import CVulkan

/// A device's memory, by placement. Where one memory type serves several placements (software
/// drivers, integrated graphics) they share a pool.
public final class MemoryPools: Sendable {
  /// Whether the host can read what `device` placement gives.
  public let isUnified: Bool
  /// Whether large host data may be written straight to the device's memory.
  public let hasWideWindow: Bool
  private let pools: [MemoryPool]

  init(_ core: DeviceCore, _ options: VulkanDevice.Options) {
    var byType: [UInt32: MemoryPool] = [:]
    var pools: [MemoryPool] = []
    var types: [UInt32] = []
    let allowed = DeviceBuffer.memoryTypes(core)
    let readback = MemoryPools.type(core, .readback, allowed)
    for placement in Placement.allCases {
      // Checked mode looks into all memory, so all of it must be visible.
      let type = MemoryPools.type(core, options.checked ? .readback : placement, allowed)
      let pool =
        byType[type]
        ?? MemoryPool(
          core, memoryType: type, options: options, isReadback: type == readback)
      byType[type] = pool
      pools.append(pool)
      types.append(type)
    }
    self.pools = pools
    isUnified = MemoryPools.isVisible(core, types[0])
    let upload = PhysicalDevice.types(core.physical.memory)[Int(types[1])]
    let heaps = PhysicalDevice.heaps(core.physical.memory)
    hasWideWindow =
      heaps[Int(upload.heapIndex)].isLocal && heaps[Int(upload.heapIndex)].bytes >= 1 << 30
  }

  /// At least `bytes` bytes, aligned for every kernel; back in the pool when released.
  /// - Throws: `outOfDeviceMemory`.
  public func allocate(_ bytes: Int, _ placement: Placement) throws(VulkanError) -> Allocation {
    try pools[placement.rawValue].allocate(bytes)
  }

  /// The most bytes of large pieces that each pool keeps for the next that wants such.
  public var cacheLimit: Int {
    get { pools.map(\.cacheLimit).min() ?? 0 }
    set { for pool in pools { pool.cacheLimit = newValue } }
  }

  /// Gives memory that nothing uses back to the driver.
  public func clearCache() { for pool in pools { pool.clearCache() } }

  private static func type(
    _ core: DeviceCore, _ placement: Placement, _ allowed: UInt32
  ) -> UInt32 {
    let local = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT.rawValue
    let mapped =
      VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue
    let cached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT.rawValue
    // Other kinds need features of their own.
    let special =
      VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT.rawValue | VK_MEMORY_PROPERTY_PROTECTED_BIT.rawValue
      | VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD.rawValue
      | VK_MEMORY_PROPERTY_DEVICE_UNCACHED_BIT_AMD.rawValue
    let flags = PhysicalDevice.types(core.physical.memory).map(\.propertyFlags)
    func first(_ wanted: UInt32, without: UInt32 = 0) -> UInt32? {
      flags.indices.first {
        allowed >> UInt32($0) & 1 == 1 && flags[$0] & wanted == wanted
          && flags[$0] & (without | special) == 0
      }.map(UInt32.init)
    }
    let all = first(local | mapped | cached)
    let choice: UInt32? =
      switch placement {
      case .device: all ?? first(local, without: mapped) ?? first(local)
      case .upload: all ?? first(local | mapped) ?? first(mapped)
      case .readback: all ?? first(mapped | cached) ?? first(mapped)
      }
    return choice ?? 0
  }

  static func isVisible(_ core: DeviceCore, _ type: UInt32) -> Bool {
    PhysicalDevice.types(core.physical.memory)[Int(type)].propertyFlags
      & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue != 0
  }
}
