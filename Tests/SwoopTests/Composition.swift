import RealModule
import Swoop
import SwoopCheck
import SwoopCore

/// Random programs of views, broadcasts and functions, run as tensors and in double precision.
struct Composition: CustomStringConvertible {
  enum Step {
    case transposed([Int])
    case reshaped([Int])
    case sparseView
    case broadcast(Int)
    case tanh, exp, softmax
    case square
    case sum(Int, keeping: Bool)
    case mean(Int)
    case add(Int)
    case multiply(Int)
    case subtract(Int)
    /// By its own transpose.
    case gram
    case chosen
    case cumulativeSum(Int)
    case cumulativeProduct(Int)
    case cumulativeMax(Int)
    case product(Int)
    /// Some places twice, some not at all.
    case taking(Int, [Int])
    case sorted(Int)
  }

  let shapes: [[Int]]
  private(set) var steps: [Step] = []
  private var shape: [Int]

  var description: String { "\(shapes): \(steps)" }

  /// A program that turns the first operand step by step, with the others mixed in.
  init(_ generator: inout TestGenerator) {
    func size() -> Int { Int.random(in: 2...4, using: &generator) }
    shape = [size(), size(), size()]
    shapes = [shape, [shape[2]], [shape[1], 1], []]
    for _ in 0..<Int.random(in: 4...8, using: &generator) { append(&generator) }
  }

  private mutating func append(_ generator: inout TestGenerator) {
    let axis = shape.isEmpty ? 0 : Int.random(in: 0..<shape.count, using: &generator)
    let step: Step
    switch Int.random(in: 0..<20, using: &generator) {
    case 0:
      let axes = Array(shape.indices).shuffled(using: &generator)
      step = .transposed(axes)
      shape = axes.map { shape[$0] }
    case 1:
      let count = shape.reduce(1, *)
      let divisor = (1...count).filter { count % $0 == 0 }.randomElement(using: &generator) ?? 1
      shape = [divisor, count / divisor]
      step = .reshaped(shape)
    case 2 where shape.count == 3 && shape[0] >= 2 && shape[1] >= 3:
      step = .sparseView
      shape = [shape[2], shape[0] / 2, (shape[1] - 1) / 2]
    case 3 where shape.count < 4:
      step = .broadcast(2)
      shape = [2] + shape
    case 4: step = .tanh
    case 5: step = .exp
    case 6 where !shape.isEmpty: step = .softmax
    case 7 where shape.count > 1:
      let keeping = Bool.random(using: &generator)
      step = .sum(axis, keeping: keeping)
      if keeping { shape[axis] = 1 } else { shape.remove(at: axis) }
    case 8 where shape.count > 1:
      step = .mean(axis)
      shape.remove(at: axis)
    case 9 where shape.count >= 2:
      step = .gram
      shape[shape.count - 1] = shape[shape.count - 2]
    case 10: step = .chosen
    case 11: step = .square
    case 14 where !shape.isEmpty: step = .cumulativeSum(axis)
    case 15 where !shape.isEmpty: step = .cumulativeProduct(axis)
    case 16 where !shape.isEmpty: step = .cumulativeMax(axis)
    case 17 where shape.count > 1:
      step = .product(axis)
      shape.remove(at: axis)
    case 18 where !shape.isEmpty:
      let size = shape[axis]
      shape[axis] = Int.random(in: 2...4, using: &generator)
      step = .taking(
        axis, (0..<shape[axis]).map { _ in Int.random(in: -size..<size, using: &generator) })
    case 19 where !shape.isEmpty: step = .sorted(axis)
    case let choice:
      let fitting = shapes.indices.filter { broadcasts(shapes[$0], to: shape) }
      let other = fitting.randomElement(using: &generator) ?? shapes.count - 1
      step = choice == 12 ? .add(other) : choice == 13 ? .multiply(other) : .subtract(other)
    }
    steps.append(step)
  }

  private func broadcasts(_ shape: [Int], to target: [Int]) -> Bool {
    shape.count <= target.count
      && zip(shape.reversed(), target.reversed()).allSatisfy { $0 == 1 || $0 == $1 }
  }

