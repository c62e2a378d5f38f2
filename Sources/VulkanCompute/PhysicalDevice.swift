import CVulkan

/// A Vulkan device as the driver describes it, before anything is opened on it.
public struct PhysicalDevice: @unchecked Sendable {
  /// What the device is.
  public enum Kind: String, Sendable, CaseIterable {
    case discrete, integrated, virtual, software, other
  }

  public let name: String
  /// Driver name and version as the driver gives them.
  public let driver: String
  public let kind: Kind
  /// Vulkan version, for example (1, 3).
  public let version: (major: UInt32, minor: UInt32)
  public let maximumInvocations: Int
  public let maximumSharedMemory: Int
  /// The most bytes one piece of memory, and a buffer in it, may have.
  public let maximumAllocation: Int
  public let subgroupSize: Int
  /// What kernels may do within subgroups: bits of VkSubgroupFeatureFlagBits.
  let subgroupOperations: UInt32
  /// Bytes of the largest heap that is the device's own.
  public let memoryBytes: Int
  /// Whether kernels may use 64-bit floating point.
  public let supportsFloat64: Bool
  /// Whether kernels can ask that no optimisation assumes NaNs and infinities away.
  public let keepsNaNs: Bool
  /// Whether pipelines must be created one at a time.
  ///
  /// Vulkan lets threads create them side by side. With NVIDIA's driver (580.159.04) a pipeline made
  /// while another one was now and then never ended when it was first launched: `swoop check` on 16
  /// threads of an H100 and an H200 stood still within seconds, and did not with a lock around each
  /// creation.
  let createsPipelinesAlone: Bool
  /// What Swoop needs and the device lacks; empty if it can be used.
  public let missing: [String]

  let handle: VkPhysicalDevice
  let memory: VkPhysicalDeviceMemoryProperties
  /// The queue family to compute on: one without graphics if there is one, since that takes
  /// submissions faster (7.5 us each against 12 on an H200).
  let computeFamily: UInt32?

  init(_ handle: VkPhysicalDevice, _ functions: InstanceFunctions) {
    self.handle = handle
    var driverProperties = VkPhysicalDeviceDriverProperties()
    driverProperties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES
    var eleven = VkPhysicalDeviceVulkan11Properties()
    eleven.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES
    var twelve = VkPhysicalDeviceVulkan12Properties()
    twelve.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES
    var thirteen = VkPhysicalDeviceVulkan13Properties()
    thirteen.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_PROPERTIES
    var base = VkPhysicalDeviceProperties2()
    base.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
    // A driver older than a structure leaves it as it is.
    withUnsafeMutablePointer(to: &thirteen) { thirteen in
      driverProperties.pNext = UnsafeMutableRawPointer(thirteen)
      withUnsafeMutablePointer(to: &driverProperties) { driverProperties in
        twelve.pNext = UnsafeMutableRawPointer(driverProperties)
        withUnsafeMutablePointer(to: &twelve) { twelve in
          eleven.pNext = UnsafeMutableRawPointer(twelve)
          withUnsafeMutablePointer(to: &eleven) { eleven in
            base.pNext = UnsafeMutableRawPointer(eleven)
            functions.getProperties2(handle, &base)
          }
        }
      }
    }
    let properties = base.properties
    name = string(properties.deviceName)
    let driverInfo = string(driverProperties.driverInfo)
    driver = string(driverProperties.driverName) + (driverInfo.isEmpty ? "" : " " + driverInfo)
    createsPipelinesAlone = driverProperties.driverID == VK_DRIVER_ID_NVIDIA_PROPRIETARY
    kind =
      switch properties.deviceType {
      case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: .discrete
      case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: .integrated
      case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: .virtual
      case VK_PHYSICAL_DEVICE_TYPE_CPU: .software
      default: .other
      }
    version = (properties.apiVersion >> 22 & 0x7f, properties.apiVersion >> 12 & 0x3ff)
    maximumInvocations = Int(properties.limits.maxComputeWorkGroupInvocations)
    maximumSharedMemory = Int(properties.limits.maxComputeSharedMemorySize)
    maximumAllocation = Int(clamping: min(eleven.maxMemoryAllocationSize, thirteen.maxBufferSize))
    subgroupSize = Int(eleven.subgroupSize)
    subgroupOperations =
      eleven.subgroupSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT.rawValue != 0
      ? eleven.subgroupSupportedOperations : 0
    keepsNaNs = twelve.shaderSignedZeroInfNanPreserveFloat32 != 0

    var memory = VkPhysicalDeviceMemoryProperties()
    functions.getMemoryProperties(handle, &memory)
    self.memory = memory
    memoryBytes = PhysicalDevice.heaps(memory).filter(\.isLocal).map(\.bytes).max() ?? 0
    computeFamily = PhysicalDevice.chooseFamily(handle, functions)
    var features = VkPhysicalDeviceFeatures2()
    features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
    functions.getFeatures2(handle, &features)
    supportsFloat64 = features.features.shaderFloat64 != 0
    missing = PhysicalDevice.findMissing(
      handle, functions, version, computeFamily, properties.limits)
  }

