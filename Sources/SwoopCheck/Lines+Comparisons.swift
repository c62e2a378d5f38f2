import RealModule
import Swoop

// Comparisons of elements.

extension OperationTable {
  static let comparisons: [OperationLine] = [
    comparison(.equal, { $0 == $1 }, { $0 == $1 }, { try $0 .== $1 }),
    comparison(.notEqual, { $0 != $1 }, { $0 != $1 }, { try $0 .!= $1 }),
    comparison(.less, { $0 < $1 }, { $0 < $1 }, { try $0 .< $1 }),
    comparison(.lessOrEqual, { $0 <= $1 }, { $0 <= $1 }, { try $0 .<= $1 }),
    comparison(.greater, { $0 > $1 }, { $0 > $1 }, { try $0 .> $1 }),
    comparison(.greaterOrEqual, { $0 >= $1 }, { $0 >= $1 }, { try $0 .>= $1 }),
    OperationLine(
      .isNaN, .functions([.wide]),
      Reference.elementwise(.isNaN, { $0[0].isNaN ? 1 : 0 }, type: .bool)
    ) { x, _ in try x[0].isNaN() },
    OperationLine(
      .isInfinite, .functions([.wide]),
      Reference.elementwise(.isInfinite, { $0[0].isInfinite ? 1 : 0 }, type: .bool)
    ) { x, _ in try x[0].isInfinite() },
    OperationLine(
      .isFinite, .functions([.wide]),
      Reference.elementwise(.isFinite, { $0[0].isFinite ? 1 : 0 }, type: .bool)
    ) { x, _ in try x[0].isFinite() },
  ]

  private static func comparison(
    _ operation: TensorOperation, _ float: @escaping @Sendable (Double, Double) -> Bool,
    _ integer: @escaping @Sendable (Int64, Int64) -> Bool,
    _ apply: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
  ) -> OperationLine {
    OperationLine(
      operation, .functions([.wide, .wide]) + .functions([.repeated, .repeated], of: [.float32]),
      Reference.elementwise(
        operation, { float($0[0], $0[1]) ? 1 : 0 }, integer: { integer($0[0], $0[1]) ? 1 : 0 },
        type: .bool)
    ) { x, _ in try apply(x[0], x[1]) }
  }
}
