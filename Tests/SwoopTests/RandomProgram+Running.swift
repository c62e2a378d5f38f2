import Swoop
import SwoopCheck
import SwoopCore

/// The data of one call of a program: which sample, and which elements of its own leaves.
struct ProgramData: Sendable, CustomStringConvertible {
  let sample: Int
  let own: Int

  /// What every program is called with. The first two have all leaves but the sample in common,
  /// as calls of one model do.
  static let calls = [
    ProgramData(sample: 0, own: 0), ProgramData(sample: 1, own: 0), ProgramData(sample: 2, own: 1),
  ]
  /// Those that one coalescer can serve.
  static let coalesced = calls.indices.filter { calls[$0].own == 0 }

  var description: String { "sample \(sample), own leaves \(own)" }

  func elements(
    of leaf: RandomProgram.Leaf, _ shape: [Int], _ type: ElementType
  ) -> Elements {
    let count = shape.reduce(1, *)
    switch leaf {
    case .number(let value):
      return Elements([Double(value)], type)
    case .sample(let numbers, let seed):
      return numbers.elements(count, type, seed: seed &+ UInt64(sample) &* 0x9E37_79B9)
    case .own(let numbers, let seed):
      return numbers.elements(count, type, seed: seed &+ UInt64(own) &* 0x85EB_CA6B)
    case .weight(let number):
      let seed = shape.reduce(UInt64(number + 1)) { $0 &* 31 &+ UInt64($1) }
      return RandomProgram.Numbers.near.elements(count, type, seed: seed)
    }
  }
}

extension RandomProgram.Numbers {
  func elements(_ count: Int, _ type: ElementType, seed: UInt64) -> Elements {
    var generator = TestGenerator(seed: seed)
    func numbers(_ range: ClosedRange<Int64>) -> Elements {
      Elements((0..<count).map { _ in Double(Int64.random(in: range, using: &generator)) }, type)
    }
    if case .indices(let size) = self {
      let least = type == .int32 ? -size : 0
      return numbers(Int64(least)...Int64(size - 1))
    }
    if case .integers(let all) = type.numbers {
      switch self {
      case .wide: return numbers(all)
      case .repeated: return numbers(-1...1 as ClosedRange<Int64>)
      default: return numbers(-9...9 as ClosedRange<Int64>)
      }
    }
    switch self {
    case .repeated: return Values.repeated.elements(count, type, &generator)
    case .wide: return Values.wide.elements(count, type, &generator)
    default:
      return Elements(
        (0..<count).map { _ in Double(Float.random(in: -2...2, using: &generator)) }, type)
    }
  }
}

/// Tensors that all programs share on a device.
final class SharedWeights {
  private struct Key: Hashable {
    let number: Int
    let shape: [Int]
    let type: ElementType
  }
  private let device: Device
  private var tensors: [Key: Tensor] = [:]
  init(_ device: Device) { self.device = device }

  func tensor(_ number: Int, _ step: RandomProgram.Step) throws -> Tensor {
    let key = Key(number: number, shape: step.shape, type: step.type)
    if let tensor = tensors[key] { return tensor }
    let made = try ProgramData.calls[0].elements(of: .weight(number), step.shape, step.type)
      .tensor(step.shape, on: device)
    tensors[key] = made
    return made
  }
}

extension RandomProgram {
  /// The leaves of a call, as tensors.
  func leaves(
    _ data: ProgramData, on device: Device, _ weights: SharedWeights
  ) throws -> [Int: Tensor] {
    var leaves: [Int: Tensor] = [:]
    for index in reachable.union([0]) {
      guard case .leaf(let leaf) = steps[index].kind else { continue }
      if case .weight(let number) = leaf {
        leaves[index] = try weights.tensor(number, steps[index])
      } else {
        leaves[index] = try data.elements(of: leaf, steps[index].shape, steps[index].type)
          .tensor(steps[index].shape, on: device)
      }
    }
    return leaves
  }

  /// The program through the public interface, from these leaves.
  func tensor(_ leaves: [Int: Tensor]) throws -> Tensor {
    var results = leaves
    for index in reachable.sorted() {
      let step = steps[index]
      let operands = step.operands.compactMap { results[$0] }
      switch step.kind {
      case .leaf: continue
      case .operation(let operation, let options):
        guard let apply = RandomProgram.applications[operation] else { continue }
        results[index] = try apply(operands, options)
      case .rearranged(let rearrangement):
        results[index] = try rearrangement.tensor(operands, to: step.shape)
      case .composite(let composite, let options):
        results[index] = try composite.tensor(operands, options)
      }
    }
    guard let result = results[steps.count - 1] else { throw RunFailure("it has no result") }
    guard Array(result.shape) == self.result.shape, result.elementType == self.result.type else {
      throw RunFailure("it gives \(result.shape) \(result.elementType)")
    }
    return result
  }

  private static let applications = [
    TensorOperation: @Sendable ([Tensor], Reference.Options) throws -> Tensor
  ](uniqueKeysWithValues: OperationTable.lines.map { ($0.operation, $0.apply) })
}

struct RunFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// How programs are run: many together, each with several data.
enum ProgramPath: String, CaseIterable, Sendable {
  case perOp, recorded, batched
  /// Batched, and however small the results are: chains fused, memory used again.
  case fused
  /// Outside of a scope, read from the last to the first.
  case lazy
  /// Coalescers, one a program, that wait until their batch is full.
  case enqueued
  /// Coalescers that several threads call.
  case called
  /// As `enqueued`, with the chains of the traced program fused.
  case fusedTrace