  private static func chooseFamily(
    _ handle: VkPhysicalDevice, _ functions: InstanceFunctions
  ) -> UInt32? {
    var count: UInt32 = 0
    functions.getQueueFamilyProperties(handle, &count, nil)
    var families = [VkQueueFamilyProperties](
      repeating: VkQueueFamilyProperties(), count: Int(count))
    functions.getQueueFamilyProperties(handle, &count, &families)
    let compute = families.indices.filter {
      families[$0].queueFlags & VK_QUEUE_COMPUTE_BIT.rawValue != 0
    }
    let alone = compute.first { families[$0].queueFlags & VK_QUEUE_GRAPHICS_BIT.rawValue == 0 }
    return (alone ?? compute.first).map(UInt32.init)
  }

  private static func findMissing(
    _ handle: VkPhysicalDevice, _ functions: InstanceFunctions,
    _ version: (major: UInt32, minor: UInt32), _ family: UInt32?,
    _ limits: VkPhysicalDeviceLimits
  ) -> [String] {
    guard (version.major, version.minor) >= (1, 3) else { return ["Vulkan 1.3"] }
    var thirteen = VkPhysicalDeviceVulkan13Features()
    thirteen.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES
    var twelve = VkPhysicalDeviceVulkan12Features()
    twelve.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES
    var base = VkPhysicalDeviceFeatures2()
    base.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
    withUnsafeMutablePointer(to: &thirteen) { thirteen in
      twelve.pNext = UnsafeMutableRawPointer(thirteen)
      withUnsafeMutablePointer(to: &twelve) { twelve in
        base.pNext = UnsafeMutableRawPointer(twelve)
        functions.getFeatures2(handle, &base)
      }
    }
    var missing: [String] = []
    // The largest the kernels have, and what users are promised for theirs.
    if limits.maxComputeWorkGroupInvocations < 256 || limits.maxComputeWorkGroupSize.0 < 256 {
      missing.append("workgroups of 256 invocations")
    }
    if family == nil { missing.append("a compute queue") }
    if twelve.bufferDeviceAddress == 0 { missing.append("bufferDeviceAddress") }
    if twelve.timelineSemaphore == 0 { missing.append("timelineSemaphore") }
    if thirteen.synchronization2 == 0 { missing.append("synchronization2") }
    if thirteen.maintenance4 == 0 { missing.append("maintenance4") }
    return missing
  }

  static func heaps(_ memory: VkPhysicalDeviceMemoryProperties) -> [(bytes: Int, isLocal: Bool)] {
    withUnsafeBytes(of: memory.memoryHeaps) { raw in
      raw.bindMemory(to: VkMemoryHeap.self).prefix(Int(memory.memoryHeapCount)).map {
        (Int(clamping: $0.size), $0.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT.rawValue != 0)
      }
    }
  }

  static func types(_ memory: VkPhysicalDeviceMemoryProperties) -> [VkMemoryType] {
    withUnsafeBytes(of: memory.memoryTypes) { raw in
      Array(raw.bindMemory(to: VkMemoryType.self).prefix(Int(memory.memoryTypeCount)))
    }
  }
}
