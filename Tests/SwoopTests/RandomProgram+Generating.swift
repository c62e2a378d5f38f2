import RealModule
import Swoop
import SwoopCheck

extension RandomProgram {
  /// Programs of a run. Each depends on the seed and its number alone.
  static func programs(_ numbers: Range<Int>, seed: UInt64) -> [RandomProgram] {
    numbers.map { number in
      var generator = TestGenerator(seed: seed &+ UInt64(number) &* 0xD1B5_4A32_D192_ED03)
      return random(&generator)
    }
  }

  static func random(_ generator: inout TestGenerator) -> RandomProgram {
    var builder = ProgramBuilder(generator)
    defer { generator = builder.generator }
    return builder.build()
  }
}

/// Makes one program, step by step; keeps account of how large elements can be, so that most
/// programs stay far from overflow and from the poles.
struct ProgramBuilder {
  var generator: TestGenerator
  private var steps: [RandomProgram.Step] = []
  /// The largest absolute value that each step's elements can have.
  private var limits: [Double] = []
  /// One program in twenty-five is not kept from inf and NaN.
  private let isWild: Bool

  /// Few, so that signatures and with them kernels repeat. 33 is beyond a quad and a tile.
  static let shapes: [[Int]] = [
    [4], [5], [33], [4, 5], [5, 4], [2, 4, 5], [], [1], [1, 5], [4, 1], [1, 1], [4, 1, 5],
  ]
  static let emptyShapes: [[Int]] = [[0], [4, 0], [0, 5]]
  private static let mostElements = 400
  private static let largest = 1e5

