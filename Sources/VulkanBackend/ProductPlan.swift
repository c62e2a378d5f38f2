import SwoopCore

/// A matrix product: matmul and linear.
struct ProductPlan: KernelPlan {
  private let target: MatmulPlan.Target
  private let type: ElementType
  private let rows: Int
  private let columns: Int
  private let depth: Int
  private let aRow: Int
  private let aK: Int
  private let bK: Int
  private let bN: Int
  private let hasBias: Bool
  private let activation: Activation
  let entryOffsets: [[Int]]
  let extents: [Int]
  var entriesPerOperation: Int { entryOffsets[0].count }
  var resultExtent: Int { rows * columns }

  init(_ signature: Signature, _ target: KernelTarget) {
    let a = signature.operands[0].layout
    let b = signature.operands[1].layout
    self.target =
      target.isSoftware
      ? .cpuDriver(smallTiles: target.compilesSlowly) : .gpu
    type = signature.result.elementType
    hasBias = signature.operands.count > 2
    activation = signature.attributes.activation

    depth = a.shape[a.shape.rank - 1]
    columns = b.shape.rank > 1 ? b.shape[b.shape.rank - 1] : 1
    bK = b.strides[Swift.max(b.shape.rank - 2, 0)]
    bN = b.shape.rank > 1 ? b.strides[b.shape.rank - 1] : 1
    aK = a.strides[a.shape.rank - 1]
    aRow = a.shape.rank > 1 ? a.strides[a.shape.rank - 2] : depth
    let ownRows = a.shape.rank > 1 ? a.shape[a.shape.rank - 2] : 1

    if b.shape.rank <= 2, a.isContiguous {
      // All rows meet the same right operand: one tall matrix.
      rows =
        depth == 0
        ? signature.result.shape.elementCount / Swift.max(columns, 1)
        : a.shape.elementCount / depth
      entryOffsets = signature.operands.map { _ in [0] }
    } else {
      rows = ownRows
      let leading = Shape(
        unchecked: signature.result.shape.dropLast(
          Swift.min(a.shape.rank - 1, 1) + Swift.min(b.shape.rank - 1, 1)))
      var offsets = [
        ProductPlan.offsets(a, leading), ProductPlan.offsets(b, leading),
      ]
      if hasBias { offsets.append(Array(repeating: 0, count: leading.elementCount)) }
      entryOffsets = offsets
    }
    extents = [
      ProductPlan.extent(rows, aRow, depth, aK), ProductPlan.extent(depth, bK, columns, bN),
      columns,
    ]
  }

  private static func extent(_ m: Int, _ mStep: Int, _ n: Int, _ nStep: Int) -> Int {
    m == 0 || n == 0 ? 0 : (m - 1) * mStep + (n - 1) * nStep + 1
  }

  /// Where each of the products begins in an operand whose leading axes broadcast.
  private static func offsets(_ layout: Layout, _ leading: Shape) -> [Int] {
    let own = Shape(unchecked: layout.shape.dropLast(2))
    let stretched = Layout(shape: own, strides: layout.strides, offset: 0).broadcast(to: leading)
    return (0..<leading.elementCount).map { entry in
      var rest = entry
      var offset = 0
      for axis in stride(from: leading.rank - 1, through: 0, by: -1) {
        offset += rest % leading[axis] * stretched.strides[axis]
        rest /= leading[axis]
      }
      return offset
    }
  }

  func choice(for variant: Variant) -> KernelChoice {
    let vectorLeft = aK == 1 && aRow % 4 == 0 && depth % 4 == 0 && depth > 0 && variant.aligned[0]
    let vectorRight =
      bN == 1 && bK % 4 == 0 && columns % 4 == 0 && columns > 0 && variant.aligned[1]
      && (!hasBias || variant.aligned[2])
    let isGathering = variant.modes[1] == .shared && (!hasBias || variant.modes[2] == .shared)
    let plan = MatmulPlan(
      rows: rows, columns: columns, depth: depth, entries: variant.entries,
      sharedRight: isGathering, vectorLeft: vectorLeft, vectorRight: vectorRight, target: target)
    let local = plan.localSize
    let names = type.glsl
    return KernelChoice(
      file: plan.file,
      definitions: plan.definitions.merging([
        "ELEMENT": names.element, "VECTOR4": names.quad,
      ]) { first, _ in first },
      constants: [
        UInt32(local.x), UInt32(local.y), UInt32(local.z), variant.modes[0].rawValue,
        variant.modes[1].rawValue, hasBias ? variant.modes[2].rawValue : 0, hasBias ? 1 : 0,
        activation.rawValue, vectorLeft ? 1 : 0, vectorRight ? 1 : 0,
      ] + plan.constants,
      words: [rows, columns, depth, aRow, aK, bK, bN].map { UInt32(truncatingIfNeeded: $0) }
        + plan.words,
      workgroups: plan.workgroups)
  }
}
