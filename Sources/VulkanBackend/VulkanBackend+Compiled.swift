import Kernels
import ShaderCompiler
import SwoopCore

/// A kernel as the back end launches it for one operation: for programs that measure what
/// remains without tensors.
package struct CompiledKernel: Sendable {
  package let spirv: [UInt32]
  package let constants: [UInt32]
  package let words: [UInt32]
  package let grid: Grid
  /// Bytes of its argument block.
  package let blockBytes: Int
  /// Elements that each operand and the result span.
  package let extents: [Int]
  package let resultExtent: Int
}

extension VulkanBackend {
  /// The kernel of an operation on row-major float32 operands of these shapes.
  package func compiled(
    _ operation: TensorOperation, _ shapes: [Shape], _ attributes: Attributes = Attributes()
  ) throws -> CompiledKernel {
    let forms = shapes.map { TensorForm($0, .float32) }
    let signature = Signature(
      operation: operation, attributes: attributes,
      operands: shapes.map { OperandForm(layout: Layout($0), elementType: .float32) },
      result: try operation.infer(forms, attributes, operation.name))
    let plan = try plans.plan(for: InternedSignature(signature)).plan
    let choice = plan.choice(
      for: Variant(
        modes: shapes.map { _ in .shared }, aligned: shapes.map { _ in true }, entries: 1))
    return CompiledKernel(
      spirv: try plans.spirv(of: choice), constants: choice.constants,
      words: choice.words, grid: Grid(workgroups: choice.workgroups),
      blockBytes: ArgumentBlock.byteCount(words: choice.words.count, tableEntries: 0),
      extents: plan.extents, resultExtent: plan.resultExtent)
  }
}

extension VulkanBackend {
  /// Compiles a user's kernel and holds it against the contract and the device's limits, to find its
  /// errors before anything runs: a driver would not report them but crash.
  package func check(_ kernel: CustomKernel) throws(TensorError) {
    let constants = CustomPlan.constants(kernel, modes: [.shared, .shared, .shared])
    let choice = KernelChoice(
      file: kernel.name, constants: constants, words: [], workgroups: 0, source: kernel.source)
    let spirv: [UInt32]
    do {
      spirv = try plans.spirv(of: choice)
    } catch {
      throw TensorError(.kernelCompilation, error.description)
    }
    try plans.check(choice, spirv)
  }
}
