import RealModule
import Swoop

// Arithmetic and functions, element by element.

extension OperationTable {
  static let elementwise: [OperationLine] = [
    OperationLine(
      .add, .pairs(.wide, integer: .integers).inEveryType(), stacking: .operands(2, .wide),
      Reference.elementwise(.add, { $0[0] + $0[1] }, integer: { $0[0] + $0[1] })
    ) { x, _ in try x[0] + x[1] },
    OperationLine(
      .subtract, .pairs(.wide, integer: .integers).inEveryType(numbers),
      stacking: .operands(2, .wide),
      Reference.elementwise(.subtract, { $0[0] - $0[1] }, integer: { $0[0] - $0[1] })
    ) { x, _ in try x[0] - x[1] },
    OperationLine(
      .multiply, .pairs(.wide, integer: .integers).inEveryType(), stacking: .operands(2, .wide),
      Reference.elementwise(.multiply, { $0[0] * $0[1] }, integer: { $0[0] * $0[1] })
    ) { x, _ in try x[0] * x[1] },
    OperationLine(
      .divide, .pairs(.wide, integer: .integers).inEveryType(), stacking: .operands(2, .wide),
      Reference.elementwise(
        .divide, { $0[0] / $0[1] },
        // Vulkan promises nothing for divisors whose reciprocal is subnormal: it may be zero.
        others: { $0[0].isFinite && $0[1].isFinite && abs($0[1]) > 0x1p126 ? [0] : [] })
    ) { x, _ in try x[0] / x[1] },
    OperationLine(
      .negate, .singles(.wide, integer: .integers).inEveryType(numbers),
      stacking: .operands(1, .wide),
      Reference.elementwise(.negate, { -$0[0] }, integer: { -$0[0] })
    ) { x, _ in try -x[0] },
    OperationLine(
      .exp, .singles(.exponents, integer: .integers).inEveryType(),
      stacking: .operands(1, .exponents),
      Reference.elementwise(.exp, { .exp($0[0]) })
    ) { x, _ in try x[0].exp() },
    OperationLine(
      .log, .singles(.positive, integer: .integers).inEveryType(),
      stacking: .operands(1, .positive),
      Reference.elementwise(.log, { .log($0[0]) })
    ) { x, _ in try x[0].log() },
    OperationLine(
      .sqrt, .singles(.positive, integer: .integers).inEveryType(),
      stacking: .operands(1, .positive),
      Reference.elementwise(.sqrt, { $0[0].squareRoot() })
    ) { x, _ in try x[0].sqrt() },
    OperationLine(
      .tanh, .singles(.angles, integer: .integers).inEveryType(), stacking: .operands(1, .angles),
      Reference.elementwise(.tanh, { .tanh($0[0]) })
    ) { x, _ in try x[0].tanh() },
    OperationLine(
      .relu, .singles(.wide, integer: .integers).inEveryType(), stacking: .operands(1, .wide),
      Reference.elementwise(.relu, { $0[0] < 0 ? 0 : $0[0] }, integer: { max($0[0], 0) })
    ) { x, _ in try x[0].relu() },
  ]
}
