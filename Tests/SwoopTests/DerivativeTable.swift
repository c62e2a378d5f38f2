import RealModule
import Swoop
import SwoopCheck
import SwoopCore

/// How the derivative of one operation is checked.
struct DerivativeLine: Sendable, CustomStringConvertible {
  let operation: TensorOperation
  /// Shapes of the operands, for each case.
  let shapes: [[[Int]]]
  let range: ClosedRange<Double>
  /// Roundings on the way back, besides those of sums and products over axes.
  let roundings: Int
  let exact: @Sendable ([Exactly]) -> Exactly
  let apply: @Sendable ([Tensor]) throws -> Tensor

  var description: String { operation.name }

  init(
    _ operation: TensorOperation, _ shapes: [[[Int]]], in range: ClosedRange<Double> = -2...2,
    roundings: Int = 8, _ exact: @escaping @Sendable ([Exactly]) -> Exactly,
    apply: @escaping @Sendable ([Tensor]) throws -> Tensor
  ) {
    self.operation = operation
    self.shapes = shapes
    self.range = range
    self.roundings = roundings
    self.exact = exact
    self.apply = apply
  }

  /// A function of one element, its slope, and perhaps what that is the difference of.
  static func function(
    _ operation: TensorOperation, in range: ClosedRange<Double> = -2...2, roundings: Int = 8,
    _ function: @escaping @Sendable (Double) -> Double,
    slope: @escaping @Sendable (Double) -> Double,
    apply: @escaping @Sendable (Tensor) throws -> Tensor
  ) -> DerivativeLine {
    DerivativeLine(
      operation, [[[3, 5]], [[]], [[2, 1, 9]]], in: range, roundings: roundings,
      { Exactly.map($0, slopes: { [slope($0[0])] }) { function($0[0]) } },
      apply: { try apply($0[0]) })
  }

  /// A function of two, broadcast.
  static func pairs(
    _ operation: TensorOperation, in range: ClosedRange<Double> = -2...2, roundings: Int = 8,
    _ function: @escaping @Sendable (Double, Double) -> Double,
    slopes: @escaping @Sendable (Double, Double) -> [Double],
    apply: @escaping @Sendable (Tensor, Tensor) throws -> Tensor
  ) -> DerivativeLine {
    DerivativeLine(
      operation,
      [
        [[3, 4], [3, 4]], [[3, 4], [4]], [[], [2, 3]], [[2, 1, 3], [4, 1]], [[5], [2, 5]],
      ],
      in: range, roundings: roundings,
      { Exactly.map($0, slopes: { slopes($0[0], $0[1]) }) { function($0[0], $0[1]) } },
      apply: { try apply($0[0], $0[1]) })
  }
}

/// Every operation that gradients go through has one line here.
enum DerivativeTable {
  static let lines: [DerivativeLine] =
    arithmetic + functions + mathematics + overAxes + products + networks + scans + indexing
    + sorting

