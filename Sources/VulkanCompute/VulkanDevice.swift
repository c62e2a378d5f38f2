import CVulkan

/// A Vulkan device opened for computing: one queue, and the memory kernels work on.
public final class VulkanDevice: Sendable {
  /// How to open a device.
  public struct Options: Sendable {
    /// Canaries around every allocation, memory poisoned before reuse, hazards checked.
    public var checked = false
    /// Whether small allocations share buffers; off gives each a buffer of its own, so that
    /// GPU-assisted validation sees where it ends.
    public var pooled = true

    public init() {}

    /// `SWOOP_CHECKED=1` and `SWOOP_POOL=off`.
    public static var fromEnvironment: Options {
      var options = Options()
      options.checked = environment("SWOOP_CHECKED") == "1"
      options.pooled = environment("SWOOP_POOL") != "off"
      return options
    }
  }

  public let physical: PhysicalDevice
  public let options: Options
  /// What it was opened of.
  public var instance: VulkanInstance { core.instance }
  /// The queue everything is submitted to.
  public let queue: ComputeQueue
  /// Memory pools by placement.
  public let memory: MemoryPools

  let core: DeviceCore

  /// - Throws: `featureNotPresent` if the device lacks what Swoop needs, or what Vulkan says.
  public init(
    _ physical: PhysicalDevice, of instance: VulkanInstance,
    options: Options = .fromEnvironment
  ) throws(VulkanError) {
    guard physical.missing.isEmpty, let family = physical.computeFamily else {
      throw VulkanError(
        .featureNotPresent, "\(physical.name) lacks \(physical.missing.joined(separator: ", "))")
    }
    self.physical = physical
    self.options = options
    core = try DeviceCore(physical, family, instance)
    queue = try ComputeQueue(core, family, options)
    memory = MemoryPools(core, options)
  }

  /// What has been asked of the device since it was opened.
  public var counters: Counters { core.counters.snapshot }
}

/// The handle and functions of an open device; everything made from the device keeps it alive.
final class DeviceCore: @unchecked Sendable {
  let handle: VkDevice
  let functions: DeviceFunctions
  let physical: PhysicalDevice
  let family: UInt32
  let counters = CounterCells()
  let instance: VulkanInstance

  init(
    _ physical: PhysicalDevice, _ family: UInt32, _ instance: VulkanInstance
  ) throws(VulkanError) {
    self.physical = physical
    self.family = family
    self.instance = instance
    var result = VK_SUCCESS
    var device: VkDevice?
    var thirteen = VkPhysicalDeviceVulkan13Features()
    thirteen.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES
    thirteen.synchronization2 = 1
    thirteen.maintenance4 = 1
    var twelve = VkPhysicalDeviceVulkan12Features()
    twelve.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES
    twelve.bufferDeviceAddress = 1
    twelve.timelineSemaphore = 1
    var features = VkPhysicalDeviceFeatures()
    features.shaderFloat64 = physical.supportsFloat64 ? 1 : 0
    var priority: Float = 1
    withUnsafeMutablePointer(to: &thirteen) { thirteen in
      twelve.pNext = UnsafeMutableRawPointer(thirteen)
      withUnsafePointer(to: &twelve) { twelve in
        withUnsafePointer(to: &priority) { priority in
          var queue = VkDeviceQueueCreateInfo()
          queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO
          queue.queueFamilyIndex = family
          queue.queueCount = 1
          queue.pQueuePriorities = priority
          withUnsafePointer(to: &queue) { queue in
            var info = VkDeviceCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO
            info.pNext = UnsafeRawPointer(twelve)
            info.queueCreateInfoCount = 1
            info.pQueueCreateInfos = queue
            result = withUnsafePointer(to: &features) { features in
              info.pEnabledFeatures = features
              return instance.functions.createDevice(physical.handle, &info, nil, &device)
            }
          }
        }
      }
    }
    try check(result, "vkCreateDevice")
    guard let device else { throw VulkanError(.initializationFailed, "vkCreateDevice") }
    handle = device
    do throws(VulkanError) {
      functions = try DeviceFunctions(device, instance.functions)
    } catch {
      DeviceFunctions.destroy(device, instance.functions)
      throw error
    }
  }

  deinit {
    _ = functions.deviceWaitIdle(handle)
    functions.destroyDevice(handle, nil)
  }
}
