import Swoop
import SwoopCheck

extension RandomProgram {
  /// What the program must give for these data.
  func expected(_ data: ProgramData) -> Bounded {
    var results: [Int: Bounded] = [:]
    for index in reachable.sorted() {
      let step = steps[index]
      let operands = step.operands.compactMap { results[$0] }
      let result: Bounded
      switch step.kind {
      case .leaf(let leaf):
        let values = data.elements(of: leaf, step.shape, step.type).values
        result = Bounded(exact: Exact(shape: step.shape, values: values, type: step.type))
      case .operation(let operation, let options):
        result = .apply(operation, operands, options, as: step.type)
      case .rearranged(let rearrangement):
        result = .rearranged(operands, rearrangement, to: step.shape)
      case .composite(let composite, let options):
        result = .composed(composite, operands, options, as: step.type)
      }
      results[index] = result
    }
    return results[steps.count - 1] ?? Bounded(exact: Exact(shape: [], values: [], type: .float32))
  }
}
