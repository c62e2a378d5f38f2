import CVulkan
import Glibc

// Vulkan's entry points, looked up at run time: the loader need not be there when the program
// starts, and calls on a device skip the loader's own dispatch.

/// The entry points that need no instance.
struct GlobalFunctions: @unchecked Sendable {
  let getInstanceProcAddr: PFN_vkGetInstanceProcAddr
  let createInstance: PFN_vkCreateInstance
  let enumerateInstanceLayerProperties: PFN_vkEnumerateInstanceLayerProperties

  init() throws(VulkanError) {
    guard let library = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL),
      let symbol = dlsym(library, "vkGetInstanceProcAddr")
    else {
      throw VulkanError(
        .loaderMissing,
        "libvulkan.so.1 cannot be opened; on Debian the package libvulkan1 has it")
    }
    let find = unsafeBitCast(symbol, to: PFN_vkGetInstanceProcAddr.self)
    getInstanceProcAddr = find
    func load<F>(_ name: String, _: F.Type) throws(VulkanError) -> F {
      try cast(find(nil, name), name)
    }
    createInstance = try load("vkCreateInstance", PFN_vkCreateInstance.self)
    enumerateInstanceLayerProperties = try load(
      "vkEnumerateInstanceLayerProperties", PFN_vkEnumerateInstanceLayerProperties.self)
  }
}

// A function pointer of one type becomes one of another; Vulkan promises that the name and
// the type belong together.
private func cast<F>(_ pointer: PFN_vkVoidFunction?, _ name: String) throws(VulkanError) -> F {
  guard let pointer else {
    throw VulkanError(.incompatibleDriver, "the Vulkan driver does not offer \(name)")
  }
  return unsafeBitCast(pointer, to: F.self)
}

struct InstanceFunctions: @unchecked Sendable {
  let destroyInstance: PFN_vkDestroyInstance
  let enumeratePhysicalDevices: PFN_vkEnumeratePhysicalDevices
  let getProperties2: PFN_vkGetPhysicalDeviceProperties2
  let getFeatures2: PFN_vkGetPhysicalDeviceFeatures2
  let getMemoryProperties: PFN_vkGetPhysicalDeviceMemoryProperties
  let getQueueFamilyProperties: PFN_vkGetPhysicalDeviceQueueFamilyProperties
  let createDevice: PFN_vkCreateDevice
  let getDeviceProcAddr: PFN_vkGetDeviceProcAddr
  let createMessenger: PFN_vkCreateDebugUtilsMessengerEXT?
  let destroyMessenger: PFN_vkDestroyDebugUtilsMessengerEXT?
  let enumerateDeviceExtensions: PFN_vkEnumerateDeviceExtensionProperties?
  let getCooperativeMatrices: PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesNV?

  /// For an instance whose functions cannot all be found.
  static func destroy(_ instance: VkInstance, _ global: GlobalFunctions) {
    guard let pointer = global.getInstanceProcAddr(instance, "vkDestroyInstance") else { return }
    unsafeBitCast(pointer, to: PFN_vkDestroyInstance.self)(instance, nil)
  }

