import RealModule
import Swoop

/// One operation in the tests: how it is called, what it is by definition, and on what it is
/// tried.
struct OperationLine: Sendable, CustomStringConvertible {
  let operation: TensorOperation
  let cases: [OperationCase]
  let stacking: Stacking
  let reference: Reference.Function
  let apply: @Sendable ([Tensor], Reference.Options) throws -> Tensor

  /// How rows are put together that do not depend on each other.
  enum Stacking: Sendable {
    case none
    /// All of this many operands have the rows.
    case operands(Int, Values)
    /// The left operand of a product has them.
    case leftRows(bias: Bool)
  }

  init(
    _ operation: TensorOperation, _ cases: [OperationCase], stacking: Stacking = .none,
    _ reference: @escaping Reference.Function,
    apply: @escaping @Sendable ([Tensor], Reference.Options) throws -> Tensor
  ) {
    self.operation = operation
    self.cases = cases
    self.stacking = stacking
    self.reference = reference
    self.apply = apply
  }

  var description: String { operation.name }
}

/// Every operation has one line here, and `OperationTests` fails if one has none.
enum OperationTable {
  static let lines: [OperationLine] = elementwise + reductions + products

  private static let elementwise = [
    OperationLine(
      .add, .pairs(.wide, integer: .integers), stacking: .operands(2, .wide),
      Reference.elementwise(.add, { $0[0] + $0[1] }, integer: { $0[0] + $0[1] })
    ) { x, _ in try x[0] + x[1] },
    OperationLine(
      .subtract, .pairs(.wide, integer: .integers), stacking: .operands(2, .wide),
      Reference.elementwise(.subtract, { $0[0] - $0[1] }, integer: { $0[0] - $0[1] })
    ) { x, _ in try x[0] - x[1] },
    OperationLine(
      .multiply, .pairs(.wide, integer: .integers), stacking: .operands(2, .wide),
      Reference.elementwise(.multiply, { $0[0] * $0[1] }, integer: { $0[0] * $0[1] })
    ) { x, _ in try x[0] * x[1] },
    OperationLine(
      .divide, .pairs(.wide, integer: .integers), stacking: .operands(2, .wide),
      Reference.elementwise(
        .divide, { $0[0] / $0[1] },
        // Vulkan promises nothing for divisors whose reciprocal is subnormal: it may be zero.
        others: { $0[0].isFinite && $0[1].isFinite && abs($0[1]) > 0x1p126 ? [0] : [] })
    ) { x, _ in try x[0] / x[1] },
    OperationLine(
      .negate, .singles(.wide, integer: .integers), stacking: .operands(1, .wide),
      Reference.elementwise(.negate, { -$0[0] }, integer: { -$0[0] })
    ) { x, _ in try -x[0] },
    OperationLine(
      .exp, .singles(.exponents, integer: .integers), stacking: .operands(1, .exponents),
      Reference.elementwise(.exp, { .exp($0[0]) })
    ) { x, _ in try x[0].exp() },
    OperationLine(
      .log, .singles(.positive, integer: .integers), stacking: .operands(1, .positive),
      Reference.elementwise(.log, { .log($0[0]) })
    ) { x, _ in try x[0].log() },
    OperationLine(
      .sqrt, .singles(.positive, integer: .integers), stacking: .operands(1, .positive),
      Reference.elementwise(.sqrt, { $0[0].squareRoot() })
    ) { x, _ in try x[0].sqrt() },
    OperationLine(
      .tanh, .singles(.angles, integer: .integers), stacking: .operands(1, .angles),
      Reference.elementwise(.tanh, { .tanh($0[0]) })
    ) { x, _ in try x[0].tanh() },
    OperationLine(
      .relu, .singles(.wide, integer: .integers), stacking: .operands(1, .wide),
      Reference.elementwise(.relu, { $0[0] < 0 ? 0 : $0[0] }, integer: { max($0[0], 0) })
    ) { x, _ in try x[0].relu() },
    OperationLine(.cast, .casts, Reference.cast) { x, options in
      try x[0].cast(to: options.type ?? .float32)
    },
    OperationLine(.copy, .views, Reference.copy) { x, _ in try x[0].reshaped(x[0].shape) },
  ]

  private static let reductions = [
    OperationLine(
      .sum, .reductions(.moderate) + .emptySums, stacking: .operands(1, .moderate), Reference.sum
    ) { x, options in
      try x[0].reduce(
        options, all: { try $0.sum(keepingDimensions: $1) },
        one: { try $0.sum($1, keepingDimensions: $2) },
        two: { try $0.sum($1, $2, keepingDimensions: $3) })
    },
    OperationLine(
      .mean, .reductions(.moderate), stacking: .operands(1, .moderate), Reference.mean
    ) { x, options in
      try x[0].reduce(
        options, all: { try $0.mean(keepingDimensions: $1) },
        one: { try $0.mean($1, keepingDimensions: $2) },
        two: { try $0.mean($1, $2, keepingDimensions: $3) })
    },
    OperationLine(
      .max, .reductions(.wide) + .reductions(.repeated) + .largest,
      stacking: .operands(1, .moderate), Reference.largest
    ) { x, options in
      try x[0].reduce(
        options, all: { try $0.max(keepingDimensions: $1) },
        one: { try $0.max($1, keepingDimensions: $2) },
        two: { try $0.max($1, $2, keepingDimensions: $3) })
    },
    OperationLine(
      .argmax, (.reductions(.wide) + .reductions(.repeated) + .largest).overOneAxis,
      stacking: .operands(1, .repeated), Reference.indexOfLargest
    ) { x, options in
      try x[0].argmax(options.axes.first, keepingDimensions: options.isKeeping)
    },
    OperationLine(
      .softmax, .softmaxes, stacking: .operands(1, .moderate), Reference.softmax
    ) { x, options in try x[0].softmax(options.axes[0]) },
  ]

  private static let products = [
    OperationLine(
      .matmul, .products, stacking: .leftRows(bias: false), Reference.product
    ) { x, _ in try x[0].matmul(x[1]) },
    OperationLine(
      .linear, .products + .linears, stacking: .leftRows(bias: true), Reference.product
    ) { x, options in
      try x[0].linear(x[1], bias: x.count > 2 ? x[2] : nil, activation: options.activation)
    },
  ]
}

extension Tensor {
  /// Calls a function over axes, whose variadic parameter takes no list.
  fileprivate func reduce(
    _ options: Reference.Options, all: (Tensor, Bool) throws -> Tensor,
    one: (Tensor, Int, Bool) throws -> Tensor, two: (Tensor, Int, Int, Bool) throws -> Tensor
  ) throws -> Tensor {
    switch options.axes.count {
    case 0: try all(self, options.isKeeping)
    case 1: try one(self, options.axes[0], options.isKeeping)
    default: try two(self, options.axes[0], options.axes[1], options.isKeeping)
    }
  }
}
