import CVulkan
import Synchronization

/// Where memory should lie.
public enum Placement: Int, Sendable, CaseIterable {
  /// Fast for kernels; perhaps not visible to the host.
  case device
  /// Written by the host, read by kernels: the device's own memory where the host sees it.
  case upload
  /// Written by kernels, read by the host: host memory that the processor caches.
  case readback
}

/// A Vulkan buffer with memory of its own, mapped if the host can see it.
final class DeviceBuffer: @unchecked Sendable {
  let handle: VkBuffer
  let size: Int
  /// The address kernels use.
  let address: UInt64
  /// The address on the host; nil if the host cannot see the memory.
  let contents: UnsafeMutableRawPointer?
  /// Pieces of it in use; under the pool's lock.
  var livePieces = 0
  private let memory: VkDeviceMemory
  private let core: DeviceCore

  init(_ core: DeviceCore, size: Int, memoryType: UInt32) throws(VulkanError) {
    let functions = core.functions
    guard size <= core.physical.maximumAllocation else {
      throw VulkanError(
        .outOfDeviceMemory,
        "\(size) bytes in one piece; \(core.physical.name) gives at most "
          + "\(core.physical.maximumAllocation)")
    }
    var info = DeviceBuffer.description(size)
    var buffer: VkBuffer?
    try check(functions.createBuffer(core.handle, &info, nil, &buffer), "vkCreateBuffer")
    guard let buffer else { throw VulkanError(.outOfDeviceMemory, "vkCreateBuffer") }
    var requirements = VkMemoryRequirements()
    functions.getBufferMemoryRequirements(core.handle, buffer, &requirements)

    var memory: VkDeviceMemory?
    var mapped: UnsafeMutableRawPointer?
    do throws(VulkanError) {
      memory = try DeviceBuffer.allocate(core, requirements.size, memoryType)
      try check(
        functions.bindBufferMemory(core.handle, buffer, memory, 0), "vkBindBufferMemory")
      if MemoryPools.isVisible(core, memoryType) {
        try check(
          functions.mapMemory(core.handle, memory, 0, VkDeviceSize(bitPattern: -1), 0, &mapped),
          "vkMapMemory")
      }
    } catch {
      functions.destroyBuffer(core.handle, buffer, nil)
      if let memory { functions.freeMemory(core.handle, memory, nil) }
      throw error
    }
    guard let memory else { throw VulkanError(.outOfDeviceMemory, "vkAllocateMemory") }
    var addressInfo = VkBufferDeviceAddressInfo()
    addressInfo.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO
    addressInfo.buffer = buffer
    address = functions.getBufferDeviceAddress(core.handle, &addressInfo)
    handle = buffer
    contents = mapped
    self.memory = memory
    self.size = size
    self.core = core
    core.counters.allocations.wrappingAdd(1, ordering: .relaxed)
    core.counters.bytes.wrappingAdd(size, ordering: .relaxed)
  }

  private static func description(_ size: Int) -> VkBufferCreateInfo {
    var info = VkBufferCreateInfo()
    info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO
    info.size = VkDeviceSize(size)
    info.usage =
      VK_BUFFER_USAGE_STORAGE_BUFFER_BIT.rawValue | VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT.rawValue
      | VK_BUFFER_USAGE_TRANSFER_SRC_BIT.rawValue | VK_BUFFER_USAGE_TRANSFER_DST_BIT.rawValue
      | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT.rawValue
    info.sharingMode = VK_SHARING_MODE_EXCLUSIVE
    return info
  }

  /// The memory types that such buffers may have, one bit each; the same for every size.
  static func memoryTypes(_ core: DeviceCore) -> UInt32 {
    var requirements = VkMemoryRequirements2()
    requirements.sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2
    var buffer = description(1 << 20)
    withUnsafePointer(to: &buffer) { buffer in
      var info = VkDeviceBufferMemoryRequirements()
      info.sType = VK_STRUCTURE_TYPE_DEVICE_BUFFER_MEMORY_REQUIREMENTS
      info.pCreateInfo = buffer
      core.functions.getDeviceBufferMemoryRequirements(core.handle, &info, &requirements)
    }
    return requirements.memoryRequirements.memoryTypeBits
  }

  private static func allocate(
    _ core: DeviceCore, _ size: VkDeviceSize, _ memoryType: UInt32
  ) throws(VulkanError) -> VkDeviceMemory? {
    var flags = VkMemoryAllocateFlagsInfo()
    flags.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO
    flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT.rawValue
    var memory: VkDeviceMemory?
    let result = withUnsafePointer(to: &flags) { flags in
      var info = VkMemoryAllocateInfo()
      info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
      info.pNext = UnsafeRawPointer(flags)
      info.allocationSize = size
      info.memoryTypeIndex = memoryType
      return core.functions.allocateMemory(core.handle, &info, nil, &memory)
    }
    try check(result, "vkAllocateMemory")
    return memory
  }

  deinit {
    core.functions.destroyBuffer(core.handle, handle, nil)
    core.functions.freeMemory(core.handle, memory, nil)
    core.counters.bytes.wrappingSubtract(size, ordering: .relaxed)
  }
}
