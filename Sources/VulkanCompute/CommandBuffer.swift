import CVulkan

/// Recorded commands. Recorded once, it can be submitted again whenever its last submission
/// has finished; what changes in between lies in memory.
///
/// One thread at a time records or submits it. It holds its pipelines; whoever submits it holds
/// the memory.
public final class CommandBuffer: @unchecked Sendable {
  /// The order of what was recorded, for the hazard checker.
  enum Entry: Sendable { case dispatch, barrier }

  let handle: VkCommandBuffer
  private(set) var entries: [Entry] = []
  /// Kernel launches in the recording.
  public private(set) var dispatches = 0
  private(set) var barriers = 0
  /// Whether there is a complete recording.
  private(set) var isExecutable = false
  private var pipelines: [ComputePipeline] = []
  private let pool: VkCommandPool
  private let core: DeviceCore

  public init(_ device: VulkanDevice) throws(VulkanError) {
    core = device.core
    var info = VkCommandPoolCreateInfo()
    info.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO
    info.queueFamilyIndex = core.family
    var pool: VkCommandPool?
    try check(
      core.functions.createCommandPool(core.handle, &info, nil, &pool), "vkCreateCommandPool")
    guard let pool else { throw VulkanError(.outOfHostMemory, "vkCreateCommandPool") }
    self.pool = pool
    var allocate = VkCommandBufferAllocateInfo()
    allocate.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO
    allocate.commandPool = pool
    allocate.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY
    allocate.commandBufferCount = 1
    var buffer: VkCommandBuffer?
    let result = core.functions.allocateCommandBuffers(core.handle, &allocate, &buffer)
    guard result.rawValue >= 0, let buffer else {
      core.functions.destroyCommandPool(core.handle, pool, nil)
      throw VulkanError(
        VulkanError.Code(rawValue: result.rawValue), "vkAllocateCommandBuffers")
    }
    handle = buffer
  }

  deinit { core.functions.destroyCommandPool(core.handle, pool, nil) }

  /// Gives the recording's memory back to the driver. The last submission of it must have finished.
  public func trim() {
    isExecutable = false
    (entries, pipelines, dispatches, barriers) = ([], [], 0, 0)
    _ = core.functions.resetCommandPool(
      core.handle, pool, VkFlags(VK_COMMAND_POOL_RESET_RELEASE_RESOURCES_BIT.rawValue))
  }

  /// Replaces what was recorded. The last submission of it must have finished.
  public func record(
    _ body: (inout CommandEncoder) throws(VulkanError) -> Void
  ) throws(VulkanError) {
    isExecutable = false
    // The arrays' memory serves again.
    var (entries, pipelines): ([Entry], [ComputePipeline]) = ([], [])
    swap(&entries, &self.entries)
    swap(&pipelines, &self.pipelines)
    entries.removeAll(keepingCapacity: true)
    pipelines.removeAll(keepingCapacity: true)
    try check(core.functions.resetCommandPool(core.handle, pool, 0), "vkResetCommandPool")
    var info = VkCommandBufferBeginInfo()
    info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO
    try check(core.functions.beginCommandBuffer(handle, &info), "vkBeginCommandBuffer")
    var encoder = CommandEncoder(core, handle, entries, pipelines)
    try body(&encoder)
    encoder.makeVisibleToHost()
    try check(core.functions.endCommandBuffer(handle), "vkEndCommandBuffer")
    barriers = encoder.barriers
    dispatches = encoder.entries.count - barriers - encoder.copies
    self.entries = encoder.entries
    self.pipelines = encoder.pipelines
    isExecutable = true
    core.counters.recordings.wrappingAdd(1, ordering: .relaxed)
  }
}

/// Records commands into a command buffer, while the closure that was given it runs.
public struct CommandEncoder: ~Copyable {
  private let core: DeviceCore
  private let buffer: VkCommandBuffer
  private(set) var entries: [CommandBuffer.Entry]
  /// The last is bound.
  private(set) var pipelines: [ComputePipeline]
  private(set) var copies = 0
  private(set) var barriers = 0

