import Swoop
import SwoopCheck

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
    case .rearranged(.reshaped): return "\(names[0]).reshaped(\(list(step.shape)))"
    case .rearranged(let rearrangement):
      return "\(names.joined(separator: ", ")): \(rearrangement) to \(step.shape)"
    case .composite(let composite, let options):
      return "\(names[0]).\(composite)(\(arguments(names, options)))"
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
      return "\(names[0]).\(operation.name)(\(arguments(names, options)))"
    }
  }

  private func arguments(_ names: [String], _ options: Reference.Options) -> String {
    var arguments = names.dropFirst() + options.axes.map(String.init)
    if let axis = options.axis { arguments.append("axis: \(axis)") }
    if let type = options.type { arguments.append("as: .\(type)") }
    if !options.scalars.isEmpty { arguments.append("with \(options.scalars)") }
    if !options.words.isEmpty { arguments.append("of \(options.words)") }
    if options.isKeeping { arguments.append("keepingDimensions: true") }
    return arguments.joined(separator: ", ")
  }

  private func list(_ numbers: [Int]) -> String {
    numbers.isEmpty ? "[]" : numbers.map(String.init).joined(separator: ", ")
  }
}