  func run(_ x: [Tensor]) throws -> Tensor {
    var y = x[0]
    for step in steps {
      switch step {
      case .transposed(let axes): y = try y.transposed(axes)
      case .reshaped(let shape): y = try y.reshaped(shape)
      case .sparseView: y = try y.reshaped(Array(y.shape)).contiguous().sparseViewOfNode()
      case .broadcast(let count): y = y.repeated(count)
      case .tanh: y = try y.tanh()
      case .exp: y = try (y.tanh()).exp()
      case .softmax: y = try y.softmax()
      case .square: y = try y.tanh().square()
      case .sum(let axis, let keeping): y = try y.sum(axis, keepingDimensions: keeping)
      case .mean(let axis): y = try y.mean(axis)
      case .add(let other): y = try y + x[other]
      case .multiply(let other): y = try x[other] * y
      case .subtract(let other): y = try y - x[other]
      case .gram:
        let rank = y.shape.count
        y = try y.matmul(
          y.transposed(Array(0..<rank - 2) + [rank - 1, rank - 2])
        ).tanh()
      case .chosen: y = try Tensor.where(y .> 0.3, y * 2, y.tanh())
      case .cumulativeSum(let axis): y = try y.cumulativeSum(axis)
      case .cumulativeProduct(let axis): y = try y.tanh().cumulativeProduct(axis)
      case .cumulativeMax(let axis): y = try y.cumulativeMax(axis)
      case .product(let axis): y = try y.tanh().product(axis)
      case .taking(let axis, let places):
        y = try y.taking(Tensor(places, on: y.device), axis: axis)
      case .sorted(let axis): y = try y.sorted(axis)
      }
    }
    return try y.tanh().sum()
  }

  func run(_ x: [Exactly]) -> Exactly {
    let tanh = { (y: Exactly) in
      Exactly.map([y], slopes: { [1 + .pow(.tanh($0[0]), 2)] }, { .tanh($0[0]) })
    }
    var y = x[0]
    for step in steps {
      switch step {
      case .transposed(let axes): y = y.transposed(axes)
      case .reshaped(let shape): y = y.reshaped(shape)
      case .sparseView:
        let shape = y.shape
        y = y.picking([shape[2], shape[0] / 2, (shape[1] - 1) / 2]) { place in
          [2 * place[1] + 1, 2 * place[2] + 1, shape[2] - 1 - place[0]]
        }
      case .broadcast(let count): y = y.picking([count] + y.shape) { Array($0.dropFirst()) }
      case .tanh: y = tanh(y)
      case .exp: y = Exactly.map([tanh(y)], slopes: { [.exp($0[0])] }, { .exp($0[0]) })
      case .softmax: y = y.softmax()
      case .square: y = Exactly.map([tanh(y)], slopes: { [2 * $0[0]] }, { $0[0] * $0[0] })
      case .sum(let axis, let keeping): y = y.sum([axis], keeping: keeping)
      case .mean(let axis):
        let count = Double(y.shape[axis])
        y = y.reduced([axis], slope: 1 / count) { $0.reduce(0, +) / count }
      case .add(let other):
        y = Exactly.map([y, x[other]], slopes: { _ in [1, 1] }, { $0[0] + $0[1] })
      case .multiply(let other):
        y = Exactly.map([y, x[other]], slopes: { [$0[1], $0[0]] }, { $0[0] * $0[1] })
      case .subtract(let other):
        y = Exactly.map([y, x[other]], slopes: { _ in [1, 1] }, { $0[0] - $0[1] })
      case .gram:
        let rank = y.shape.count
        y = tanh(y.matmul(y.transposed(Array(0..<rank - 2) + [rank - 1, rank - 2])))
      case .chosen:
        y = Exactly.map(
          [y, tanh(y)], slopes: { $0[0] > 0.3 ? [2, 0] : [0, 1] },
          {
            $0[0] > 0.3 ? 2 * $0[0] : $0[1]
          })
      case .cumulativeSum(let axis): y = y.cumulativeSum(axis)
      case .cumulativeProduct(let axis): y = tanh(y).cumulativeProduct(axis)
      case .cumulativeMax(let axis): y = y.cumulativeMax(axis)
      case .product(let axis): y = tanh(y).product(axis)
      case .taking(let axis, let places): y = y.taking(places, axis)
      case .sorted(let axis): y = y.sorted(axis)
      }
    }
    return tanh(y).sum()
  }
}

extension Tensor {
  /// Seen as often, along a new first axis.
  fileprivate func repeated(_ count: Int) -> Tensor {
    let target = Shape(unchecked: [count] + Array(shape))
    return Tensor(node, view: View(layout.broadcast(to: target)))
  }

  /// `sparseView` of elements that may begin anywhere in the node.
  fileprivate func sparseViewOfNode() throws -> Tensor {
    let view = try sparseView()
    var layout = view.layout
    layout.offset += self.layout.offset
    return Tensor(node, view: View(layout))
  }
}
