import RealModule
import SwoopCore

extension CPUBackend {
  /// Operations along the last axis of a row-major operand.
  static let rowwiseKernels: [TensorOperation: Kernel] = [.softmax: softmax]

  /// exp(x - max) / Σ exp(x - max). The sum goes through 16 partial sums, as in `sum`.
  private static let softmax: Kernel = { call throws(TensorError) in
    let shape = call.form.shape
    let length = shape.last ?? 1
    guard shape.elementCount > 0 else { return }
    let operand = call.operands[0].elements(as: Float.self)
    let result = call.result(as: Float.self)
    for start in stride(from: 0, to: shape.elementCount, by: length) {
      softmaxRow(operand + start, result + start, length)
    }
  }

  private static func softmaxRow(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ length: Int
  ) {
    var largest = -Float.infinity
    for index in 0..<length where x[index].exceeds(largest) { largest = x[index] }
    for index in 0..<length { y[index] = .exp(x[index] - largest) }
    let sum = sum(y, length)
    for index in 0..<length { y[index] /= sum }
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
