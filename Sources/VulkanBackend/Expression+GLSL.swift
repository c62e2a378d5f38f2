import SwoopCore

extension Expression {
  /// The functions of the kernels' files that it calls.
  var functions: [String] { steps.map { "op_\($0.operation.name)" } }

  /// A function of this name in GLSL, in one line. What one step gives the next goes by way of its
  /// bits: the optimiser of SPIR-V makes one multiply-add of a product and a sum that it sees meet.
  func glsl(_ name: String) -> String {
    let operands = ["x", "y", "z"]
    let parameters = (0..<arity).map { "vec4 \(operands[$0])" }.joined(separator: ", ")
    let lines = steps.indices.map { index in
      let arguments = steps[index].arguments.map { argument in
        switch argument {
        case .operand(let place): operands[place]
        case .step(let step): "s\(step)"
        }
      }
      let call = "\(functions[index])(\(arguments.joined(separator: ", ")))"
      let isLast = index == steps.count - 1
      return "vec4 s\(index) = \(isLast ? call : "uintBitsToFloat(floatBitsToUint(\(call)))");"
    }
    return "vec4 \(name)(\(parameters)) { \(lines.joined(separator: " ")) "
      + "return s\(steps.count - 1); }"
  }
}
