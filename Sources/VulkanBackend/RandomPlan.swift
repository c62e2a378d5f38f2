import SwoopCore

/// Random numbers: a key and parameters, for each quad of the result.
struct RandomPlan: KernelPlan {
  private let definitions: [String: String]
  private let count: Int
  let extents: [Int]
  var resultExtent: Int { count }

  init(_ signature: Signature, _ target: KernelTarget) {
    count = signature.result.shape.elementCount
    extents = signature.operands.map { $0.layout.shape.elementCount }
    definitions = typeDefinitions(signature).merging([
      "FUNCTION": "op_\(signature.operation.name)"
    ]) { first, _ in first }
  }

  func choice(for variant: Variant) -> KernelChoice {
    let share = QuadShare(elements: count, entries: variant.entries)
    let modes = variant.modes + Array(repeating: .shared, count: 3 - variant.modes.count)
    return KernelChoice(
      file: "Random.comp", definitions: definitions,
      constants: [UInt32(share.local), 1, 1] + modes.map(\.rawValue) + [
        UInt32(share.perInvocation)
      ], words: [UInt32(count), UInt32(share.lanes)], workgroups: share.workgroups)
  }
}
