import SwoopCore

/// Each element of a line from those up to its place.
struct ScanPlan: KernelPlan {
  private let definitions: [String: String]
  private let sizes: LineSizes
  private let lanes: Int
  private let operand: [UInt32]
  let extents: [Int]
  let resultExtent: Int

  init(_ signature: Signature, _ target: KernelTarget) {
    let layout = signature.operands[0].layout
    let axis = signature.attributes.axes[0]
    sizes = LineSizes(layout.shape, axis: axis)
    lanes = scanLanes(length: sizes.length, target)
    operand = lineWords(layout, axis: axis)
    extents = [layout.extent]
    resultExtent = layout.shape.elementCount
    definitions = typeDefinitions(signature).merging([
      "SCAN_\(signature.operation.name)": "1"
    ]) { first, _ in first }.merging(Turns.definitions(2 * (sizes.length / lanes))) { first, _ in
      first
    }
  }

  func choice(for variant: Variant) -> KernelChoice {
    let invocations = sizes.lines * variant.entries * lanes
    let local = Swift.max(lanes, Work(invocations: invocations).local)
    return KernelChoice(
      file: "Scan.comp", definitions: definitions,
      constants: [UInt32(local), 1, 1, variant.modes[0].rawValue, UInt32(lanes)],
      words: words([sizes.lines, sizes.length, sizes.inner]) + operand,
      workgroups: (invocations + local - 1) / local)
  }
}

/// As `laneCount`, but an element takes two turns.
private func scanLanes(length: Int, _ target: KernelTarget) -> Int {
  if target.isSoftware { return length >= 1 << 20 ? 256 : length >= 1 << 13 ? 64 : 1 }
  return laneCount(length: length, target)
}