  static let unfused = allCases.filter { $0 != .fused && $0 != .fusedTrace }

  /// The calls that the path can serve.
  var calls: [Int] {
    self == .enqueued || self == .called || self == .fusedTrace
      ? ProgramData.coalesced : Array(ProgramData.calls.indices)
  }
}

/// The elements' bits of every program's calls, by `ProgramPath.calls`; NaNs count as one.
typealias ProgramBits = [[[UInt32]]]

/// Runs programs by a path. The tests plant faults by putting another in front of it.
typealias ProgramRunner = ([RandomProgram], ProgramPath) throws -> ProgramBits

extension ProgramPath {
  /// Runs programs on a device.
  static func runner(on device: Device, _ weights: SharedWeights) -> ProgramRunner {
    { programs, path in
      switch path {
      case .perOp:
        try device.blockingPerOp { try together(programs, path, device, weights) }.map(bits)
      case .recorded:
        try device.blockingRecorded { try together(programs, path, device, weights) }.map(bits)
      case .batched:
        try device.blockingBatch { try together(programs, path, device, weights) }.map(bits)
      case .fused:
        try Evaluator.$reuseBytes.withValue(0) {
          try device.blockingBatch { try together(programs, path, device, weights) }
        }.map(bits)
      case .lazy:
        try together(programs, path, device, weights).reversed().map {
          try $0.reversed().map { try $0.bits() }
        }
        .reversed().map { $0.reversed() }
      case .enqueued: try enqueued(programs, device, weights, fuses: false)
      case .fusedTrace: try enqueued(programs, device, weights, fuses: true)
      case .called: try called(programs, device, weights)
      }
    }
  }

  private static func bits(_ tensors: [Tensor]) throws -> [[UInt32]] {
    try tensors.map { try $0.bits() }
  }

  /// The calls of all programs, in an order that the programs decide but that mixes them.
  private static func together(
    _ programs: [RandomProgram], _ path: ProgramPath, _ device: Device, _ weights: SharedWeights
  ) throws -> [[Tensor]] {
    var order = programs.indices.flatMap { program in path.calls.map { (program, $0) } }
    var generator = TestGenerator(seed: UInt64(programs.count))
    order.shuffle(using: &generator)
    var results = programs.map { _ in [Tensor?](repeating: nil, count: path.calls.count) }
    for (program, call) in order {
      let leaves = try programs[program].leaves(ProgramData.calls[call], on: device, weights)
      results[program][call] = try programs[program].tensor(leaves)
    }
    return results.map { $0.compactMap { $0 } }
  }

  private struct Model {
    let coalesced: Coalescer
    /// One for each call, with an extra one at the end: the first again.
    let samples: [Tensor]

    init(
      _ program: RandomProgram, _ options: CoalescerOptions, _ device: Device,
      _ weights: SharedWeights
    ) throws {
      let calls = ProgramData.coalesced.map { ProgramData.calls[$0] }
      let leaves = try program.leaves(calls[0], on: device, weights)
      coalesced = Coalescer(on: device, options: options) { x in
        var own = leaves
        own[0] = x
        return try program.tensor(own)
      }
      let all = try calls.map { try program.leaves($0, on: device, weights)[0] }
      samples = (all + [all[0]]).compactMap { $0 }
    }
  }

  private static func enqueued(
    _ programs: [RandomProgram], _ device: Device, _ weights: SharedWeights, fuses: Bool
  ) throws -> ProgramBits {
    var options = CoalescerOptions()
    options.fuses = fuses
    options.maximumBatch = ProgramData.coalesced.count + 1
    options.maximumDelay = .seconds(60)
    let models = try programs.map { try Model($0, options, device, weights) }
    let futures = try models.map { model in
      try model.samples.map { try model.coalesced.enqueue($0) }
    }
    let bits = try futures.map { try checked($0.map { try $0.bits() }) }
    guard models.allSatisfy({ $0.coalesced.statistics.batchSizes == [$0.samples.count: 1] }) else {
      throw RunFailure("the calls did not leave as one batch")
    }
    return bits
  }

  private static func called(
    _ programs: [RandomProgram], _ device: Device, _ weights: SharedWeights
  ) throws -> ProgramBits {
    var options = CoalescerOptions()
    options.fuses = false
    let models = try programs.map { try Model($0, options, device, weights) }
    let count = ProgramData.coalesced.count + 1
    let results = Lock([Result<[[UInt32]], any Error>](repeating: .success([]), count: count))
    onThreads(count) { thread in
      // Each goes through the programs in the same order, so that their calls meet.
      let own = Result {
        try models.map { try $0.coalesced.blocking($0.samples[thread]).bits() }
      }
      results.withLock { $0[thread] = own }
    }
    let byThread = try results.withLock { try $0.map { try $0.get() } }
    return try programs.indices.map { program in try checked(byThread.map { $0[program] }) }
  }

  /// The extra call's result must be the first's.
  private static func checked(_ bits: [[UInt32]]) throws -> [[UInt32]] {
    guard bits.last == bits.first else {
      throw RunFailure("two calls with one sample give different results")
    }
    return Array(bits.dropLast())
  }
}
