import RealModule
import Swoop
import SwoopCheck

/// Makes one program, step by step; keeps account of how large elements can be, so that most
/// programs stay far from overflow and from the poles.
struct ProgramBuilder {
  var generator: TestGenerator
  private let moves: [RandomProgram.Move]
  /// What is cast to.
  let types: [ElementType]
  var steps: [RandomProgram.Step] = []
  /// The largest absolute value that each step's elements can have.
  var limits: [Double] = []
  /// One program in twenty-five is not kept from inf and NaN.
  let isWild: Bool

  /// Few, so that signatures and with them kernels repeat. 33 is beyond a quad and a tile.
  static let shapes: [[Int]] = [
    [4], [5], [33], [4, 5], [5, 4], [2, 4, 5], [], [1], [1, 5], [4, 1], [1, 1], [4, 1, 5],
  ]
  static let emptyShapes: [[Int]] = [[0], [4, 0], [0, 5]]
  static let mostElements = 400
  private static let largest = 1e5

  init(_ generator: TestGenerator, _ moves: [RandomProgram.Move], types: [ElementType]) {
    self.generator = generator
    self.moves = moves
    self.types = types
    isWild = Int.random(in: 0..<25, using: &self.generator) == 0
  }

  mutating func build() -> RandomProgram {
    let isEmpty = chance(25)
    let shape = pick(isEmpty ? Self.emptyShapes : Self.shapes)
    let seed = UInt64.random(in: 0..<1 << 32, using: &generator)
    let numbers = self.numbers()
    append(
      .leaf(.sample(numbers, seed: seed)), [], shape, chance(8) ? .int32 : .float32,
      limit(numbers))
    for _ in 0..<Int.random(in: 1...7, using: &generator) {
      // Mostly a chain, sometimes a branch from further back.
      let x = chance(3) ? Int.random(in: steps.indices, using: &generator) : steps.count - 1
      for _ in 0..<20 where extend(x) { break }
    }
    return RandomProgram(steps: steps).pruned(to: steps.count - 1)
  }

  /// Whether the move could be made.
  private mutating func extend(_ x: Int) -> Bool {
    let move = pick(moves)
    switch move {
    case .operation(let operation):
      if let function = Self.functions[operation] { return single(operation, function, x) }
      if Self.pairs.contains(operation) { return pair(operation, x) }
      return extend(x, operation)
    case .composite(let composite):
      return RandomProgram.Composite.overAxes.contains(composite)
        ? reduce(composite, x) : sort(composite, x)
    default: return rearrange(move, x)
    }
  }

  private mutating func extend(_ x: Int, _ operation: TensorOperation) -> Bool {
    switch operation {
    case .bitwiseAnd, .bitwiseOr, .bitwiseXor, .bitwiseNot, .shiftLeft, .shiftRight:
      return bits(operation, x)
    case .clip: return clip(x)
    case .where: return choose(x)
    case .cast: return cast(x)
    case .softmax, .logSoftmax, .normalize: return row(operation, x)
    case .cumulativeSum, .cumulativeProduct, .cumulativeMax: return scan(operation, x)
    case .matmul, .linear: return product(operation, x)
    case .take, .takeAlong, .oneHot: return gather(operation, x)
    case .scatter, .scatterAdd: return scatter(operation, x)
    case .concatenate: return concatenate(x)
    case .replace: return replace(x)
    default: return reduce(operation, x)
    }
  }

  // MARK: Parts