  init(
    _ core: DeviceCore, _ buffer: VkCommandBuffer, _ entries: consuming [CommandBuffer.Entry],
    _ pipelines: consuming [ComputePipeline]
  ) {
    self.core = core
    self.buffer = buffer
    self.entries = entries
    self.pipelines = pipelines
  }

  private mutating func prepare(_ pipeline: ComputePipeline, _ block: UInt64) {
    if pipelines.last !== pipeline {
      core.functions.cmdBindPipeline(buffer, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.handle)
      pipelines.append(pipeline)
    }
    var block = block
    core.functions.cmdPushConstants(
      buffer, pipeline.layout, VK_SHADER_STAGE_COMPUTE_BIT.rawValue, 0, 8, &block)
    entries.append(.dispatch)
  }

  /// Launches `groups` workgroups of a kernel with this argument block.
  public mutating func dispatch(
    _ pipeline: ComputePipeline, block: UInt64, groups: (x: UInt32, y: UInt32, z: UInt32)
  ) {
    prepare(pipeline, block)
    core.functions.cmdDispatch(buffer, groups.x, groups.y, groups.z)
  }

  /// Launches a kernel whose argument block lies at `offset` in `allocation` and begins with
  /// the number of workgroups, read when the command runs. The host must have written them
  /// before the submission: barriers do not order them.
  public mutating func dispatchIndirect(
    _ pipeline: ComputePipeline, block allocation: Allocation, offset: Int = 0
  ) {
    prepare(pipeline, allocation.address &+ UInt64(truncatingIfNeeded: offset))
    core.functions.cmdDispatchIndirect(
      buffer, allocation.buffer.handle,
      VkDeviceSize(truncatingIfNeeded: allocation.bufferOffset &+ offset))
  }

  /// Copies bytes between allocations.
  public mutating func copy(
    from source: Allocation, _ sourceOffset: Int, to target: Allocation, _ targetOffset: Int,
    bytes: Int
  ) {
    var region = VkBufferCopy(
      srcOffset: VkDeviceSize(truncatingIfNeeded: source.bufferOffset &+ sourceOffset),
      dstOffset: VkDeviceSize(truncatingIfNeeded: target.bufferOffset &+ targetOffset),
      size: VkDeviceSize(truncatingIfNeeded: bytes))
    core.functions.cmdCopyBuffer(buffer, source.buffer.handle, target.buffer.handle, 1, &region)
    entries.append(.dispatch)
    copies += 1
  }

  /// What follows sees what all before it has written, earlier submissions included.
  public mutating func barrier() {
    let work =
      VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_2_COPY_BIT
    barrier(
      from: work, VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT | VK_ACCESS_2_TRANSFER_WRITE_BIT,
      to: work,
      VK_ACCESS_2_SHADER_STORAGE_READ_BIT | VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT
        | VK_ACCESS_2_TRANSFER_READ_BIT | VK_ACCESS_2_TRANSFER_WRITE_BIT)
    entries.append(.barrier)
    barriers += 1
  }

  mutating func makeVisibleToHost() {
    barrier(
      from: VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_2_COPY_BIT,
      VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT | VK_ACCESS_2_TRANSFER_WRITE_BIT,
      to: VK_PIPELINE_STAGE_2_HOST_BIT, VK_ACCESS_2_HOST_READ_BIT | VK_ACCESS_2_HOST_WRITE_BIT)
  }

  private func barrier(
    from sourceStage: VkPipelineStageFlags2, _ sourceAccess: VkAccessFlags2,
    to targetStage: VkPipelineStageFlags2, _ targetAccess: VkAccessFlags2
  ) {
    var memory = VkMemoryBarrier2()
    memory.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER_2
    memory.srcStageMask = sourceStage
    memory.srcAccessMask = sourceAccess
    memory.dstStageMask = targetStage
    memory.dstAccessMask = targetAccess
    withUnsafePointer(to: &memory) { memory in
      var info = VkDependencyInfo()
      info.sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO
      info.memoryBarrierCount = 1
      info.pMemoryBarriers = memory
      core.functions.cmdPipelineBarrier2(buffer, &info)
    }
  }
}
