import SwoopCore

/// How a kernel finds an operand for each entry of a dispatch; the values are Common.glsl's.
enum OperandMode: UInt32, Hashable {
  case shared, strided, table
}

/// What a group's operands turned out to be, as far as the kernel depends on it.
struct Variant: Hashable {
  var modes: [OperandMode]
  /// Whether every address of the operand is a multiple of 16.
  var aligned: [Bool]
  var entries: Int
}

/// A kernel with everything that is fixed for one variant of a signature.
struct KernelChoice {
  var file: String
  var definitions: [String: String] = [:]
  /// Specialisation constants from 0: the size of the workgroup in three, then the kernel's.
  var constants: [UInt32]
  var words: [UInt32]
  var workgroups: Int
  /// The text of a user's kernel; nil for one of ours.
  var source: String?
}

/// What is fixed for all operations of one signature.
protocol KernelPlan: Sendable {
  /// Entries of one operation: the products of a batched matmul, 1 for everything else.
  var entriesPerOperation: Int { get }
  /// Elements from the operand's first to the first of each of the operation's entries, for
  /// every operand.
  var entryOffsets: [[Int]] { get }
  /// Elements an entry touches, counted from its first, for every operand.
  var extents: [Int] { get }
  /// Elements of the result of one entry.
  var resultExtent: Int { get }

  func choice(for variant: Variant) -> KernelChoice
}

extension KernelPlan {
  var entriesPerOperation: Int { 1 }
  var entryOffsets: [[Int]] { extents.map { _ in [0] } }
}

/// GLSL's names of an element type.
extension ElementType {
  var glsl: (element: String, quad: String) {
    switch self {
    case .float32: ("float", "vec4")
    case .int32: ("int", "ivec4")
    }
  }
}

/// The macros that Access.glsl wants.
func typeDefinitions(_ operand: ElementType, _ result: ElementType) -> [String: String] {
  [
    "ELEMENT": operand.glsl.element, "QUAD": operand.glsl.quad,
    "RESULT_ELEMENT": result.glsl.element, "RESULT_QUAD": result.glsl.quad,
  ]
}

/// What kernels are laid out for.
struct KernelTarget: Sendable {
  /// A driver that runs kernels on the processor: no barriers, few large invocations.
  let isSoftware: Bool
  /// SwiftShader takes seconds to compile what lavapipe takes milliseconds for.
  let compilesSlowly: Bool
  let hasFloat64: Bool
}

/// Makes the plan of a signature.
func makePlan(_ signature: Signature, _ target: KernelTarget) throws(TensorError) -> any KernelPlan
{
  switch signature.operation.family {
  case .elementwise: ElementwisePlan(signature, target)
  case .reduction: ReductionPlan(signature, target)
  case .rowwise: SoftmaxPlan(signature, target)
  case .product: ProductPlan(signature, target)
  case .custom(let kernel): CustomPlan(signature, kernel)
  }
}
