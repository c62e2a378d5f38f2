import Swoop
import SwoopCore
import Testing

/// A program that comes again is run by the plan of the first; what looks the same and is not must
/// not be.
@Suite(.serialized) struct PlanTests {
  private let device: Device
  private let tensors: [Tensor]

  init() throws {
    device = try #require(SeparateDevice.make())
    let device = device
    // Together the results of a program come to more than a MiB.
    tensors = try (0..<5).map {
      try Tensor.random([512, 1024], in: 0.5...2, seed: UInt64($0 + 1), on: device)
    }
    for tensor in tensors { try tensor.blockingWait() }
  }

  /// Of four operands a kernel takes all if two are the same.
  @Test func sharedOperandsAreLookedAt() throws {
    func program(_ a: Tensor, _ b: Tensor, _ c: Tensor, _ d: Tensor) throws -> Int {
      try device.dispatches { [try (a + b) * c - d] }
    }
    let t = tensors
    #expect(try program(t[0], t[1], t[2], t[0]) == 1)
    #expect(try program(t[0], t[1], t[2], t[0]) == 1)
    // The same outline, which the plan does not fit.
    #expect(try program(t[0], t[1], t[2], t[3]) == 2)
    #expect(try program(t[1], t[2], t[3], t[3]) <= 2)
    #expect(try program(t[4], t[1], t[2], t[4]) <= 2)
    // What differed and is the same now is read twice.
    #expect(try program(t[0], t[0], t[0], t[0]) <= 2)
  }

  @Test func heldResultsAreLookedAt() throws {
    func program(holdsSum: Bool, holdsProduct: Bool) throws -> Int {
      try device.dispatches {
        let sum = try tensors[0] + tensors[1]
        let product = try sum * tensors[2]
        let last = try product.sqrt()
        return [last] + (holdsSum ? [sum] : []) + (holdsProduct ? [product] : [])
      }
    }
    for _ in 0..<2 {
      #expect(try program(holdsSum: false, holdsProduct: false) == 1)
      #expect(try program(holdsSum: true, holdsProduct: false) == 2)
      #expect(try program(holdsSum: false, holdsProduct: true) == 2)
      #expect(try program(holdsSum: true, holdsProduct: true) == 3)
    }
  }

  /// A slice is as contiguous as a whole, and its signature that of a whole.
  @Test func viewsAreLookedAt() throws {
    let (a, b) = (tensors[0], tensors[1])
    let small = try a[0..<256]
    for _ in 0..<2 {
      #expect(try device.dispatches { [try (a + b)[0..<256] * small] } == 2)
      #expect(try device.dispatches { [try (a[0..<256] + b[0..<256]) * small] } == 1)
      #expect(try device.dispatches { [try (a[256..<512] + b[0..<256]) * small] } == 1)
      #expect(try device.dispatches { [try (a[256..<512] + b[0..<256]) * a[256..<512]] } == 1)
    }
  }

  /// Products of one weight are one dispatch, of two two.
  @Test func weightsAreLookedAt() throws {
    let rows = try (0..<8).map { try tensors[0][$0] }
    let weights = try (0..<2).map { try tensors[$0 + 1][0..<16].transposed().contiguousForTests() }
    for weight in weights { try weight.blockingWait() }
    func program(_ places: [Int]) throws -> Int {
      try device.dispatches { try zip(rows, places).map { try $0.matmul(weights[$1]) } }
    }
    for _ in 0..<2 {
      #expect(try program([0, 0, 0, 0, 0, 0, 0, 0]) == 1)
      #expect(try program([0, 0, 0, 0, 1, 1, 1, 1]) == 2)
      #expect(try program([0, 1, 0, 1, 0, 1, 0, 1]) == 2)
    }
  }

  /// A tensor keeps what the array had.
  @Test func arraysMayChangeLater() throws {
    var elements: [Float] = (0..<1000).map { Float($0) }
    let tensor = try Tensor(elements, shape: [1000], on: device)
    let part = try Tensor(Array(elements[500...]), shape: [500], on: device)
    let empty = try Tensor([Float](), shape: [0], on: device)
    let before = elements
    for index in elements.indices { elements[index] = -1 }
    elements.removeAll()
    #expect(try (tensor + 0).blockingArray(as: Float.self) == before)
    #expect(try part.blockingArray(as: Float.self) == Array(before[500...]))
    #expect(try (empty + empty).blockingArray(as: Float.self) == [])
  }
}

extension Tensor {
  fileprivate func contiguousForTests() throws -> Tensor { try self * 1 }
}
