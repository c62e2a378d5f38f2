import CVulkan

/// What a Vulkan device can do, as its driver says, whether Swoop uses it or not.
public struct DeviceCapabilities: Sendable, Hashable, Codable {
  /// Bytes of each heap of memory.
  public var heaps: [Heap] = []
  public var queueFamilies: [QueueFamily] = []
  /// Invocations that run in lockstep; devices that can choose have a range.
  public var subgroupSizes = 0...0
  public var float16Storage = false
  public var float16Arithmetic = false
  public var int8Storage = false
  public var int8Arithmetic = false
  public var float64Arithmetic = false
  public var int64Arithmetic = false
  /// Whether kernels can ask that NaNs, infinities and signed zeros of float32 be kept.
  public var keepsNaNs = false
  /// Nanoseconds of one step of a timestamp; 0 if queues take none.
  public var timestampPeriod = 0.0
  public var maximumInvocations = 0
  public var maximumSharedMemory = 0
  public var maximumPushConstants = 0
  /// Bytes of the largest piece of memory.
  public var maximumAllocation = 0
  /// Workgroups along each axis of a dispatch.
  public var maximumWorkgroups: [Int] = []
  /// Shapes of matrices that subgroups multiply together, by `VK_NV_cooperative_matrix`; the
  /// newer `VK_KHR_cooperative_matrix` is only told to be there.
  public var cooperativeMatrices: [CooperativeMatrix] = []
  public var cooperativeMatrixExtensions: [String] = []

  /// A heap of memory.
  public struct Heap: Sendable, Hashable, Codable {
    public var bytes: Int
    /// Whether it is the device's own.
    public var isLocal: Bool
    /// Whether some of it can be written by the host.
    public var isHostVisible: Bool
  }

  /// Queues of one kind.
  public struct QueueFamily: Sendable, Hashable, Codable {
    public var count: Int
    /// Of "graphics", "compute", "transfer", "sparse".
    public var abilities: [String]
    /// 0 if its queues take no timestamps.
    public var timestampBits: Int
    /// Whether it is the one that Swoop computes on.
    public var isUsed: Bool
  }

  /// a (m × k) times b (k × n) plus c.
  public struct CooperativeMatrix: Sendable, Hashable, Codable {
    public var m: Int
    public var n: Int
    public var k: Int
    /// Types of a and b, and of c and the result.
    public var operands: String
    public var result: String
  }
}

extension VulkanInstance {
  /// Asks the driver.
  public func capabilities(of device: PhysicalDevice) -> DeviceCapabilities {
    var result = DeviceCapabilities()
    device.readProperties(into: &result, functions)
    device.readFeatures(into: &result, functions)
    device.readMemory(into: &result)
    device.readQueues(into: &result, functions)
    device.readCooperativeMatrices(into: &result, functions)
    return result
  }
}

extension PhysicalDevice {
  fileprivate func readProperties(
    into result: inout DeviceCapabilities, _ functions: InstanceFunctions
  ) {
    var eleven = VkPhysicalDeviceVulkan11Properties()
    eleven.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES
    var thirteen = VkPhysicalDeviceVulkan13Properties()
    thirteen.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_PROPERTIES
    var base = VkPhysicalDeviceProperties2()
    base.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
    // A driver older than a structure leaves it as it is.
    withUnsafeMutablePointer(to: &thirteen) { thirteen in
      eleven.pNext = UnsafeMutableRawPointer(thirteen)
      withUnsafeMutablePointer(to: &eleven) { eleven in
        base.pNext = UnsafeMutableRawPointer(eleven)
        functions.getProperties2(handle, &base)
      }
    }
    let limits = base.properties.limits
    let size = Int(eleven.subgroupSize)
    let (least, most) = (Int(thirteen.minSubgroupSize), Int(thirteen.maxSubgroupSize))
    result.subgroupSizes = least > 0 && least <= most ? least...most : size...size
    result.timestampPeriod = Double(limits.timestampPeriod)
    result.maximumInvocations = maximumInvocations
    result.maximumSharedMemory = maximumSharedMemory
    result.maximumPushConstants = Int(limits.maxPushConstantsSize)
    result.maximumAllocation = maximumAllocation
    let groups = limits.maxComputeWorkGroupCount
    result.maximumWorkgroups = [Int(groups.0), Int(groups.1), Int(groups.2)]
    result.keepsNaNs = keepsNaNs
  }

