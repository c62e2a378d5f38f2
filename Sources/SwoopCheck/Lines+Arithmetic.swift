import RealModule
import Swoop

// Arithmetic of every element type.

extension OperationTable {
  static let numbers = ElementType.allCases.filter { $0 != .bool }

  static let arithmetic: [OperationLine] = [
    OperationLine(
      .abs, .functions([.wide]),
      Reference.elementwise(.abs, { abs($0[0]) }, integer: { abs($0[0]) })
    ) { x, _ in try x[0].abs() },
    OperationLine(
      .sign, .functions([.wide], of: numbers),
      Reference.elementwise(
        .sign, { $0[0] > 0 ? 1 : $0[0] < 0 ? -1 : $0[0] }, integer: { $0[0].signum() })
    ) { x, _ in try x[0].sign() },
    OperationLine(
      .square, .functions([.wide]),
      Reference.elementwise(.square, { $0[0] * $0[0] }, integer: { $0[0] &* $0[0] })
    ) { x, _ in try x[0].square() },
    OperationLine(
      .minimum, .functions([.wide, .wide]) + .functions([.repeated, .repeated]),
      Reference.elementwise(
        .minimum, { lesser($0[0], $0[1]) }, integer: { min($0[0], $0[1]) })
    ) { x, _ in try x[0].minimum(x[1]) },
    OperationLine(
      .maximum, .functions([.wide, .wide]) + .functions([.repeated, .repeated]),
      Reference.elementwise(
        .maximum, { greater($0[0], $0[1]) }, integer: { max($0[0], $0[1]) })
    ) { x, _ in try x[0].maximum(x[1]) },
    OperationLine(
      .clip, .functions([.wide, .wide, .wide]),
      Reference.elementwise(
        .clip, { lesser(greater($0[0], $0[1]), $0[2]) },
        integer: { min(max($0[0], $0[1]), $0[2]) })
    ) { x, _ in try x[0].clip(x[1], x[2]) },
    whole(.floor, .down) { try $0.floor() },
    whole(.ceil, .up) { try $0.ceil() },
    whole(.round, .toNearestOrEven) { try $0.round() },
    whole(.trunc, .towardZero) { try $0.trunc() },
  ]

  private static func whole(
    _ operation: TensorOperation, _ rule: FloatingPointRoundingRule,
    _ apply: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> OperationLine {
    let halves = Values.made { count, generator in
      (0..<count).map { _ in Double(Int.random(in: -20...20, using: &generator)) / 4 }
    }
    return OperationLine(
      operation, .functions([.wide], of: numbers) + .functions([halves], of: [.float32, .float16]),
      Reference.elementwise(operation, { $0[0].rounded(rule) }, integer: { $0[0] })
    ) { x, _ in try apply(x[0]) }
  }
}

// NaN if either is.
private func lesser(_ a: Double, _ b: Double) -> Double { a.isNaN || a < b ? a : b }
private func greater(_ a: Double, _ b: Double) -> Double { a.isNaN || a > b ? a : b }