  private static let arithmetic: [DerivativeLine] = [
    .pairs(.add, { $0 + $1 }, slopes: { _, _ in [1, 1] }, apply: { try $0 + $1 }),
    .pairs(.subtract, { $0 - $1 }, slopes: { _, _ in [1, 1] }, apply: { try $0 - $1 }),
    .pairs(.multiply, { $0 * $1 }, slopes: { [$1, $0] }, apply: { try $0 * $1 }),
    .pairs(
      .divide, in: 0.5...2, roundings: 24, { $0 / $1 }, slopes: { [1 / $1, $0 / ($1 * $1)] },
      apply: {
        try $0 / $1
      }),
    .function(.negate, { -$0 }, slope: { _ in 1 }, apply: { try -$0 }),
    .function(.abs, { Swift.abs($0) }, slope: { _ in 1 }, apply: { try $0.abs() }),
    .function(.square, { $0 * $0 }, slope: { 2 * $0 }, apply: { try $0.square() }),
    .pairs(
      .minimum, { Swift.min($0, $1) }, slopes: { $0 < $1 ? [1, 0] : [0, 1] },
      apply: {
        try $0.minimum($1)
      }),
    .pairs(
      .maximum, { Swift.max($0, $1) }, slopes: { $0 > $1 ? [1, 0] : [0, 1] },
      apply: {
        try $0.maximum($1)
      }),
    DerivativeLine(
      .clip, [[[4, 6], [6], []], [[30], [30], [30]]],
      {
        Exactly.map($0, slopes: { _ in [1, 1, 1] }) { Swift.min(Swift.max($0[0], $0[1]), $0[2]) }
      }, apply: { try $0[0].clip($0[1], $0[2]) }),
    DerivativeLine(
      .where, [[[3, 4], [4]], [[1, 4], [3, 1]]],
      { x in
        let mask = Exactly([3, 1], [1, 0, 1])
        return Exactly.map([mask] + x, slopes: { _ in [0, 1, 1] }) { $0[0] != 0 ? $0[1] : $0[2] }
      },
      apply: {
        let mask = try Tensor([[true], [false], [true]], on: $0[0].device)
        return try Tensor.where(mask, $0[0], $0[1])
      }),
    .function(.sign, { $0 < 0 ? -1 : 1 }, slope: { _ in 0 }, apply: { try $0.sign() }),
    .function(
      .floor, in: -1.93...2.11, { $0.rounded(.down) }, slope: { _ in 0 },
      apply: {
        try $0.floor()
      }),
    .function(
      .ceil, in: -1.93...2.11, { $0.rounded(.up) }, slope: { _ in 0 }, apply: { try $0.ceil() }),
    .function(
      .round, in: -1.93...2.11, { $0.rounded() }, slope: { _ in 0 }, apply: { try $0.round() }),
    .function(
      .trunc, in: -1.93...2.11, { $0.rounded(.towardZero) }, slope: { _ in 0 },
      apply: {
        try $0.trunc()
      }),
  ]

  private static let functions: [DerivativeLine] = [
    // exp is off by (3 + 2|x|) units, each of two roundings.
    .function(.exp, roundings: 24, { .exp($0) }, slope: { .exp($0) }, apply: { try $0.exp() }),
    .function(
      .log, in: 0.25...4, roundings: 16, { .log($0) }, slope: { 1 / $0 }, apply: { try $0.log() }),
    .function(
      .sqrt, in: 0.25...4, roundings: 24, { $0.squareRoot() }, slope: { 0.5 / $0.squareRoot() },
      apply: {
        try $0.sqrt()
      }),
    // 1 - y², with tanh off by eight units.
    .function(
      .tanh, roundings: 40, { .tanh($0) }, slope: { 1 + .pow(.tanh($0), 2) },
      apply: {
        try $0.tanh()
      }),
    .function(.relu, { Swift.max($0, 0) }, slope: { $0 > 0 ? 1 : 0 }, apply: { try $0.relu() }),
    .function(
      .cast, roundings: 1 << 14, { $0 }, slope: { _ in 1 },
      apply: {
        try $0.cast(to: .float16).cast(to: .float32)
      }),
    DerivativeLine(
      .copy, [[[3, 4]]], { $0[0].transposed([1, 0]).reshaped([2, 6]) },
      apply: {
        try $0[0].transposed().reshaped(2, 6)
      }),
    DerivativeLine(
      .concatenate, [[[2, 3], [1, 3]], [[1], [4]]],
      { x in
        Exactly(
          [x[0].shape[0] + x[1].shape[0]] + x[0].shape.dropFirst(), x[0].values + x[1].values,
          reach: x[0].reach + x[1].reach)
      }, apply: { try .concatenated($0) }),
    DerivativeLine(
      .replace, [[[6], [2]]],
      { x in
        var result = x[0]
        for (place, index) in [(4, 0), (2, 1)] {
          result.values[place] = x[1].values[index]
          result.reach[place] = x[1].reach[index]
        }
        return result
      }, apply: { try $0[0].replacing(.slice(from: 4, to: 0, by: -2), with: $0[1]) }),
    // By a view that leaves elements out, and runs backwards.
    DerivativeLine(
      .unview, [[[4, 5, 6]], [[2, 5, 3]]],
      { x in
        let shape = x[0].shape
        return x[0].picking([shape[2], shape[0] / 2, (shape[1] - 1) / 2]) { place in
          [2 * place[1] + 1, 2 * place[2] + 1, shape[2] - 1 - place[0]]
        }
      }, apply: { try $0[0].sparseView() }),
  ]

