import RealModule
import SwoopCore

extension CPUBackend {
  /// Operations along the last axis of a row-major operand.
  static let rowwiseKernels: [TensorOperation: Kernel] = [
    .softmax: softmax, .logSoftmax: logSoftmax, .normalize: normalize,
  ]

  /// Calls `body` with each row of the operand and of the result.
  private static func forEachRow(
    _ call: KernelCall,
    _ body: (_ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ length: Int) -> Void
  ) {
    let shape = call.form.shape
    let length = shape.last ?? 1
    guard shape.elementCount > 0 else { return }
    let operand = call.operands[0].elements(as: Float.self)
    let result = call.result(as: Float.self)
    for start in stride(from: 0, to: shape.elementCount, by: length) {
      body(operand + start, result + start, length)
    }
  }

  /// x - max - log Σ exp(x - max).
  private static let logSoftmax: Kernel = { call in
    forEachRow(call) { x, y, length in
      let largest = largest(x, length)
      for index in 0..<length { y[index] = .exp(x[index] - largest) }
      let logarithm = Float.log(sum(y, length))
      for index in 0..<length { y[index] = x[index] - largest - logarithm }
    }
  }

  /// (x - mean) / √(variance + ε), in two passes.
  private static let normalize: Kernel = { call in
    let words = call.attributes.words
    let isCentred = words.count > 1 && words[1] != 0
    let epsilon = Float(bitPattern: words.first ?? 0)
    forEachRow(call) { x, y, length in
      let mean = isCentred ? sum(x, length) / Float(length) : 0
      for index in 0..<length { y[index] = (x[index] - mean) * (x[index] - mean) }
      let divisor = (sum(y, length) / Float(length) + epsilon).squareRoot()
      for index in 0..<length { y[index] = (x[index] - mean) / divisor }
    }
  }

  /// exp(x - max) / Σ exp(x - max). The sum goes through 16 partial sums, as in `sum`.
  private static let softmax: Kernel = { call in
    forEachRow(call) { x, y, length in
      let largest = largest(x, length)
      for index in 0..<length { y[index] = .exp(x[index] - largest) }
      let sum = sum(y, length)
      for index in 0..<length { y[index] /= sum }
    }
  }

  /// NaN if there is one.
  private static func largest(_ x: UnsafePointer<Float>, _ length: Int) -> Float {
    var largest = -Float.infinity
    for index in 0..<length where x[index].exceeds(largest) { largest = x[index] }
    return largest
  }

  private static func sum(_ y: UnsafePointer<Float>, _ length: Int) -> Float {
    var partials = SIMD16<Float>(repeating: 0)
    let whole = length / 16 * 16
    for index in stride(from: 0, to: whole, by: 16) {
      partials += UnsafeRawPointer(y + index).loadUnaligned(as: SIMD16<Float>.self)
    }
    for index in whole..<length { partials[index - whole] += y[index] }
    let eight = partials.lowHalf + partials.highHalf
    let four = eight.lowHalf + eight.highHalf
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
  }
}
