import Swoop
import SwoopCheck

/// A small tensor program: steps that name earlier ones, the last of which is the result.
///
/// It is a value: it can be printed as text, run on any device by any path, and worked out in
/// double precision. Step 0 is the sample, what a coalescer is called with.
struct RandomProgram: Sendable {
  struct Step: Sendable {
    var kind: Kind
    /// Earlier steps.
    var operands: [Int] = []
    let shape: [Int]
    let type: ElementType
  }

  enum Kind: Sendable {
    case leaf(Leaf)
    /// A line of the operation table.
    case operation(TensorOperation, Reference.Options)
    case rearranged(Rearrangement)
    case composite(Composite, Reference.Options)
  }

  /// Where the elements of a leaf come from.
  enum Leaf: Sendable {
    /// Other elements with every sample.
    case sample(Numbers, seed: UInt64)
    /// The same tensor for all programs that name it; there are a few of each shape.
    case weight(Int)
    /// The program's own.
    case own(Numbers, seed: UInt64)
    /// One number, written beside a tensor.
    case number(Int)
  }

  /// What the elements of a leaf are like.
  enum Numbers: Sendable {
    /// -2 ... 2, or whole numbers in -9 ... 9.
    case near
    /// Few different ones, so that there are ties.
    case repeated
    /// Of all magnitudes, so that results overflow.
    case wide
    /// Indices of an axis of so many elements, some of which count from the back.
    case indices(Int)
  }

  var steps: [Step]

  var result: Step { steps[steps.count - 1] }

  /// The steps that the result needs.
  var reachable: Set<Int> {
    var found: Set<Int> = [steps.count - 1]
    for index in steps.indices.reversed() where found.contains(index) {
      found.formUnion(steps[index].operands)
    }
    return found
  }

  /// The same with one of its steps as the result, and without what that does not need.
  func pruned(to root: Int) -> RandomProgram {
    let prefix = RandomProgram(steps: Array(steps[...root]))
    let needed = prefix.reachable
    var places = [Int](repeating: 0, count: steps.count)
    var kept: [Step] = []
    for (index, step) in prefix.steps.enumerated() where index == 0 || needed.contains(index) {
      places[index] = kept.count
      var step = step
      step.operands = step.operands.map { places[$0] }
      kept.append(step)
    }
    // The sample stands first, also where it is the result of nothing else.
    return RandomProgram(steps: kept)
  }

  /// How many steps the result needs; by operations first, then by leaves.
  var size: (operations: Int, steps: Int) {
    let needed = reachable
    let operations = needed.count {
      if case .leaf = steps[$0].kind { false } else { true }
    }
    return (operations, needed.count)
  }

  /// Whether it holds such an operation.
  func contains(
    _ operation: TensorOperation, where condition: (Reference.Options) -> Bool = { _ in true }
  ) -> Bool {
    reachable.contains { index in
      guard case .operation(operation, let options) = steps[index].kind else { return false }
      return condition(options)
    }
  }
}
