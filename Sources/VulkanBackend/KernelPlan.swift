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
  /// Addresses of an entry in the table of an operand that has one.
  var tableWidth = 1
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
  /// Whether there may be any number of operands, which the kernel finds in one table.
  var gathersOperands: Bool { get }

  /// What bad indices are reported as; nil for operations without indices.
  var indexTest: IndexTest? { get }

  func choice(for variant: Variant) -> KernelChoice
}

/// The indices that an operation tests.
struct IndexTest {
  let operation: String
  /// Of the axis.
  let size: Int
}

extension KernelPlan {
  var indexTest: IndexTest? { nil }
  var entriesPerOperation: Int { 1 }
  var entryOffsets: [[Int]] { extents.map { _ in [0] } }
  var gathersOperands: Bool { false }
}

extension ElementType {
  /// GLSL's names of the type that kernels compute in.
  var glsl: (element: String, quad: String) {
    isFloatingPoint ? ("float", "vec4") : ("int", "ivec4")
  }

  /// Encodings.glsl's name of how elements lie in memory.
  var encoding: String {
    switch self {
    case .float32: "FLOAT32"
    case .float16: "FLOAT16"
    case .bfloat16: "BFLOAT16"
    case .int32: "INT32"
    case .uint8: "UINT8"
    case .bool: "BOOL"
    }
  }
}

/// The macros that Access.glsl wants: how operands and result lie in memory, and what kernels
/// make of them. The first operand's are also ELEMENT and QUAD.
func typeDefinitions(_ signature: Signature) -> [String: String] {
  let operands = signature.operands.map(\.elementType)
  let types = signature.operation.computation.types(of: operands)
  let result = signature.result.elementType
  var definitions = [
    "RESULT_ELEMENT": result.glsl.element, "RESULT_QUAD": result.glsl.quad,
    "RESULT_ENCODING": result.encoding,
  ]
  for (index, type) in types.enumerated() {
    definitions["QUAD_\(index)"] = type.glsl.quad
    definitions["ENCODING_\(index)"] = operands[index].encoding
  }
  if let type = types.first {
    definitions["ELEMENT"] = type.glsl.element
    definitions["QUAD"] = type.glsl.quad
  }
  return definitions
}

/// What kernels are laid out for.
struct KernelTarget: Sendable {
  /// A driver that runs kernels on the processor: no barriers, few large invocations.
  let isSoftware: Bool
  /// SwiftShader takes seconds to compile what lavapipe takes milliseconds for.
  let compilesSlowly: Bool
  let hasFloat64: Bool
  /// Two elements a load, through `double`: up to 2.3 times as fast on lavapipe, which loads one
  /// component of one lane at a time.
  var loadsWide: Bool { isSoftware && hasFloat64 }
}

/// Makes the plan of a signature.
func makePlan(_ signature: Signature, _ target: KernelTarget) throws(TensorError) -> any KernelPlan
{
  switch signature.operation.family {
  case .elementwise: ElementwisePlan(signature, target)
  case .reduction: ReductionPlan(signature, target)
  case .scan: ScanPlan(signature, target)
  case .gather: GatherPlan(signature)
  case .scatter: ScatterPlan(signature)
  case .sortedRuns: SortPlan(signature)
  case .mergedRuns: MergePlan(signature)
  case .search: SearchPlan(signature)
  case .rowwise: RowwisePlan(signature, target)
  case .window: WindowPlan(signature)
  case .product: ProductPlan(signature, target)
  case .joining: JoinPlan(signature, target)
  case .placing: PlacePlan(signature, target)
  case .random: RandomPlan(signature, target)
  case .unview: UnviewPlan(signature)
  case .custom(let kernel): CustomPlan(signature, kernel)
  }
}
