import RealModule
import Swoop
import SwoopCheck

extension ProgramBuilder {
  /// Where a function is to be kept, and how large it is there.
  struct Function: Sendable {
    enum Domain: Sendable {
      case all
      /// Up to 10 in magnitude, so that exponentials stay numbers.
      case moderate
      /// From 1 on.
      case positive
      /// Well within -1 ... 1.
      case inside
      /// Where its square is not large.
      case tame
    }
    enum Kind: Sendable {
      /// Gives floating point.
      case floating
      /// Gives the type it was given, which is to be a number.
      case number
      case any
      case bool
    }
    let domain: Domain
    let kind: Kind
    let limit: @Sendable (Double) -> Double

    init(
      _ domain: Domain, _ kind: Kind = .floating, _ limit: @escaping @Sendable (Double) -> Double
    ) {
      (self.domain, self.kind, self.limit) = (domain, kind, limit)
    }
  }

  static let functions: [TensorOperation: Function] = {
    let exponential = Function(.moderate) { .exp(min($0, 60)) }
    let logarithm = Function(.positive) { max($0, 1) }
    let bounded = Function(.all) { _ in 2 }
    let own = Function(.all, .number) { $0 + 1 }
    let yes = Function(.all, .bool) { _ in 1 }
    return [
      .exp: exponential, .exp2: exponential, .expm1: exponential, .sinh: exponential,
      .cosh: exponential, .log: logarithm, .log2: logarithm, .log10: logarithm,
      .log1p: logarithm, .acosh: logarithm, .rsqrt: logarithm, .reciprocal: logarithm,
      .sqrt: logarithm, .tanh: bounded, .sin: bounded, .cos: bounded, .erf: bounded,
      .erfc: bounded, .sigmoid: bounded, .atan: bounded,
      .tan: Function(.inside) { _ in 2 }, .asin: Function(.inside) { _ in 2 },
      .acos: Function(.inside) { _ in 3 }, .atanh: Function(.inside) { _ in 2 },
      .asinh: Function(.all) { max($0, 1) }, .cbrt: Function(.all) { max($0, 1) },
      .silu: Function(.all) { $0 }, .gelu: Function(.all) { $0 },
      .geluTanh: Function(.tame) { $0 }, .softplus: Function(.all) { $0 + 1 },
      .negate: own, .sign: own, .floor: own, .ceil: own, .round: own, .trunc: own,
      .relu: Function(.all, .any) { $0 }, .abs: Function(.all, .any) { $0 },
      .copy: Function(.all, .any) { $0 }, .square: Function(.tame, .any) { $0 * $0 },
      .isNaN: yes, .isInfinite: yes, .isFinite: yes, .logicalNot: yes,
    ]
  }()

  mutating func single(_ operation: TensorOperation, _ function: Function, _ x: Int) -> Bool {
    var x = x
    if !isWild {
      switch function.domain {
      case .all: break
      case .moderate:
        if limits[x] > (steps[x].type == .float16 ? 5 : 10) { x = small(x) }
      case .positive:
        // A root of what may be negative now and then.
        if operation != .sqrt || !chance(4) { x = squarePlusOne(tamed(x)) }
      case .inside: x = apply(.sin, [small(x)], steps[x].shape, floating(x), 0.85)
      case .tame: x = tamed(x)
      }
    }
    if function.kind == .number { x = numeric(x) }
    let type: ElementType =
      switch function.kind {
      case .floating: floating(x)
      case .number, .any: steps[x].type
      case .bool: .bool
      }
    apply(operation, [x], steps[x].shape, type, function.limit(limits[x]))
    return true
  }

  static let pairs: Set<TensorOperation> =
    comparisons.union([
      .add, .subtract, .multiply, .divide, .minimum, .maximum, .atan2, .hypot, .pow, .fmod,
      .remainder, .floorDivide,
    ])

  static let comparisons: Set<TensorOperation> = [
    .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .logicalAnd, .logicalOr,
    .logicalXor,
  ]