  private static let overAxes: [DerivativeLine] = [
    DerivativeLine(.sum, [[[3, 4, 2]]], { $0[0].sum([1]) }, apply: { try $0[0].sum(1) }),
    DerivativeLine(
      .sum, [[[3, 4, 2]], [[5]]], { $0[0].sum(keeping: true) },
      apply: {
        try $0[0].sum(keepingDimensions: true)
      }),
    DerivativeLine(
      .mean, [[[3, 4, 2]]], { $0[0].reduced([0, 2], slope: 1 / 6) { $0.reduce(0, +) / 6 } },
      apply: { try $0[0].mean(0, -1) }),
    DerivativeLine(
      .max, [[[3, 4, 2]]], { $0[0].reduced([1]) { $0.max() ?? 0 } },
      apply: {
        try $0[0].max(1)
      }),
    DerivativeLine(
      .max, [[[3, 4, 2]]], { $0[0].reduced([0, 2], keeping: true) { $0.max() ?? 0 } },
      apply: {
        try $0[0].max(0, 2, keepingDimensions: true)
      }),
    DerivativeLine(
      .min, [[[3, 4, 2]]], { $0[0].reduced([0, 2]) { $0.min() ?? 0 } },
      apply: {
        try $0[0].min(0, -1)
      }),
    // Exponentials of differences of up to four: 3 + 8 units, in numerator and sum.
    DerivativeLine(
      .softmax, [[[3, 5]], [[7]]], roundings: 64, { $0[0].softmax() },
      apply: {
        try $0[0].softmax()
      }),
    DerivativeLine(
      .softmax, [[[3, 5]]], roundings: 64,
      { $0[0].transposed([1, 0]).softmax().transposed([1, 0]) }, apply: { try $0[0].softmax(0) }),
  ]

  private static let products: [DerivativeLine] = [
    DerivativeLine(
      .matmul,
      [
        [[3, 4], [4, 5]], [[4], [4, 5]], [[3, 4], [4]], [[4], [4]], [[2, 3, 4], [4, 5]],
        [[2, 3, 4], [2, 4, 5]], [[3, 4], [2, 4, 5]], [[2, 1, 3, 4], [3, 4, 2]], [[4], [2, 4, 3]],
        [[2, 3, 4], [4]],
      ], { $0[0].matmul($0[1]) }, apply: { try $0[0].matmul($0[1]) }),
    DerivativeLine(
      .linear, [[[3, 4], [4, 5], [5]], [[4], [4, 5], [5]], [[2, 3, 4], [4, 2], [2]]],
      {
        Exactly.map([$0[0].matmul($0[1]), $0[2]], slopes: { _ in [1, 1] }) {
          Swift.max($0[0] + $0[1], 0)
        }
      }, apply: { try $0[0].linear($0[1], bias: $0[2], activation: .relu) }),
    DerivativeLine(
      .linear, [[[3, 4], [4, 5]], [[3, 4], [4]]], { $0[0].matmul($0[1]) },
      apply: {
        try $0[0].linear($0[1])
      }),
  ]
}

extension DerivativeTable {
  /// Planes of 5 × 6, windows of 2 × 3 by steps of 2 × 1, moved in by a pad of 1 × 2.
  private static let geometry: WindowGeometry? = try? WindowGeometry(
    height: 5, width: 6, kernel: (2, 3), stride: (2, 1), padding: (1, 2), dilation: (1, 2),
    operation: "window")
  private static let planes = [1, 2, 5, 6]
  private static let windows = [1, 3, 6, 2, 2, 3]

