import SwoopCore

/// Windows on planes, and their adjoint.
struct WindowPlan: KernelPlan {
  private let definitions: [String: String]
  private let channels: Int
  private let geometry: [UInt32]
  private let count: Int
  /// Results that an invocation may have in all.
  private let most: Int
  let extents: [Int]
  var resultExtent: Int { count }

  init(_ signature: Signature) {
    let isFold = signature.operation == .fold
    count = signature.result.shape.elementCount
    channels = isFold ? signature.result.shape[1] : signature.operands[0].layout.shape[1]
    // The fold has nothing outside.
    geometry = Array((signature.attributes.words + [0]).prefix(13))
    most = isFold ? WindowPlan.most(geometry.map { Int($0) }) : 8
    extents = [signature.operands[0].layout.shape.elementCount]
    definitions = typeDefinitions(signature).merging(isFold ? ["FOLD": "1"] : [:]) { first, _ in
      first
    }
  }

  /// A result of the fold goes through the windows that it may be in, no more along an axis than
  /// there are, or than a kernel has places; their product squared is no more than the operand has
  /// elements, so for one result the turns are never too many.
  private static func most(_ geometry: [Int]) -> Int {
    let rows = Swift.min(geometry[2], geometry[4])
    let columns = Swift.min(geometry[3], geometry[5])
    return Swift.max(1, Swift.min(8, Turns.limit / (rows * (columns + 2) + 2)))
  }

  func choice(for variant: Variant) -> KernelChoice {
    let perInvocation = Swift.max(1, Swift.min(most, count * variant.entries / 512))
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
