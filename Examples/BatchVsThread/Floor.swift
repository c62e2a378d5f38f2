import Glibc
import Swoop
import SwoopCore
import VulkanBackend
import VulkanCompute

/// The same loop written against Vulkan alone: no tensors, no graph, no scheduler. The kernels
/// are the same, compiled before; each thread has its own command buffers, recorded once.
struct Floor {
  private let backend: VulkanBackend
  private let layers: [Layer]
  private let inputs: [[Allocation]]

  fileprivate struct Layer {
    let kernel: CompiledKernel
    let pipeline: ComputePipeline
    /// Weight and bias.
    let constants: [Allocation]
  }

  struct NoVulkan: Error, CustomStringConvertible {
    let description = "the floor is a Vulkan loop, and the device is none"
  }

  init(_ model: Model) throws {
    guard let backend = model.device.backend as? VulkanBackend else { throw NoVulkan() }
    self.backend = backend
    let workload = model.workload
    func upload(_ elements: [Float]) throws -> Allocation {
      let allocation = try backend.device.memory.allocate(elements.count * 4, .upload)
      elements.withUnsafeBytes { bytes in
        if let target = allocation.contents, let source = bytes.baseAddress {
          memcpy(target, source, bytes.count)
        }
      }
      return allocation
    }
    func layer(
      _ operation: TensorOperation, _ shapes: [Shape], _ attributes: Attributes,
      _ constants: [Allocation]
    ) throws -> Layer {
      let kernel = try backend.compiled(operation, shapes, attributes)
      return Layer(
        kernel: kernel,
        pipeline: try ComputePipeline(
          backend.device, spirv: kernel.spirv, constants: kernel.constants),
        constants: constants)
    }
    if workload.layers.isEmpty {
      let shape = try Shape([workload.width])
      layers = [try layer(.add, [shape, shape], Attributes(), [])]
    } else {
      layers = try workload.layers.map { one in
        var attributes = Attributes()
        attributes.activation = one.activation
        return try layer(
          .linear, [Shape([one.rows]), Shape([one.rows, one.columns]), Shape([one.columns])],
          attributes, [upload(one.weight), upload(one.bias)])
      }
    }
    inputs = try (0..<workload.sampleCount).map { index in
      try workload.inputs.map { try upload($0[index]) }
    }
  }

  /// A thread's own loop.
  func loop() throws -> Loop { try Loop(backend.device, layers, inputs) }

  /// What one thread needs: for each layer a command buffer, its block and its result.
  final class Loop: SubmittedWork, @unchecked Sendable {
    private let device: VulkanDevice
    // The recorded commands use their pipelines, weights and biases.
    private let layers: [Layer]
    private let inputs: [[Allocation]]
    private var commands: [CommandBuffer] = []
    private var blocks: [Allocation] = []
    private var results: [Allocation] = []
    private let resultCount: Int

    fileprivate init(
      _ device: VulkanDevice, _ layers: [Layer], _ inputs: [[Allocation]]
    ) throws {
      self.device = device
      self.layers = layers
      self.inputs = inputs
      resultCount = layers.last?.kernel.resultExtent ?? 0
      for (index, layer) in layers.enumerated() {
        let kernel = layer.kernel
        let isLast = index == layers.count - 1
        let result = try device.memory.allocate(
          kernel.resultExtent * 4, isLast ? .readback : .device)
        let block = try device.memory.allocate(kernel.blockBytes, .upload)
        let buffer = try CommandBuffer(device)
        try buffer.record { encoder in
          if index > 0 { encoder.barrier() }
          encoder.dispatchIndirect(layer.pipeline, block: block)
        }
        if let contents = block.contents {
          ArgumentBlock.writeHeader(to: contents, grid: kernel.grid, batch: 1, report: 0)
          ArgumentBlock.writeWords(kernel.words, to: contents)
          ArgumentBlock.Operand(
            address: result.address, stride: 0, extent: UInt32(kernel.resultExtent)
          ).write(to: contents, at: ArgumentBlock.resultOffset)
          let operands = (index > 0 ? [results[index - 1]] : inputs[0]) + layer.constants
          for (position, operand) in operands.enumerated() {
            ArgumentBlock.Operand(
              address: operand.address, stride: 0, extent: UInt32(kernel.extents[position])
            ).write(to: contents, at: ArgumentBlock.operandsOffset + position * 16)
          }
        }
        results.append(result)
        blocks.append(block)
        commands.append(buffer)
      }
    }

    func retire() {}

    /// One sample: new input addresses, one submission a layer, one wait.
    func run(_ iteration: Int) throws {
      if let contents = blocks[0].contents {
        for (position, operand) in inputs[iteration % inputs.count].enumerated() {
          contents.storeBytes(
            of: operand.address, toByteOffset: ArgumentBlock.operandsOffset + position * 16,
            as: UInt64.self)
        }
      }
      var last: UInt64 = 0
      for (layer, buffer) in commands.enumerated() {
        last = try device.queue.submit(
          buffer, retaining: self, accesses: [access(layer, iteration)])
      }
      try device.queue.wait(for: last)
    }

    /// Checked mode: what a layer touches.
    private func access(_ layer: Int, _ iteration: Int) -> MemoryAccess {
      func range(_ allocation: Allocation) -> Range<UInt64> {
        allocation.address..<allocation.address + UInt64(allocation.byteCount)
      }
      let reads = layer > 0 ? [results[layer - 1]] : inputs[iteration % inputs.count]
      return MemoryAccess(reads: reads.map(range), writes: [range(results[layer])])
    }

    /// The result of the last sample.
    var result: [Float] {
      guard let last = results.last, let contents = last.contents else { return [] }
      return Array(
        UnsafeBufferPointer(
          start: contents.assumingMemoryBound(to: Float.self), count: resultCount))
    }
  }
}