  init(_ generator: TestGenerator) {
    self.generator = generator
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

  // MARK: Moves

  private mutating func extend(_ x: Int) -> Bool {
    // Those of two operands twice, because they make graphs of what is otherwise a chain.
    let operations = RandomProgram.operations + [.add, .subtract, .multiply, .divide]
    let choice = Int.random(in: 0..<operations.count + 2, using: &generator)
    guard choice < operations.count else {
      return choice == operations.count ? transpose(x) : reshape(x)
    }
    let operation = operations[choice]
    switch operation {
    case .add, .subtract, .multiply, .divide: return pair(operation, x)
    case .exp: return float(.exp, limits[x] > 10 && !isWild ? tamed(x) : x)
    case .log: return float(.log, isWild ? x : squarePlusOne(tamed(x)))
    case .sqrt: return float(.sqrt, isWild || chance(4) ? x : squarePlusOne(tamed(x)))
    case .tanh: return float(.tanh, x)
    case .negate, .relu, .copy:
      apply(operation, [x], steps[x].shape, steps[x].type, limits[x])
      return true
    case .cast:
      let type: ElementType = steps[x].type == .int32 ? .float32 : .int32
      apply(.cast, [x], steps[x].shape, type, limits[x], .init(type: type))
      return true
    case .softmax:
      guard !steps[x].shape.isEmpty else { return false }
      apply(.softmax, [x], steps[x].shape, .float32, 1, .init(axes: [axis(x)]))
      return true
    case .matmul, .linear: return product(operation, x)
    default: return reduce(operation, x)
    }
  }

  private mutating func float(_ operation: TensorOperation, _ x: Int) -> Bool {
    let limit = operation == .exp ? Double.exp(min(limits[x], 60)) : max(limits[x], 1)
    apply(operation, [x], steps[x].shape, .float32, operation == .tanh ? 1 : limit)
    return true
  }

  private mutating func pair(_ operation: TensorOperation, _ x: Int) -> Bool {
    var (x, y) = (x, companion(of: x))
    let shape = broadcastShape(steps[x].shape, steps[y].shape)
    guard shape.reduce(1, *) <= Self.mostElements else { return false }
    if operation == .multiply || operation == .divide { (x, y) = (tamed(x), tamed(y)) }
    if steps[x].type != steps[y].type {
      let integer = steps[x].type == .int32 ? x : y
      let cast = apply(
        .cast, [integer], steps[integer].shape, .float32, limits[integer], .init(type: .float32))
      if integer == x { x = cast }
      if integer == y { y = cast }
    }
    if operation == .divide, !isWild { y = squarePlusOne(y) }
    if chance(2), operation != .divide { (x, y) = (y, x) }
    let type = operation == .divide ? .float32 : steps[x].type
    let limit =
      switch operation {
      case .multiply: limits[x] * limits[y]
      case .divide: limits[x]
      default: limits[x] + limits[y]
      }
    apply(operation, [x, y], shape, type, limit)
    return true
  }

  private mutating func reduce(_ operation: TensorOperation, _ x: Int) -> Bool {
    let shape = steps[x].shape
    var options = Reference.Options(isKeeping: chance(3))
    if !shape.isEmpty, !chance(4) {
      options.axes = [axis(x)]
      if operation != .argmax, shape.count > 2, chance(3) {
        options.axes = Array(Array(0..<shape.count).shuffled(using: &generator).prefix(2))
      }
      if chance(4) { options.axes = options.axes.map { $0 - shape.count } }
    }
    let axes = options.normalizedAxes(shape.count)
    let length = axes.reduce(1) { $0 * shape[$1] }
    if operation != .sum, length == 0 { return false }
    let result = shape.indices.compactMap {
      axes.contains($0) ? options.isKeeping ? 1 : nil : shape[$0]
    }
    let own = steps[x].type
    let (type, limit): (ElementType, Double) =
      switch operation {
      case .sum: (own, limits[x] * Double(max(length, 1)))
      case .mean: (.float32, limits[x])
      case .argmax: (.int32, Double(length))
      default: (own, limits[x])
      }
    apply(operation, [x], result, type, limit, options)
    return true
  }

  private mutating func product(_ operation: TensorOperation, _ x: Int) -> Bool {
    guard let inner = steps[x].shape.last else { return false }
    let x = tamed(x)
    let shape = steps[x].shape
    let type = steps[x].type
    let columns = pick([1, 4, 5])
    var rows = Array(shape.dropLast())
    guard rows.reduce(columns, *) <= Self.mostElements else { return false }
    if operation == .matmul, shape.count == 2, chance(4) {
      let y = append(.transposed([1, 0]), [x], [shape[1], shape[0]], type, limits[x])
      guard shape[0] * shape[0] <= Self.mostElements else { return false }
      apply(.matmul, [x, y], [shape[0], shape[0]], type, limits[x] * limits[x] * Double(inner))
      return true
    }
    if operation == .matmul, chance(5) {
      let y = leaf([inner], type)
      apply(.matmul, [x, y], rows, type, limits[x] * limits[y] * Double(inner))
      return true
    }
    let weight =
      operation == .matmul && shape.count == 3 && chance(3)
      ? leaf([shape[0], inner, columns], type) : leaf([inner, columns], type)
    var operands = [x, weight]
    var options = Reference.Options()
    if operation == .linear {
      if chance(2) { operands.append(leaf([columns], type)) }
      if chance(2) { options.activation = .relu }
    }
    rows.append(columns)
    let limit = limits[x] * limits[weight] * Double(inner) + 10
    apply(operation, operands, rows, type, limit, options)
    return true
  }

  private mutating func transpose(_ x: Int) -> Bool {
    let shape = steps[x].shape
    guard shape.count > 1 else { return false }
    let axes = Array(shape.indices).shuffled(using: &generator)
    append(.transposed(axes), [x], axes.map { shape[$0] }, steps[x].type, limits[x])
    return true
  }

  private mutating func reshape(_ x: Int) -> Bool {
    let count = steps[x].shape.reduce(1, *)
    var shapes = [[count], [1, count], [count, 1]]
    for factor in [4, 5] where count % factor == 0 {
      shapes += [[factor, count / factor], [count / factor, factor]]
    }
    append(.reshaped, [x], pick(shapes), steps[x].type, limits[x])
    return true
  }

  // MARK: Parts

  /// A second operand: an earlier step that fits, or a leaf.
  private mutating func companion(of x: Int) -> Int {
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

  private static func fits(_ a: [Int], _ b: [Int]) -> Bool {
    zip(a.reversed(), b.reversed()).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
  }

  /// The step, or its tanh where it can be large.
  private mutating func tamed(_ x: Int) -> Int {
    if isWild || limits[x] * limits[x] <= Self.largest { return x }
    return apply(.tanh, [x], steps[x].shape, .float32, 1)
  }

  private mutating func squarePlusOne(_ x: Int) -> Int {
    let type = steps[x].type
    let square = apply(.multiply, [x, x], steps[x].shape, type, limits[x] * limits[x])
    let one = append(.leaf(.number(1)), [], [], type, 1)
    return apply(.add, [square, one], steps[x].shape, type, limits[square] + 1)
  }

  private mutating func leaf(_ shape: [Int], _ type: ElementType) -> Int {
    let numbers = self.numbers()
    if chance(2) {
      let number = Int.random(in: 0..<2, using: &generator)
      return append(.leaf(.weight(number)), [], shape, type, limit(.near))
    }
    let seed = UInt64.random(in: 0..<1 << 32, using: &generator)
    return append(.leaf(.own(numbers, seed: seed)), [], shape, type, limit(numbers))
  }

  private mutating func numbers() -> RandomProgram.Numbers {
    if isWild, chance(2) { return .wide }
    return chance(5) ? .repeated : .near
  }

  private func limit(_ numbers: RandomProgram.Numbers) -> Double {
    numbers == .wide ? 0x1p60 : 9
  }

  @discardableResult private mutating func apply(
    _ operation: TensorOperation, _ operands: [Int], _ shape: [Int], _ type: ElementType,
    _ limit: Double, _ options: Reference.Options = .init()
  ) -> Int {
    append(.operation(operation, options), operands, shape, type, limit)
  }

  @discardableResult private mutating func append(
    _ kind: RandomProgram.Kind, _ operands: [Int], _ shape: [Int], _ type: ElementType,
    _ limit: Double
  ) -> Int {
    steps.append(.init(kind: kind, operands: operands, shape: shape, type: type))
    limits.append(limit)
    return steps.count - 1
  }

  private mutating func axis(_ x: Int) -> Int {
    Int.random(in: steps[x].shape.indices, using: &generator)
  }

  private mutating func chance(_ oneIn: Int) -> Bool {
    Int.random(in: 0..<oneIn, using: &generator) == 0
  }

  private mutating func pick<T>(_ list: [T]) -> T {
    list[Int.random(in: list.indices, using: &generator)]
  }
}

extension RandomProgram {
  /// What programs are made of: the operations of which `Bounded` knows how errors of operands
  /// come out. The others are held to their bounds one by one, by `OperationTests`.
  static let operations: [TensorOperation] = [
    .add, .subtract, .multiply, .divide, .negate, .exp, .log, .sqrt, .tanh, .relu, .cast, .copy,
    .sum, .mean, .max, .argmax, .softmax, .matmul, .linear,
  ]
}
