import Kernels
import SwoopCore

/// One to three operands, element by element.
struct ElementwisePlan: KernelPlan {
  private let function: String
  private let definitions: [String: String]
  private let count: Int
  private let operands: [Operand]
  private let sizes: [Int]
  private let isSoftware: Bool
  let extents: [Int]
  var resultExtent: Int { count }

  private struct Operand: Sendable {
    /// How the elements lie; the values are Elementwise.comp's.
    enum Form: UInt32 { case dense, single, general, rows, spread }
    var form: Form
    var origin: Int
    var strides: [Int]
  }

  init(_ signature: Signature, _ target: KernelTarget) {
    let type = signature.result.elementType
    let isCast = signature.operation == .cast
    // GLSL cannot choose a function by what it returns.
    let expression = signature.operation.expression
    function =
      expression == nil
      ? "op_\(signature.operation.name)"
        + (isCast ? type.isFloatingPoint ? "_float" : "_\(type)" : "") : "fused"
    isSoftware = target.isSoftware
    count = signature.result.shape.elementCount
    let shape = signature.result.shape
    let layouts = signature.operands.map { $0.layout.broadcast(to: shape) }
    (sizes, operands) = ElementwisePlan.collapse(shape, layouts)
    extents = signature.operands.map(\.layout.extent)
    var definitions = typeDefinitions(signature)
    definitions["FUNCTION"] = function
    definitions["ARITY"] = "\(signature.operands.count)"
    if let expression { definitions["EXPRESSION"] = expression.glsl(function) }
    for function in expression?.functions ?? [function] {
      if let macro = KernelSource.inclusion(of: function) { definitions[macro] = "1" }
    }
    self.definitions = definitions
  }

  /// Joins neighbouring axes that every operand steps through alike.
  private static func collapse(_ shape: Shape, _ layouts: [Layout]) -> ([Int], [Operand]) {
    var sizes: [Int] = []
    var strides = layouts.map { _ in [Int]() }
    for axis in 0..<shape.rank where shape[axis] != 1 {
      let joins =
        !sizes.isEmpty
        && layouts.indices.allSatisfy {
          strides[$0][sizes.count - 1] == layouts[$0].strides[axis] * shape[axis]
        }
      if joins {
        sizes[sizes.count - 1] *= shape[axis]
        for index in layouts.indices {
          strides[index][sizes.count - 1] = layouts[index].strides[axis]
        }
      } else {
        sizes.append(shape[axis])
        for index in layouts.indices { strides[index].append(layouts[index].strides[axis]) }
      }
    }
    let operands = layouts.indices.map { index in
      Operand(
        form: form(layouts[index], sizes, strides[index]), origin: layouts[index].origin,
        strides: strides[index])
    }
    return (sizes, operands)
  }

  private static func form(_ layout: Layout, _ sizes: [Int], _ strides: [Int]) -> Operand.Form {
    if strides.allSatisfy({ $0 == 0 }), layout.shape.elementCount > 1 { return .single }
    if strides.isEmpty || layout.isContiguous { return .dense }
    // Rows of whole quads: a bias for each column, a factor for each row, a part of the columns.
    guard sizes.count == 2, sizes[1] % 4 == 0, strides[0] >= 0 else { return .general }
    switch strides[1] {
    case 0: return .spread
    case 1 where strides[0] % 4 == 0: return .rows
    default: return .general
    }
  }

  func choice(for variant: Variant) -> KernelChoice {
    let share = QuadShare(elements: count, entries: variant.entries)
    let access = operands.indices.map { index -> UInt32 in
      let form = operands[index].form
      let needsQuads = form == .dense || form == .rows
      return (needsQuads && !variant.aligned[index] ? .general : form).rawValue
    }
    var words = [UInt32(count), UInt32(share.lanes), UInt32(sizes.count)]
    words += padded(sizes)
    for operand in operands {
      words.append(UInt32(truncatingIfNeeded: operand.origin))
      words += padded(operand.strides)
    }
    func three(_ values: [UInt32]) -> [UInt32] {
      values + Array(repeating: 0, count: 3 - values.count)
    }
    return KernelChoice(
      file: "Elementwise.comp", definitions: definitions,
      constants: [UInt32(share.local), 1, 1] + three(variant.modes.map(\.rawValue)) + three(access)
        + [UInt32(share.perInvocation), isSoftware ? 1 : 0],
      words: words, workgroups: share.workgroups)
  }
}

/// Eight words of an axis list.
func padded(_ values: [Int]) -> [UInt32] {
  values.map { UInt32(truncatingIfNeeded: $0) } + Array(repeating: 0, count: 8 - values.count)
}