  /// Where in the planes an element of the windows is; nil for outside.
  private static let places: [Int?] = (0..<windows.reduce(1, *)).map { flat in
    let place = coordinates(flat, in: windows)
    let (y, x) = (place[1] * 2 + place[4] - 1, place[2] + 2 * place[5] - 2)
    guard (0..<5).contains(y), (0..<6).contains(x) else { return nil }
    return flatIndex([place[0], place[3], y, x], in: planes)
  }

  private static let networks: [DerivativeLine] = [
    DerivativeLine(
      .logSoftmax, [[[3, 5]], [[7]]], roundings: 64, { $0[0].logSoftmax() },
      apply: { try $0[0].logSoftmax() }),
    DerivativeLine(
      .normalize, [[[3, 5]], [[8]]], roundings: 128, { $0[0].normalized(isCentred: true) },
      apply: { try $0[0].layerNorm(epsilon: 0.125) }),
    DerivativeLine(
      .normalize, [[[3, 5]], [[8]]], roundings: 128, { $0[0].normalized(isCentred: false) },
      apply: { try $0[0].rmsNorm(epsilon: 0.125) }),
    DerivativeLine(
      .window, [[planes]],
      { x in
        Exactly(
          windows, places.map { $0.map { x[0].values[$0] } ?? 0.5 },
          reach: places.map { $0.map { x[0].reach[$0] } ?? 0 })
      },
      apply: { try $0[0].overWindows(.window, outside: [Float(0.5).bitPattern]) }),
    DerivativeLine(
      .fold, [[windows]],
      { x in
        var result = Exactly(planes, Array(repeating: 0, count: planes.reduce(1, *)))
        for (index, place) in places.enumerated() {
          guard let place else { continue }
          result.values[place] += x[0].values[index]
          result.reach[place] += x[0].reach[index]
        }
        return result
      }, apply: { try $0[0].overWindows(.fold, outside: []) }),
  ]

  fileprivate static func words() throws -> [UInt32] {
    guard let geometry else { throw TensorError(.invalidArgument, "no geometry") }
    return geometry.words
  }
}

extension Tensor {
  fileprivate func overWindows(
    _ operation: TensorOperation, outside: [UInt32]
  ) throws -> Tensor {
    var attributes = Attributes()
    attributes.words = try DerivativeTable.words() + outside
    return try Tensor.make(operation, [self], attributes)
  }
}

extension Exactly {
  /// (x - mean) / √(variance + 1/8) along the last axis, or without the mean.
  fileprivate func normalized(isCentred: Bool) -> Exactly {
    let axis = [shape.count - 1]
    let count = Double(shape[shape.count - 1])
    func mean(_ x: Exactly) -> Exactly {
      x.reduced(axis, keeping: true, slope: 1 / count, { $0.reduce(0, +) / count })
    }
    let centred =
      isCentred
      ? Exactly.map([self, mean(self)], slopes: { _ in [1, 1] }, { $0[0] - $0[1] }) : self
    let variance = mean(
      Exactly.map([centred], slopes: { [2 * $0[0]] }, { $0[0] * $0[0] }))
    return Exactly.map(
      [centred, variance],
      slopes: { x in
        let deviation = (x[1] + 0.125).squareRoot()
        return [1 / deviation, x[0] / (2 * deviation * deviation * deviation)]
      }, { $0[0] / ($0[1] + 0.125).squareRoot() })
  }
}

extension Tensor {
  /// Of `[a, b, c]` every second element along the first two axes from the second on, the last axis
  /// backwards and first: a view.
  func sparseView() throws -> Tensor {
    var strides = InlineArray<8, Int>(repeating: 0)
    strides[0] = -1
    strides[1] = 2 * shape[1] * shape[2]
    strides[2] = 2 * shape[2]
    let sizes = [shape[2], shape[0] / 2, (shape[1] - 1) / 2]
    let first = shape[1] * shape[2] + shape[2] + shape[2] - 1
    return Tensor(
      node, view: View(Layout(shape: try Shape(sizes), strides: strides, offset: first)))
  }
}