  init(_ instance: VkInstance, _ global: GlobalFunctions) throws(VulkanError) {
    func load<F>(_ name: String, _: F.Type) throws(VulkanError) -> F {
      try cast(global.getInstanceProcAddr(instance, name), name)
    }
    func optional<F>(_ name: String, _: F.Type) -> F? { try? load(name, F.self) }
    destroyInstance = try load("vkDestroyInstance", PFN_vkDestroyInstance.self)
    enumeratePhysicalDevices = try load(
      "vkEnumeratePhysicalDevices", PFN_vkEnumeratePhysicalDevices.self)
    getProperties2 = try load(
      "vkGetPhysicalDeviceProperties2", PFN_vkGetPhysicalDeviceProperties2.self)
    getFeatures2 = try load("vkGetPhysicalDeviceFeatures2", PFN_vkGetPhysicalDeviceFeatures2.self)
    getMemoryProperties = try load(
      "vkGetPhysicalDeviceMemoryProperties", PFN_vkGetPhysicalDeviceMemoryProperties.self)
    getQueueFamilyProperties = try load(
      "vkGetPhysicalDeviceQueueFamilyProperties",
      PFN_vkGetPhysicalDeviceQueueFamilyProperties.self)
    createDevice = try load("vkCreateDevice", PFN_vkCreateDevice.self)
    getDeviceProcAddr = try load("vkGetDeviceProcAddr", PFN_vkGetDeviceProcAddr.self)
    createMessenger = optional(
      "vkCreateDebugUtilsMessengerEXT", PFN_vkCreateDebugUtilsMessengerEXT.self)
    destroyMessenger = optional(
      "vkDestroyDebugUtilsMessengerEXT", PFN_vkDestroyDebugUtilsMessengerEXT.self)
    enumerateDeviceExtensions = optional(
      "vkEnumerateDeviceExtensionProperties", PFN_vkEnumerateDeviceExtensionProperties.self)
    getCooperativeMatrices = optional(
      "vkGetPhysicalDeviceCooperativeMatrixPropertiesNV",
      PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesNV.self)
  }
}

struct DeviceFunctions: @unchecked Sendable {
  let destroyDevice: PFN_vkDestroyDevice
  let getDeviceQueue: PFN_vkGetDeviceQueue
  let deviceWaitIdle: PFN_vkDeviceWaitIdle
  let createBuffer: PFN_vkCreateBuffer
  let destroyBuffer: PFN_vkDestroyBuffer
  let getBufferMemoryRequirements: PFN_vkGetBufferMemoryRequirements
  let getDeviceBufferMemoryRequirements: PFN_vkGetDeviceBufferMemoryRequirements
  let getBufferDeviceAddress: PFN_vkGetBufferDeviceAddress
  let allocateMemory: PFN_vkAllocateMemory
  let freeMemory: PFN_vkFreeMemory
  let bindBufferMemory: PFN_vkBindBufferMemory
  let mapMemory: PFN_vkMapMemory
  let createShaderModule: PFN_vkCreateShaderModule
  let destroyShaderModule: PFN_vkDestroyShaderModule
  let createPipelineLayout: PFN_vkCreatePipelineLayout
  let destroyPipelineLayout: PFN_vkDestroyPipelineLayout
  let createComputePipelines: PFN_vkCreateComputePipelines
  let destroyPipeline: PFN_vkDestroyPipeline
  let createCommandPool: PFN_vkCreateCommandPool
  let destroyCommandPool: PFN_vkDestroyCommandPool
  let resetCommandPool: PFN_vkResetCommandPool
  let allocateCommandBuffers: PFN_vkAllocateCommandBuffers
  let beginCommandBuffer: PFN_vkBeginCommandBuffer
  let endCommandBuffer: PFN_vkEndCommandBuffer
  let cmdBindPipeline: PFN_vkCmdBindPipeline
  let cmdPushConstants: PFN_vkCmdPushConstants
  let cmdDispatch: PFN_vkCmdDispatch
  let cmdDispatchIndirect: PFN_vkCmdDispatchIndirect
  let cmdPipelineBarrier2: PFN_vkCmdPipelineBarrier2
  let cmdCopyBuffer: PFN_vkCmdCopyBuffer
  let queueSubmit2: PFN_vkQueueSubmit2
  let createSemaphore: PFN_vkCreateSemaphore
  let destroySemaphore: PFN_vkDestroySemaphore
  let getSemaphoreCounterValue: PFN_vkGetSemaphoreCounterValue
  let waitSemaphores: PFN_vkWaitSemaphores

  /// For a device whose functions cannot all be found.
  static func destroy(_ device: VkDevice, _ instance: InstanceFunctions) {
    guard let pointer = instance.getDeviceProcAddr(device, "vkDestroyDevice") else { return }
    unsafeBitCast(pointer, to: PFN_vkDestroyDevice.self)(device, nil)
  }

