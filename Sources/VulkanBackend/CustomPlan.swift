import SwoopCore

/// A user's kernel: operands row-major, the user's words behind the block's header.
struct CustomPlan: KernelPlan {
  private let kernel: CustomKernel
  private let words: [UInt32]
  private let invocations: Int
  let extents: [Int]
  let resultExtent: Int

  init(_ signature: Signature, _ kernel: CustomKernel) {
    self.kernel = kernel
    words = signature.attributes.words
    invocations = signature.attributes.invocations
    extents = signature.operands.map { $0.layout.shape.elementCount }
    resultExtent = signature.result.shape.elementCount
  }

  func choice(for variant: Variant) -> KernelChoice {
    // The kernel's own invocations, once for each entry.
    let groups = (Swift.max(invocations, 1) + kernel.workgroup - 1) / kernel.workgroup
    let modes = variant.modes + Array(repeating: .shared, count: 3 - variant.modes.count)
    return KernelChoice(
      file: kernel.name,
      constants: CustomPlan.constants(kernel, modes: modes),
      words: [UInt32(truncatingIfNeeded: invocations), UInt32(groups)] + words,
      workgroups: groups * variant.entries, source: kernel.source)
  }

  /// The size of the workgroup, then how the operands are found.
  static func constants(_ kernel: CustomKernel, modes: [OperandMode]) -> [UInt32] {
    [UInt32(kernel.workgroup), 1, 1] + modes.map(\.rawValue)
  }
}