  /// A second operand of the same type: an earlier step that fits, or a leaf.
  mutating func companion(of x: Int) -> Int {
    let shape = steps[x].shape
    let fitting = steps.indices.filter { Self.fits(steps[$0].shape, shape) }
    if chance(2) { return pick(fitting) }
    var own = shape
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: own = []
    case 1: own = Array(shape.suffix(1))
    case 2: if !own.isEmpty { own[Int.random(in: own.indices, using: &generator)] = 1 }
    default: break
    }
    return leaf(own, steps[x].type)
  }

  static func fits(_ a: [Int], _ b: [Int]) -> Bool {
    zip(a.reversed(), b.reversed()).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
  }

  /// The step, or its tanh where its square can be large.
  mutating func tamed(_ x: Int) -> Int {
    let narrow: [ElementType: Double] = [.float16: 1e3, .uint8: 200]
    let largest = narrow[steps[x].type] ?? Self.largest
    if isWild || limits[x] * limits[x] <= largest { return x }
    return small(x)
  }

  /// In -1 ... 1.
  mutating func small(_ x: Int) -> Int {
    apply(.tanh, [x], steps[x].shape, floating(x), 1)
  }

  mutating func squarePlusOne(_ x: Int) -> Int {
    let type = steps[x].type
    let square = apply(.multiply, [x, x], steps[x].shape, type, limits[x] * limits[x])
    let one = append(.leaf(.number(1)), [], [], type, 1)
    return apply(.add, [square, one], steps[x].shape, type, limits[square] + 1)
  }

  /// The step, cast if it is of another type.
  mutating func cast(_ x: Int, to type: ElementType) -> Int {
    if steps[x].type == type { return x }
    return apply(.cast, [x], steps[x].shape, type, limits[x], .init(type: type))
  }

  /// The step, as a type that has more than 0 and 1.
  mutating func numeric(_ x: Int) -> Int {
    steps[x].type == .bool ? cast(x, to: .int32) : x
  }

  func floating(_ x: Int) -> ElementType {
    steps[x].type.isFloatingPoint ? steps[x].type : .float32
  }

  /// What sums and products over axes give.
  func accumulating(_ x: Int) -> ElementType {
    steps[x].type.isFloatingPoint ? steps[x].type : .int32
  }

  mutating func leaf(_ shape: [Int], _ type: ElementType) -> Int {
    let numbers = self.numbers()
    if chance(2) {
      let number = Int.random(in: 0..<2, using: &generator)
      return append(.leaf(.weight(number)), [], shape, type, limit(.near))
    }
    return own(shape, type, numbers, limit(numbers))
  }

  /// Indices of an axis of so many elements.
  mutating func indices(_ shape: [Int], of size: Int) -> Int {
    own(shape, chance(4) ? .uint8 : .int32, .indices(size), Double(size))
  }

  private mutating func own(
    _ shape: [Int], _ type: ElementType, _ numbers: RandomProgram.Numbers, _ limit: Double
  ) -> Int {
    let seed = UInt64.random(in: 0..<1 << 32, using: &generator)
    return append(.leaf(.own(numbers, seed: seed)), [], shape, type, limit)
  }

  private mutating func numbers() -> RandomProgram.Numbers {
    if isWild, chance(2) { return .wide }
    return chance(5) ? .repeated : .near
  }

  private func limit(_ numbers: RandomProgram.Numbers) -> Double {
    if case .wide = numbers { 0x1p60 } else { 9 }
  }

  @discardableResult mutating func apply(
    _ operation: TensorOperation, _ operands: [Int], _ shape: [Int], _ type: ElementType,
    _ limit: Double, _ options: Reference.Options = .init()
  ) -> Int {
    append(.operation(operation, options), operands, shape, type, limit)
  }

  @discardableResult mutating func append(
    _ kind: RandomProgram.Kind, _ operands: [Int], _ shape: [Int], _ type: ElementType,
    _ limit: Double
  ) -> Int {
    steps.append(.init(kind: kind, operands: operands, shape: shape, type: type))
    limits.append(limit)
    return steps.count - 1
  }

  mutating func axis(_ x: Int) -> Int {
    Int.random(in: steps[x].shape.indices, using: &generator)
  }

  mutating func chance(_ oneIn: Int) -> Bool {
    Int.random(in: 0..<oneIn, using: &generator) == 0
  }

  mutating func pick<T>(_ list: [T]) -> T {
    list[Int.random(in: list.indices, using: &generator)]
  }
}