  init(_ device: VkDevice, _ instance: InstanceFunctions) throws(VulkanError) {
    func load<F>(_ name: String, _: F.Type) throws(VulkanError) -> F {
      try cast(instance.getDeviceProcAddr(device, name), name)
    }
    destroyDevice = try load("vkDestroyDevice", PFN_vkDestroyDevice.self)
    getDeviceQueue = try load("vkGetDeviceQueue", PFN_vkGetDeviceQueue.self)
    deviceWaitIdle = try load("vkDeviceWaitIdle", PFN_vkDeviceWaitIdle.self)
    createBuffer = try load("vkCreateBuffer", PFN_vkCreateBuffer.self)
    destroyBuffer = try load("vkDestroyBuffer", PFN_vkDestroyBuffer.self)
    getBufferMemoryRequirements = try load(
      "vkGetBufferMemoryRequirements", PFN_vkGetBufferMemoryRequirements.self)
    getDeviceBufferMemoryRequirements = try load(
      "vkGetDeviceBufferMemoryRequirements", PFN_vkGetDeviceBufferMemoryRequirements.self)
    getBufferDeviceAddress = try load(
      "vkGetBufferDeviceAddress", PFN_vkGetBufferDeviceAddress.self)
    allocateMemory = try load("vkAllocateMemory", PFN_vkAllocateMemory.self)
    freeMemory = try load("vkFreeMemory", PFN_vkFreeMemory.self)
    bindBufferMemory = try load("vkBindBufferMemory", PFN_vkBindBufferMemory.self)
    mapMemory = try load("vkMapMemory", PFN_vkMapMemory.self)
    createShaderModule = try load("vkCreateShaderModule", PFN_vkCreateShaderModule.self)
    destroyShaderModule = try load("vkDestroyShaderModule", PFN_vkDestroyShaderModule.self)
    createPipelineLayout = try load("vkCreatePipelineLayout", PFN_vkCreatePipelineLayout.self)
    destroyPipelineLayout = try load("vkDestroyPipelineLayout", PFN_vkDestroyPipelineLayout.self)
    createComputePipelines = try load(
      "vkCreateComputePipelines", PFN_vkCreateComputePipelines.self)
    destroyPipeline = try load("vkDestroyPipeline", PFN_vkDestroyPipeline.self)
    createCommandPool = try load("vkCreateCommandPool", PFN_vkCreateCommandPool.self)
    destroyCommandPool = try load("vkDestroyCommandPool", PFN_vkDestroyCommandPool.self)
    resetCommandPool = try load("vkResetCommandPool", PFN_vkResetCommandPool.self)
    allocateCommandBuffers = try load(
      "vkAllocateCommandBuffers", PFN_vkAllocateCommandBuffers.self)
    beginCommandBuffer = try load("vkBeginCommandBuffer", PFN_vkBeginCommandBuffer.self)
    endCommandBuffer = try load("vkEndCommandBuffer", PFN_vkEndCommandBuffer.self)
    cmdBindPipeline = try load("vkCmdBindPipeline", PFN_vkCmdBindPipeline.self)
    cmdPushConstants = try load("vkCmdPushConstants", PFN_vkCmdPushConstants.self)
    cmdDispatch = try load("vkCmdDispatch", PFN_vkCmdDispatch.self)
    cmdDispatchIndirect = try load("vkCmdDispatchIndirect", PFN_vkCmdDispatchIndirect.self)
    cmdPipelineBarrier2 = try load("vkCmdPipelineBarrier2", PFN_vkCmdPipelineBarrier2.self)
    cmdCopyBuffer = try load("vkCmdCopyBuffer", PFN_vkCmdCopyBuffer.self)
    queueSubmit2 = try load("vkQueueSubmit2", PFN_vkQueueSubmit2.self)
    createSemaphore = try load("vkCreateSemaphore", PFN_vkCreateSemaphore.self)
    destroySemaphore = try load("vkDestroySemaphore", PFN_vkDestroySemaphore.self)
    getSemaphoreCounterValue = try load(
      "vkGetSemaphoreCounterValue", PFN_vkGetSemaphoreCounterValue.self)
    waitSemaphores = try load("vkWaitSemaphores", PFN_vkWaitSemaphores.self)
  }
}
