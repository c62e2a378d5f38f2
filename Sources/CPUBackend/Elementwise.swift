import RealModule
import SwoopCore

extension CPUBackend {
  /// Operations of each element by itself. Integer arithmetic wraps around.
  static let elementwiseKernels: [TensorOperation: Kernel] = {
    var table: [TensorOperation: Kernel] = [:]
    addArithmetic(to: &table)
    addComparisons(to: &table)
    addFunctions(to: &table)
    addMathematics(to: &table)
    table[.cast] = cast
    table[.copy] = { unary($0, { $0 }, { $0 }) }
    return table
  }()

  private static func addArithmetic(to table: inout [TensorOperation: Kernel]) {
    table[.add] = { binary($0, { $0 + $1 }, { $0 &+ $1 }) }
    table[.subtract] = { binary($0, { $0 - $1 }, { $0 &- $1 }) }
    table[.multiply] = { binary($0, { $0 * $1 }, { $0 &* $1 }) }
    table[.divide] = { call in
      zipRows(
        call.form.shape, call.operands[0], call.operands[1], call.result(as: Float.self)
      ) { (a: Float, b: Float) in a / b }
    }
    table[.negate] = { unary($0, { -$0 }, { 0 &- $0 }) }
    table[.abs] = { unary($0, { $0.magnitude }, { Int32(bitPattern: $0.magnitude) }) }
    table[.sign] = { unary($0, { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, { $0.signum() }) }
    table[.square] = { unary($0, { $0 * $0 }, { $0 &* $0 }) }
    table[.minimum] = { binary($0, { lesser($0, $1) }, { Swift.min($0, $1) }) }
    table[.maximum] = { binary($0, { greater($0, $1) }, { Swift.max($0, $1) }) }
    table[.clip] = {
      ternary(
        $0, { (x: Float, low, high) in lesser(greater(x, low), high) },
        { (x: Int32, low, high) in Swift.min(Swift.max(x, low), high) })
    }
    table[.floor] = { unary($0, { $0.rounded(.down) }, { $0 }) }
    table[.ceil] = { unary($0, { $0.rounded(.up) }, { $0 }) }
    table[.round] = { unary($0, { $0.rounded(.toNearestOrEven) }, { $0 }) }
    table[.trunc] = { unary($0, { $0.rounded(.towardZero) }, { $0 }) }
  }

  private static func addComparisons(to table: inout [TensorOperation: Kernel]) {
    table[.equal] = { comparison($0, { $0 == $1 }, { $0 == $1 }) }
    table[.notEqual] = { comparison($0, { $0 != $1 }, { $0 != $1 }) }
    table[.less] = { comparison($0, { $0 < $1 }, { $0 < $1 }) }
    table[.lessOrEqual] = { comparison($0, { $0 <= $1 }, { $0 <= $1 }) }
    table[.greater] = { comparison($0, { $0 > $1 }, { $0 > $1 }) }
    table[.greaterOrEqual] = { comparison($0, { $0 >= $1 }, { $0 >= $1 }) }
    table[.isNaN] = { test($0, { $0.isNaN }, { _ in false }) }
    table[.isInfinite] = { test($0, { $0.isInfinite }, { _ in false }) }
    table[.isFinite] = { test($0, { $0.isFinite }, { _ in true }) }
    table[.logicalAnd] = { comparison($0, { $0 != 0 && $1 != 0 }, { $0 != 0 && $1 != 0 }) }
    table[.logicalOr] = { comparison($0, { $0 != 0 || $1 != 0 }, { $0 != 0 || $1 != 0 }) }
    table[.logicalXor] = { comparison($0, { ($0 != 0) != ($1 != 0) }, { ($0 != 0) != ($1 != 0) }) }
    table[.logicalNot] = { test($0, { $0 == 0 }, { $0 == 0 }) }
    table[.bitwiseAnd] = { integers($0) { $0 & $1 } }
    table[.bitwiseOr] = { integers($0) { $0 | $1 } }
    table[.bitwiseXor] = { integers($0) { $0 ^ $1 } }
    table[.bitwiseNot] = { call in
      let flip: Int32 = call.form.elementType == .bool ? 1 : -1
      unary(call, { $0 }, { $0 ^ flip })
    }
    table[.shiftLeft] = { integers($0) { (0..<32).contains($1) ? $0 << $1 : 0 } }
    table[.shiftRight] = { integers($0) { $0 >> ((0..<32).contains($1) ? $1 : 31) } }
    table[.where] = {
      ternary(
        $0, { (condition: Int32, x: Float, y) in condition != 0 ? x : y },
        { (condition: Int32, x: Int32, y) in condition != 0 ? x : y })
    }
  }

  private static func addFunctions(to table: inout [TensorOperation: Kernel]) {
    table[.exp] = { function($0) { .exp($0) } }
    table[.log] = { function($0) { .log($0) } }
    table[.sqrt] = { function($0) { $0.squareRoot() } }
    table[.tanh] = { function($0) { .tanh($0) } }
    // NaN stays NaN.
    table[.relu] = { unary($0, { $0 < 0 ? 0 : $0 }, { $0 < 0 ? 0 : $0 }) }
  }

  /// To the kind of result; what is narrower than 32 bits is narrowed afterwards.
  private static let cast: Kernel = { call in
    let (shape, x) = (call.form.shape, call.operands[0])
    let integers = call.result(as: Int32.self)
    switch (x.elementType, call.form.elementType) {
    case (.float32, .int32): mapRows(shape, x, integers) { (x: Float) in Int32(cutting: x) }
    case (.float32, .uint8):
      mapRows(shape, x, integers) { (x: Float) in Swift.min(Swift.max(Int32(cutting: x), 0), 255) }
    case (.float32, .bool): mapRows(shape, x, integers) { (x: Float) in x != 0 ? 1 : 0 }
    case (.float32, _): mapRows(shape, x, call.result(as: Float.self)) { (x: Float) in x }
    case (_, let type) where type.isFloatingPoint:
      mapRows(shape, x, call.result(as: Float.self)) { (x: Int32) in Float(x) }
    default: mapRows(shape, x, integers) { (x: Int32) in x }
    }
  }
}

extension Int32 {
  /// Without the fraction; saturates; NaN gives 0. Both limits are exact in float32, the upper
  /// one being the first value that is too large.
  @inline(__always)
  fileprivate init(cutting x: Float) {
    if x >= 2_147_483_648 {
      self = .max
    } else if x >= -2_147_483_648 {
      self = Int32(x)
    } else {
      self = x.isNaN ? 0 : .min
    }
  }
}

// NaN if either is.
@inline(__always) private func lesser(_ a: Float, _ b: Float) -> Float {
  a.isNaN || a < b ? a : b
}
@inline(__always) private func greater(_ a: Float, _ b: Float) -> Float {
  a.isNaN || a > b ? a : b
}