  fileprivate func readFeatures(
    into result: inout DeviceCapabilities, _ functions: InstanceFunctions
  ) {
    var eleven = VkPhysicalDeviceVulkan11Features()
    eleven.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES
    var twelve = VkPhysicalDeviceVulkan12Features()
    twelve.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES
    var base = VkPhysicalDeviceFeatures2()
    base.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
    withUnsafeMutablePointer(to: &twelve) { twelve in
      eleven.pNext = UnsafeMutableRawPointer(twelve)
      withUnsafeMutablePointer(to: &eleven) { eleven in
        base.pNext = UnsafeMutableRawPointer(eleven)
        functions.getFeatures2(handle, &base)
      }
    }
    result.float16Storage = eleven.storageBuffer16BitAccess != 0
    result.float16Arithmetic = twelve.shaderFloat16 != 0
    result.int8Storage = twelve.storageBuffer8BitAccess != 0
    result.int8Arithmetic = twelve.shaderInt8 != 0
    result.float64Arithmetic = base.features.shaderFloat64 != 0
    result.int64Arithmetic = base.features.shaderInt64 != 0
  }

  fileprivate func readMemory(into result: inout DeviceCapabilities) {
    let types = PhysicalDevice.types(memory)
    result.heaps = PhysicalDevice.heaps(memory).enumerated().map { index, heap in
      let isHostVisible = types.contains {
        Int($0.heapIndex) == index
          && $0.propertyFlags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue != 0
      }
      return .init(bytes: heap.bytes, isLocal: heap.isLocal, isHostVisible: isHostVisible)
    }
  }

  fileprivate func readQueues(
    into result: inout DeviceCapabilities, _ functions: InstanceFunctions
  ) {
    var count: UInt32 = 0
    functions.getQueueFamilyProperties(handle, &count, nil)
    var families = [VkQueueFamilyProperties](
      repeating: VkQueueFamilyProperties(), count: Int(count))
    functions.getQueueFamilyProperties(handle, &count, &families)
    let kinds: [(VkQueueFlagBits, String)] = [
      (VK_QUEUE_GRAPHICS_BIT, "graphics"), (VK_QUEUE_COMPUTE_BIT, "compute"),
      (VK_QUEUE_TRANSFER_BIT, "transfer"), (VK_QUEUE_SPARSE_BINDING_BIT, "sparse"),
    ]
    result.queueFamilies = families.prefix(Int(count)).enumerated().map { index, family in
      .init(
        count: Int(family.queueCount),
        abilities: kinds.filter { family.queueFlags & $0.0.rawValue != 0 }.map(\.1),
        timestampBits: Int(family.timestampValidBits),
        isUsed: computeFamily.map { Int($0) == index } ?? false)
    }
  }

  fileprivate func readCooperativeMatrices(
    into result: inout DeviceCapabilities, _ functions: InstanceFunctions
  ) {
    guard let enumerate = functions.enumerateDeviceExtensions else { return }
    var count: UInt32 = 0
    guard enumerate(handle, nil, &count, nil) == VK_SUCCESS, count > 0 else { return }
    var extensions = [VkExtensionProperties](repeating: VkExtensionProperties(), count: Int(count))
    guard enumerate(handle, nil, &count, &extensions) == VK_SUCCESS else { return }
    result.cooperativeMatrixExtensions = extensions.prefix(Int(count))
      .map { string($0.extensionName) }.filter { $0.contains("cooperative_matrix") }.sorted()
    guard result.cooperativeMatrixExtensions.contains("VK_NV_cooperative_matrix"),
      let list = functions.getCooperativeMatrices
    else { return }
    var matrices: UInt32 = 0
    guard list(handle, &matrices, nil) == VK_SUCCESS, matrices > 0 else { return }
    var empty = VkCooperativeMatrixPropertiesNV()
    empty.sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_NV
    var found = [VkCooperativeMatrixPropertiesNV](repeating: empty, count: Int(matrices))
    guard list(handle, &matrices, &found) == VK_SUCCESS else { return }
    result.cooperativeMatrices = found.prefix(Int(matrices)).map {
      .init(
        m: Int($0.MSize), n: Int($0.NSize), k: Int($0.KSize),
        operands: name($0.AType) + ($0.AType == $0.BType ? "" : " and " + name($0.BType)),
        result: name($0.DType))
    }
  }

  private func name(_ type: VkComponentTypeNV) -> String {
    switch type {
    case VK_COMPONENT_TYPE_FLOAT16_NV: "float16"
    case VK_COMPONENT_TYPE_FLOAT32_NV: "float32"
    case VK_COMPONENT_TYPE_FLOAT64_NV: "float64"
    case VK_COMPONENT_TYPE_SINT8_NV: "int8"
    case VK_COMPONENT_TYPE_SINT16_NV: "int16"
    case VK_COMPONENT_TYPE_SINT32_NV: "int32"
    case VK_COMPONENT_TYPE_SINT64_NV: "int64"
    case VK_COMPONENT_TYPE_UINT8_NV: "uint8"
    case VK_COMPONENT_TYPE_UINT16_NV: "uint16"
    case VK_COMPONENT_TYPE_UINT32_NV: "uint32"
    case VK_COMPONENT_TYPE_UINT64_NV: "uint64"
    default: "type \(type.rawValue)"
    }
  }
}
