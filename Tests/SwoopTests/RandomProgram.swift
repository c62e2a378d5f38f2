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
    case transposed([Int])
    case reshaped
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
  enum Numbers: String, Sendable {
    /// float32 in -2 ... 2, or int32 in -9 ... 9.
    case near
    /// Few different ones, so that there are ties.
    case repeated
    /// Of all magnitudes, so that results overflow.
    case wide
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

// MARK: Text

extension RandomProgram: CustomStringConvertible {
  var description: String {
    let needed = reachable
    let lines = steps.indices.filter { needed.contains($0) }.map { index in
      "let \(name(index)) = \(text(steps[index]))  // \(steps[index].shape) \(steps[index].type)"
    }
    return lines.joined(separator: "\n")
  }

  private func name(_ index: Int) -> String { index == 0 ? "x" : "t\(index)" }

  private func text(_ step: Step) -> String {
    let names = step.operands.map(name)
    switch step.kind {
    case .leaf(.sample(let numbers, let seed)): return "sample(.\(numbers), seed: \(seed))"
    case .leaf(.own(let numbers, let seed)): return "own(.\(numbers), seed: \(seed))"
    case .leaf(.weight(let number)): return "weight(\(number))"
    case .leaf(.number(let value)): return "\(value)"
    case .transposed(let axes): return "\(names[0]).transposed(\(list(axes)))"
    case .reshaped: return "\(names[0]).reshaped(\(list(step.shape)))"
    case .operation(let operation, let options): return text(operation, options, names)
    }
  }

  private func text(
    _ operation: TensorOperation, _ options: Reference.Options, _ names: [String]
  ) -> String {
    switch operation {
    case .add: return "\(names[0]) + \(names[1])"
    case .subtract: return "\(names[0]) - \(names[1])"
    case .multiply: return "\(names[0]) * \(names[1])"
    case .divide: return "\(names[0]) / \(names[1])"
    case .negate: return "-\(names[0])"
    case .cast: return "\(names[0]).cast(to: .\(options.type ?? .float32))"
    case .linear:
      let bias = names.count > 2 ? ", bias: \(names[2])" : ""
      return "\(names[0]).linear(\(names[1])\(bias), activation: .\(options.activation))"
    default:
      var arguments = names.dropFirst() + options.axes.map(String.init)
      if options.isKeeping { arguments.append("keepingDimensions: true") }
      return "\(names[0]).\(operation.name)(\(arguments.joined(separator: ", ")))"
    }
  }

  private func list(_ numbers: [Int]) -> String {
    numbers.isEmpty ? "[]" : numbers.map(String.init).joined(separator: ", ")
  }
}
