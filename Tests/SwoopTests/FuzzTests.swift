import Glibc
import SwoopCheck
import Testing

@testable import Swoop

/// Random shapes, axes and indices for whatever takes such: a result or a typed error, no trap.
@Suite struct FuzzTests {
  private struct Arguments {
    var generator: TestGenerator

    mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }

    /// Mostly sensible, at times anything.
    mutating func any() -> Int {
      switch number(0...19) {
      case 0:
        [Int.min, .max, .min + 1, .max - 1, 1 << 33, -1 << 33, 1 << 40, 1 << 62][number(0...7)]
      case 1: .random(in: .min ... .max, using: &generator)
      case 2...4: number(-9...9)
      default: number(-3...4)
      }
    }

    mutating func list(_ range: ClosedRange<Int>) -> [Int] {
      (0..<number(range)).map { _ in any() }
    }

    mutating func tensor(_ device: Device) throws -> Tensor {
      let shape = (0..<number(0...5)).map { _ in number(0...4) }
      let type = ElementType.allCases[number(0...5)]
      var tensor = try Tensor.arange(0..<shape.reduce(1, *), on: device).reshaped(shape).cast(
        to: type)
      if number(0...2) == 0 { tensor = try tensor.transposed() }
      if number(0...2) == 0 { tensor = try tensor.flipped() }
      return tensor
    }

    mutating func index() -> any TensorIndex {
      let (a, b) = (any(), any())
      switch number(0...8) {
      case 0: return AxisIndex.newAxis
      case 1: return AxisIndex.ellipsis
      case 2: return Swift.min(a, b)..<Swift.max(a, b)
      case 3: return Swift.min(a, b)...Swift.max(a, b)
      case 4: return a...
      case 5: return ..<a
      case 6: return ...a
      case 7:
        return AxisIndex.slice(
          from: number(0...1) == 0 ? a : nil, to: number(0...1) == 0 ? b : nil, by: any())
      default: return a
      }
    }

    /// One call of one function, and what it gave.
    mutating func call(_ device: Device) throws -> [Tensor] {
      let x = try tensor(device)
      switch number(0...26) {
      case 0...4: return [try x.selecting((0..<number(0...6)).map { _ in index() })]
      case 5...7:
        return [try x.replacing((0..<number(0...6)).map { _ in index() }, with: tensor(device))]
      case 8: return [try x.reshaped(list(0...9))]
      case 9: return [try x.transposed(list(0...6))]
      case 10: return [try x.broadcast(to: Shape(list(0...9)))]
      case 11: return [try x.expandingDimensions(list(0...5))]
      case 12: return [try x.squeezed(any())]
      case 13: return [try x.flipped(any(), any())]
      case 14: return [try x.swappingAxes(any(), any()), try x.movingAxis(any(), to: any())]
      case 15:
        let others = try (0..<number(0...4)).map { _ in try number(0...1) == 0 ? x : tensor(device)
        }
        return [try .concatenated(others, axis: any())]
      case 16: return [try .stacked([x, x, number(0...1) == 0 ? x : tensor(device)], axis: any())]
      case 17: return try x.split(any(), axis: any())
      case 18: return try x.split(sizes: list(0...4), axis: any())
      case 19: return [try x.padded(before: list(0...5), after: list(0...5), with: any())]
      case 20: return [try x.tiled(list(0...9))]
      case 21: return [try x.repeated(any(), axis: any())]
      case 22: return [try .arange(from: any(), to: any(), by: any(), on: device)]
      case 23: return [try .eye(any(), any(), diagonal: any(), on: device)]
      case 24: return [try .linspace(Double(any()), Double(any()), count: any(), on: device)]
      case 25: return [try .uniform(Shape(list(0...9)), key: RandomKey(seed: 1), on: device)]
      default:
        let (a, b) = (any(), any())
        let range = Swift.min(a, b)..<Swift.max(a, b)
        return [
          try .integers(Shape(list(0...3)), in: range, key: RandomKey(seed: 1), on: device),
          try .permutation(any(), key: RandomKey(seed: 1), on: device),
        ]
      }
    }
  }

  @Test(arguments: TestDevices.all)
  func onlyTypedErrors(_ device: Device) throws {
    var arguments = Arguments(generator: TestGenerator(seed: ViewTests.seed))
    var (results, errors) = (0, [TensorError.Code: Int]())
    for number in 0..<10_000 {
      do {
        for tensor in try arguments.call(device) {
          #expect(tensor.shape.defect == .none)
          // What was made can be read; on Vulkan of every fourth.
          if tensor.shape.elementCount <= 4096, device == .cpu || number % 4 == 0 {
            try tensor.blockingWait()
            _ = try tensor.bits()
          }
        }
        results += 1
      } catch let error as TensorError {
        errors[error.code, default: 0] += 1
        #expect(!error.message.isEmpty)
      } catch {
        Issue.record("\(error) is no TensorError")
      }
    }
    // Both kinds, or the test tests nothing.
    #expect(results > 2000 && errors.values.reduce(0, +) > 2000)
    let list = errors.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
    print("\(device): \(results) results, errors \(list.joined(separator: ", "))")
  }
}
