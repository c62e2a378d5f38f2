import SwoopCore

/// Windows on planes, and their adjoint.
struct WindowPlan: KernelPlan {
  private let definitions: [String: String]
  private let channels: Int
  private let geometry: [UInt32]
  private let count: Int
  let extents: [Int]
  var resultExtent: Int { count }

  init(_ signature: Signature) {
    let isFold = signature.operation == .fold
    count = signature.result.shape.elementCount
    channels = isFold ? signature.result.shape[1] : signature.operands[0].layout.shape[1]
    // The fold has nothing outside.
    geometry = Array((signature.attributes.words + [0]).prefix(13))
    extents = [signature.operands[0].layout.shape.elementCount]
    definitions = typeDefinitions(signature).merging(isFold ? ["FOLD": "1"] : [:]) { first, _ in
      first
    }
  }

  func choice(for variant: Variant) -> KernelChoice {
    let perInvocation = Swift.max(1, Swift.min(8, count * variant.entries / 512))
    let lanes = Swift.max(1, (count + perInvocation - 1) / perInvocation)
    let invocations = lanes * variant.entries
    let local = invocations >= 64 ? 64 : 8
    return KernelChoice(
      file: "Window.comp", definitions: definitions,
      constants: [UInt32(local), 1, 1, variant.modes[0].rawValue, UInt32(perInvocation)],
      words: [UInt32(count), UInt32(lanes), UInt32(channels)] + geometry,
      workgroups: (invocations + local - 1) / local)
  }
}
