import RealModule
import Swoop

/// A small seeded generator, so that a failing case fails again.
struct TestGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// What the elements of an operand are like.
enum Values: Sendable {
  /// Of both signs, mostly near 1, some tiny and some huge, none subnormal.
  case wide
  /// Of both signs, so that sums and products of a few thousand stay far from the limits.
  case moderate
  /// For logarithms and roots.
  case positive
  /// For exp, from underflow to overflow.
  case exponents
  /// For tanh, from where it is linear to where it is 1.
  case angles
  /// Few different ones, so that there are ties.
  case repeated
  /// int32, anywhere in its range.
  case integers
  /// These, over and over.
  case these([Float])
  /// These integers, over and over.
  case theseIntegers([Int32])

  func elements(_ count: Int, _ generator: inout TestGenerator) -> Elements {
    switch self {
    case .integers:
      return .int32((0..<count).map { _ in .random(in: .min ... .max, using: &generator) })
    case .theseIntegers(let list):
      return .int32((0..<count).map { list[$0 % list.count] })
    case .these(let list):
      return .float32((0..<count).map { list[$0 % list.count] })
    default:
      return .float32((0..<count).map { _ in element(&generator) })
    }
  }

  private func element(_ generator: inout TestGenerator) -> Float {
    let choice = Int.random(in: 0..<10, using: &generator)
    func power(_ range: ClosedRange<Float>) -> Float {
      Float.exp2(.random(in: range, using: &generator))
    }
    func signed(_ value: Float) -> Float { Bool.random(using: &generator) ? value : -value }
    func uniform(_ range: ClosedRange<Float>) -> Float { .random(in: range, using: &generator) }

    switch self {
    case .wide:
      if choice < 6 { return uniform(-2...2) }
      if choice < 8 { return signed(power(-20...20)) }
      return signed(choice == 8 ? power(-60 ... -40) : power(40...60))
    case .moderate:
      if choice < 8 { return uniform(-2...2) }
      return signed(choice == 8 ? power(-20...0) : power(0...10))
    case .positive:
      if choice < 4 { return uniform(0.25...4) }
      if choice < 6 { return 1 + uniform(-0.001...0.001) }
      return power(-125...126)
    case .exponents:
      if choice < 5 { return uniform(-90...90) }
      if choice < 8 { return uniform(-2...2) }
      return choice == 8 ? signed(power(-60 ... -20)) : uniform(-120...120)
    case .angles:
      if choice < 6 { return uniform(-3...3) }
      if choice < 8 { return uniform(-20...20) }
      return signed(choice == 8 ? power(-60 ... -5) : power(4...100))
    case .repeated:
      return Float(Int.random(in: -2...2, using: &generator))
    case .integers, .these, .theseIntegers:
      return 0
    }
  }
}

/// Elements of either type.
enum Elements: Sendable {
  case float32([Float])
  case int32([Int32])

  var values: [Double] {
    switch self {
    case .float32(let list): list.map { Double($0) }
    case .int32(let list): list.map { Double($0) }
    }
  }

  var type: ElementType {
    switch self {
    case .float32: .float32
    case .int32: .int32
    }
  }

  func reordered(_ indices: [Int]) -> Elements {
    switch self {
    case .float32(let list): .float32(indices.map { list[$0] })
    case .int32(let list): .int32(indices.map { list[$0] })
    }
  }

  func tensor(_ shape: [Int], on device: Device) throws -> Tensor {
    switch self {
    case .float32(let list): try Tensor(list, shape: Shape(shape), on: device)
    case .int32(let list): try Tensor(list, shape: Shape(shape), on: device)
    }
  }
}

/// One operand: what it is, and how it lies in memory.
struct Sample: Sendable {
  enum Form: Sendable {
    case dense
    /// Stored with the axes in the reverse order and looked at transposed.
    case transposed
    /// Stored in this order and looked at permuted.
    case permuted([Int])
    /// Stored flat.
    case reshaped
  }

  let shape: [Int]
  let elements: Elements
  let form: Form

  var exact: Exact { Exact(shape: shape, values: elements.values, type: elements.type) }

  func tensor(on device: Device) throws -> Tensor {
    switch form {
    case .dense: return try elements.tensor(shape, on: device)
    case .reshaped:
      return try elements.tensor([elements.values.count], on: device).reshaped(shape)
    case .transposed:
      return try permuted(Array(shape.indices.reversed()), on: device)
    case .permuted(let axes): return try permuted(axes, on: device)
    }
  }

  /// `stored.transposed(axes)` has this sample's shape; so axis i of it is axis axes[i] of
  /// what is stored.
  private func permuted(_ axes: [Int], on device: Device) throws -> Tensor {
    var stored = [Int](repeating: 0, count: shape.count)
    for (axis, source) in axes.enumerated() { stored[source] = shape[axis] }
    let order = (0..<elements.values.count).map { flat in
      let place = coordinates(flat, in: stored)
      return flatIndex(axes.map { place[$0] }, in: shape)
    }
    let tensor = try elements.reordered(order).tensor(stored, on: device)
    return try tensor.transposed(axes)
  }
}

/// One application of an operation.
struct OperationCase: Sendable, CustomStringConvertible {
  let operands: [Sample]
  let options: Reference.Options

  var description: String {
    let list = operands.map { "\($0.shape) \($0.elements.type) \($0.form)" }
    return (list + [options.description]).filter { !$0.isEmpty }.joined(separator: ", ")
  }
}
