import CVulkan

/// A compiled kernel, specialised, ready to be dispatched.
///
/// All kernels take one push constant: the 64-bit address of their argument block.
public final class ComputePipeline: @unchecked Sendable {
  let handle: VkPipeline
  let layout: VkPipelineLayout
  private let core: DeviceCore
  /// For drivers that must be asked for one at a time, whatever the device.
  private static let alone = Lock(())

  /// - Parameters:
  ///   - spirv: SPIR-V words with an entry point `main`.
  ///   - constants: specialisation constants 0, 1, 2, …
  public init(
    _ device: VulkanDevice, spirv: [UInt32], constants: [UInt32] = []
  ) throws(VulkanError) {
    guard spirv.first == 0x0723_0203 else {
      throw VulkanError(.validationFailed, "a kernel that is not SPIR-V")
    }
    core = device.core
    let functions = core.functions
    var range = VkPushConstantRange()
    range.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT.rawValue
    range.size = 8
    var layout: VkPipelineLayout?
    let core = core
    let made = withUnsafePointer(to: &range) { range in
      var info = VkPipelineLayoutCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO
      info.pushConstantRangeCount = 1
      info.pPushConstantRanges = range
      return functions.createPipelineLayout(core.handle, &info, nil, &layout)
    }
    try check(made, "vkCreatePipelineLayout")
    guard let layout else { throw VulkanError(.initializationFailed, "vkCreatePipelineLayout") }
    self.layout = layout
    do throws(VulkanError) {
      handle = try ComputePipeline.create(core, layout, spirv, constants)
    } catch {
      functions.destroyPipelineLayout(core.handle, layout, nil)
      throw error
    }
    core.counters.pipelines.wrappingAdd(1, ordering: .relaxed)
  }

  private static func create(
    _ core: DeviceCore, _ layout: VkPipelineLayout, _ spirv: [UInt32], _ constants: [UInt32]
  ) throws(VulkanError) -> VkPipeline {
    let functions = core.functions
    var module: VkShaderModule?
    let made = spirv.withUnsafeBufferPointer { words in
      var info = VkShaderModuleCreateInfo()
      info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO
      info.codeSize = words.count * 4
      info.pCode = words.baseAddress
      return functions.createShaderModule(core.handle, &info, nil, &module)
    }
    try check(made, "vkCreateShaderModule")
    defer { functions.destroyShaderModule(core.handle, module, nil) }

    let entries = constants.indices.map {
      VkSpecializationMapEntry(constantID: UInt32($0), offset: UInt32($0 * 4), size: 4)
    }
    var pipeline: VkPipeline?
    let result: VkResult? = "main".withCString { name in
      constants.withUnsafeBufferPointer { constants in
        entries.withUnsafeBufferPointer { entries in
          var specialization = VkSpecializationInfo(
            mapEntryCount: UInt32(entries.count), pMapEntries: entries.baseAddress,
            dataSize: constants.count * 4, pData: UnsafeRawPointer(constants.baseAddress))
          return withUnsafePointer(to: &specialization) { specialization in
            var info = VkComputePipelineCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO
            info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO
            info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT
            info.stage.module = module
            info.stage.pName = name
            info.stage.pSpecializationInfo = constants.isEmpty ? nil : specialization
            info.layout = layout
            // Nil if the process is ending.
            func create() -> VkResult? {
              guard ProcessEnd.enter() else { return nil }
              defer { ProcessEnd.leave() }
              return functions.createComputePipelines(core.handle, nil, 1, &info, nil, &pipeline)
            }
            return core.physical.createsPipelinesAlone ? alone.withLock { _ in create() } : create()
          }
        }
      }
    }
    guard let result else { throw ProcessEnd.error }
    try check(result, "vkCreateComputePipelines")
    guard let pipeline else { throw VulkanError(.initializationFailed, "vkCreateComputePipelines") }
    return pipeline
  }

  deinit {
    // What remains when the process ends goes with it.
    guard ProcessEnd.enter() else { return }
    defer { ProcessEnd.leave() }
    core.functions.destroyPipeline(core.handle, handle, nil)
    core.functions.destroyPipelineLayout(core.handle, layout, nil)
  }
}