  mutating func pair(_ operation: TensorOperation, _ x: Int) -> Bool {
    var (x, y) = (x, companion(of: x))
    let shape = broadcastShape(steps[x].shape, steps[y].shape)
    guard shape.reduce(1, *) <= Self.mostElements else { return false }
    switch operation {
    case .multiply, .divide, .fmod, .remainder, .floorDivide: (x, y) = (tamed(x), tamed(y))
    case .subtract: (x, y) = (numeric(x), numeric(y))
    default: break
    }
    if !isWild {
      switch operation {
      case .divide, .fmod, .remainder, .floorDivide: y = squarePlusOne(y)
      // On the right of the cut.
      case .atan2: if !chance(3) { y = squarePlusOne(tamed(y)) }
      case .pow:
        if limits[y] > 3 { y = small(y) }
        x = squarePlusOne(tamed(x))
        if limits[x] > 50 { x = squarePlusOne(small(x)) }
      default: break
      }
    }
    if Self.accepting.contains(operation) { (x, y) = (numeric(x), numeric(y)) }
    // Now and then types meet in an operation.
    if steps[x].type != steps[y].type, !chance(6) {
      x = cast(x, to: .float32)
      y = cast(y, to: .float32)
    }
    let isOrdered = Self.ordered.contains(operation)
    if chance(2), !isOrdered { (x, y) = (y, x) }
    let type = ElementType.promoted(steps[x].type, steps[y].type)
    let result: ElementType =
      Self.comparisons.contains(operation)
      ? .bool
      : [.divide, .atan2, .hypot].contains(operation) && !type.isFloatingPoint ? .float32 : type
    let limit: Double =
      switch operation {
      case .multiply: limits[x] * limits[y]
      case .divide, .fmod, .floorDivide: limits[x] + 1
      case .remainder: limits[y]
      case .minimum, .maximum: max(limits[x], limits[y])
      case .pow: Double.pow(limits[x], min(limits[y], 3))
      case .atan2: 4
      default: Self.comparisons.contains(operation) ? 1 : limits[x] + limits[y]
      }
    apply(operation, [x, y], shape, result, limit)
    return true
  }

  /// Those that take no bool.
  private static let accepting: Set<TensorOperation> = [
    .subtract, .pow, .fmod, .remainder, .floorDivide,
  ]

  /// Those whose second operand is made to fit.
  private static let ordered: Set<TensorOperation> = [
    .divide, .fmod, .remainder, .floorDivide, .atan2, .pow,
  ]

  mutating func bits(_ operation: TensorOperation, _ x: Int) -> Bool {
    let x = steps[x].type.isFloatingPoint ? cast(x, to: .int32) : x
    if operation == .bitwiseNot {
      apply(.bitwiseNot, [x], steps[x].shape, steps[x].type, limits[x] + 256)
      return true
    }
    let y = cast(companion(of: x), to: steps[x].type)
    let shape = broadcastShape(steps[x].shape, steps[y].shape)
    guard shape.reduce(1, *) <= Self.mostElements else { return false }
    let limit = operation == .shiftLeft ? 0x1p31 : 2 * max(limits[x], limits[y])
    apply(operation, [x, y], shape, steps[x].type, limit)
    return true
  }

  mutating func clip(_ x: Int) -> Bool {
    let type = steps[x].type
    let ends = chance(2) ? [[], []] : [steps[x].shape, Array(steps[x].shape.suffix(1))]
    let (low, high) = (leaf(ends[0], type), leaf(ends[1], type))
    apply(.clip, [x, low, high], steps[x].shape, type, max(limits[x], 9))
    return true
  }

  mutating func choose(_ x: Int) -> Bool {
    let y = cast(companion(of: x), to: steps[x].type)
    let shape = broadcastShape(steps[x].shape, steps[y].shape)
    guard shape.reduce(1, *) <= Self.mostElements else { return false }
    let conditions = steps.indices.filter {
      steps[$0].type == .bool && Self.fits(steps[$0].shape, shape)
        && broadcastShape(steps[$0].shape, shape) == shape
    }
    let condition: Int
    if let found = conditions.last {
      condition = found
    } else {
      let other = leaf(steps[x].shape, steps[x].type)
      condition = apply(.less, [x, other], steps[x].shape, .bool, 1)
    }
    apply(.where, [condition, x, y], shape, steps[x].type, max(limits[x], limits[y]))
    return true
  }

  mutating func cast(_ x: Int) -> Bool {
    let type = pick(types + [.float32, .int32])
    guard type != steps[x].type else { return false }
    let x = type == .float16 ? tamed(x) : x
    _ = cast(x, to: type)
    return true
  }
}
