import Glibc
import Swoop
import SwoopCheck

extension RandomProgram {
  /// What a step of a program can be made by.
  enum Move: Hashable, Sendable {
    case operation(TensorOperation)
    case composite(Composite)
    /// Views, and copies of elements to other places.
    case transpose, reshape, slice, flip, broadcast, squeeze, expand, pad, tile, `repeat`, stack
  }

  /// What programs are made of. Left out are random numbers, which are exact and have nothing to
  /// pass on; `window`, `fold` and `unview`, of which `Tensor` makes convolutions and gradients;
  /// and the passes of a sort, which `sorted` and the others are.
  static let operations: [TensorOperation] = OperationTable.lines.map(\.operation).filter {
    switch $0 {
    case .randomBits, .randomUniform, .randomBernoulli, .randomIntegers, .randomNormal, .window,
      .fold, .unview, .sortRuns, .mergeRuns, .searchSorted:
      false
    default: true
    }
  }

  static let rearranging: [Move] = [
    .transpose, .reshape, .slice, .flip, .broadcast, .squeeze, .expand, .pad, .tile, .repeat,
    .stack,
  ]

  /// Everything, and once more what makes graphs of chains, or moves what others have made.
  static let moves: [Move] =
    operations.map(Move.operation) + Composite.allCases.map(Move.composite) + rearranging
    + rearranging.prefix(2) + frequent.map(Move.operation)

  private static let frequent: [TensorOperation] = [
    .add, .subtract, .multiply, .divide, .add, .multiply, .matmul, .linear, .sum, .softmax, .cast,
    .cast,
  ]

  /// What most programs are made of where kernels have to be compiled: that is what takes the time,
  /// and many programs of few kernels meet in more ways than few programs of many.
  static let coreMoves: [Move] =
    core.map(Move.operation) + rearranging + frequent.map(Move.operation)

  private static let core: [TensorOperation] = [
    .add, .subtract, .multiply, .divide, .negate, .exp, .log, .sqrt, .tanh, .relu, .cast, .copy,
    .sum, .mean, .max, .argmax, .softmax, .matmul, .linear, .maximum, .square, .where, .take,
    .concatenate, .cumulativeSum,
  ]

  /// Those of the moves that the environment names, and what they cannot do without: SwiftShader
  /// takes seconds to compile a kernel.
  private static func chosen(_ moves: [Move]) -> [Move] {
    guard let wish = getenv("SWOOP_TEST_OPERATIONS") else { return moves }
    let names = String(cString: wish).split(separator: ",").map(String.init)
    let needed: [TensorOperation] = [.add, .subtract, .multiply, .tanh, .copy]
    return moves.filter {
      switch $0 {
      case .operation(let operation):
        needed.contains(operation) || names.contains(operation.name)
      case .composite: false
      default: true
      }
    }
  }

  private static let chosenMoves = (all: chosen(moves), core: chosen(coreMoves))

  /// Programs of a run. Each depends on the seed and its number alone, and on what it is made of.
  /// - Parameters:
  ///   - moves: what they are made of, unless the environment says.
  ///   - wide: one in so many is made of everything, the others of `coreMoves` and without casts to
  ///     narrow types.
  static func programs(
    _ numbers: Range<Int>, seed: UInt64, of moves: [Move]? = nil, wide: Int = 1
  ) -> [RandomProgram] {
    numbers.map { number in
      let generator = TestGenerator(seed: seed &+ UInt64(number) &* 0xD1B5_4A32_D192_ED03)
      let isWide = number % wide == 0
      let own = moves ?? (isWide ? chosenMoves.all : chosenMoves.core)
      var builder = ProgramBuilder(generator, own, types: isWide ? ElementType.allCases : [])
      return builder.build()
    }
  }
}
