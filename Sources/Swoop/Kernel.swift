import SwoopCore
import VulkanBackend

/// A compute kernel of the user's own, as one more operation: it takes tensors, gives a tensor,
/// and runs on every path.
///
/// The source is GLSL. It includes `Common.glsl`, declares its workgroup by
/// `layout(local_size_x_id = 0) in;` and finds everything through `Block(blockAddress)`:
/// `operands[i]` and `result` with the addresses, `words[0]` the invocations asked for,
/// `words[1]` the workgroups of one call, `words[2...]` the caller's own. Invocations beyond
/// `words[0]` must do nothing. Written for one call, with `entryAddress` it serves a batch.
public struct Kernel: Sendable {
  /// What errors call it.
  public let name: String
  private let operation: TensorOperation
  private let backend: VulkanBackend

  fileprivate init(_ kernel: CustomKernel, _ backend: VulkanBackend) {
    name = kernel.name
    self.backend = backend
    operation = TensorOperation(kernel.name, .custom(kernel), .unknown) {
      operands, attributes, name throws(TensorError) in
      guard let shape = attributes.resultShape, let type = attributes.resultType else {
        throw TensorError(.invalidArgument, "\(name) was given no form of result")
      }
      guard (1...3).contains(operands.count) else {
        throw TensorError(
          .invalidArgument, "\(name) was given \(operands.count) operands; a kernel takes 1 to 3")
      }
      return TensorForm(shape, type)
    }
  }

  /// Runs the kernel.
  /// - Parameters:
  ///   - operands: one to three tensors on the kernel's device; views are copied to row-major.
  ///   - resultShape: the shape of the result; the kernel must write all of it.
  ///   - elementType: the result's element type.
  ///   - invocations: how many invocations; nil for one an element of the result.
  ///   - words: numbers for the kernel, from `words[2]` on.
  /// - Throws: `invalidArgument`, `invalidShape`, `deviceMismatch`.
  public func callAsFunction(
    _ operands: Tensor..., resultShape: Shape, elementType: ElementType = .float32,
    invocations: Int? = nil, words: [UInt32] = []
  ) throws(TensorError) -> Tensor {
    try resultShape.check()
    guard let first = operands.first else {
      throw TensorError(
        .invalidArgument, "\(name) was given no operands; a kernel takes 1 to 3")
    }
    guard first.device.backend === backend else {
      throw TensorError(
        .deviceMismatch,
        "\(name) is a kernel of \(backend.name) and was given a tensor on "
          + first.device.name)
    }
    let count = invocations ?? resultShape.elementCount
    guard count >= 0, count <= Int(UInt32.max) else {
      throw TensorError(
        .invalidArgument, "\(name) was given \(count) invocations; it takes 0 to \(UInt32.max)")
    }
    var attributes = Attributes()
    attributes.resultShape = resultShape
    attributes.resultType = elementType
    attributes.invocations = count
    attributes.words = words
    var dense: [Tensor] = []
    for operand in operands { dense.append(try operand.contiguous()) }
    return try Tensor.make(operation, dense, attributes)
  }
}

extension Device {
  /// Compiles a kernel of one's own for this device.
  /// - Parameters:
  ///   - source: GLSL, beginning with `#version 460`.
  ///   - name: what errors call it, and the file name in the compiler's messages.
  ///   - workgroup: invocations of a workgroup, 1 to 256.
  /// - Throws: `kernelCompilation` with the compiler's message, file and line; `unsupported` on
  ///   the CPU.
  public func kernel(
    source: String, name: String = "kernel.comp", workgroup: Int = 64
  ) throws(TensorError) -> Kernel {
    guard let backend = backend as? VulkanBackend else {
      throw TensorError(.unsupported, "\(self.name) runs no kernels in GLSL")
    }
    guard (1...256).contains(workgroup) else {
      throw TensorError(
        .invalidArgument, "\(name) was given a workgroup of \(workgroup); it takes 1 to 256")
    }
    let kernel = CustomKernel(name: name, source: source, workgroup: workgroup)
    try backend.check(kernel)
    return Kernel(kernel, backend)
  }

  /// What the device has been asked to do since the program began.
  public var counters: DeviceCounters {
    guard let backend = backend as? VulkanBackend else { return DeviceCounters() }
    let counters = backend.device.counters
    return DeviceCounters(
      submissions: counters.submissions, dispatches: counters.dispatches,
      barriers: counters.barriers, allocations: counters.allocations, bytes: counters.bytes,
      liveBytes: counters.liveBytes)
  }

}

/// What a device has been asked to do; all zero for the CPU.
public struct DeviceCounters: Sendable, Hashable {
  /// Hand-overs of recorded commands to the device.
  public var submissions = 0
  /// Kernel launches in them.
  public var dispatches = 0
  /// Barriers between dispatches, or before the first of a submission.
  public var barriers = 0
  /// Allocations of device memory from the driver.
  public var allocations = 0
  /// Bytes now allocated from the driver.
  public var bytes = 0
  /// Bytes now in use by tensors and by work in flight.
  public var liveBytes = 0

  /// What was asked for between two moments.
  public static func - (a: DeviceCounters, b: DeviceCounters) -> DeviceCounters {
    DeviceCounters(
      submissions: a.submissions - b.submissions, dispatches: a.dispatches - b.dispatches,
      barriers: a.barriers - b.barriers, allocations: a.allocations - b.allocations,
      bytes: a.bytes - b.bytes, liveBytes: a.liveBytes - b.liveBytes)
  }
}
