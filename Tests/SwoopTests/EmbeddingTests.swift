import Swoop
import Testing

/// Rows of a table by index, and the table's gradient.
@Suite struct EmbeddingTests {
  private static func table(_ rows: Int, _ columns: Int) -> [[Float]] {
    (0..<rows).map { row in (0..<columns).map { Float(row * 10 + $0) } }
  }

  @Test(arguments: TestDevices.all, OperationTests.Route.allCases)
  func givesRows(_ device: Device, _ route: OperationTests.Route) throws {
    let rows = Self.table(6, 3)
    for type in [ElementType.float32, .float16, .bfloat16, .int32] {
      for places in [[], [1], [2, 2], [0], [3, 0, 2]] as [Shape] {
        let list = (0..<places.elementCount).map { ($0 * 5 + 4) % 12 - 6 }
        let result = try route.run(on: device) {
          try Tensor(rows, as: type, on: device)
            .embedding(Tensor(list.map { Int32($0) }, shape: places, on: device))
        }
        #expect(Array(result.shape) == Array(places) + [3] && result.elementType == type)
        #expect(
          try result.cast(to: .float32).blockingArray(as: Float.self)
            == list.flatMap { rows[$0 < 0 ? $0 + 6 : $0] })
      }
    }
  }

  /// Rows that are taken often, once, and never.
  @Test(arguments: TestDevices.all) func gradientsAddUp(_ device: Device) throws {
    let table = try Tensor(Self.table(5, 2), on: device)
    let places = try Tensor([[1, 3, 1], [-2, 4, 1]], on: device)
    let weights = try Tensor((1...6).map { Float($0) }, shape: [2, 3, 1], on: device)
    let slope = try gradient(at: table) { try ($0.embedding(places) * weights).sum() }
    #expect(
      try slope.blockingNested(as: [[Float]].self) == [
        [0, 0], [10, 10], [0, 0], [6, 6], [5, 5],
      ])
    // In the order of the indices: another gives other bits.
    let order: [Float] = [1e8, 1, -1e8, 3, 1e8, -1e8, 0.25]
    let same = try Tensor([Int32](repeating: 2, count: 7), shape: [7], on: device)
    let column = try Tensor(order, shape: [7, 1], on: device)
    let sums = try gradient(at: table) { try ($0.embedding(same) * column).sum() }
    let total = order.reduce(0, +)
    #expect(try sums[2].blockingArray(as: Float.self) == [total, total])
  }

  /// Logits of tokens by the mean of their rows: it learns which tokens belong to which class.
  @Test(arguments: TestDevices.all) func aTableLearns(_ device: Device) throws {
    let tokens = try Tensor([[0, 1], [2, 3], [1, 0], [3, 2]], on: device)
    let labels = try Tensor([0, 1, 0, 1], on: device)
    var table = try Tensor.random([4, 2], in: -0.1...0.1, seed: 3, on: device)
    var losses: [Float] = []
    for step in 0..<30 {
      let loss = try device.blockingBatch {
        let (loss, slope) = try valueWithGradient(at: table) { table in
          try table.embedding(tokens).dropout(key: RandomKey(seed: UInt64(step)), rate: 0.1)
            .mean(1).crossEntropy(labels)
        }
        table = try table - 2 * slope
        return loss
      }
      losses.append(try loss.blockingScalar(as: Float.self))
    }
    #expect(losses[0] > 0.5 && losses.suffix(5).reduce(0, +) / 5 < 0.1, "\(losses)")
    let found = try table.embedding(tokens).mean(1).argmax(1).blockingArray(as: Int32.self)
    #expect(found == [0, 1, 0, 1])
  }

  @Test(arguments: TestDevices.all) func callersOfOneModelAreApart(_ device: Device) async throws {
    let rows = Self.table(10, 2)
    let table = try Tensor(rows, on: device)
    let model = Coalescer(on: device) { try table.embedding($0).sum(0) }
    let outcomes = await withTaskGroup(of: (Int, [Float]?, TensorError.Code?).self) { group in
      for index in 0..<40 {
        group.addTask {
          do {
            let places = try Tensor(
              [Int32(index % 10), index % 8 == 5 ? -11 : -1], shape: [2], on: device)
            return (index, try await model(places).array(as: Float.self), nil)
          } catch {
            return (index, nil, (error as? TensorError)?.code)
          }
        }
      }
      return await group.reduce(into: [(Int, [Float]?, TensorError.Code?)]()) { $0.append($1) }
    }
    #expect(outcomes.count == 40)
    for (index, values, code) in outcomes {
      if index % 8 == 5 {
        #expect(values == nil && code == .indexOutOfRange)
      } else {
        #expect(values == zip(rows[index % 10], rows[9]).map { $0 + $1 })
      }
    }
    await model.shutdown()
  }

  @Test(arguments: TestDevices.all) func mistakesAreErrors(_ device: Device) throws {
    let places = try Tensor([0, 5], on: device)
    func code(_ body: () throws -> Void) -> TensorError.Code? {
      #expect(throws: TensorError.self, performing: body)?.code
    }
    let table = try Tensor.zeros([5, 2], on: device)
    #expect(code { _ = try Tensor.zeros([5], on: device).embedding(places) } == .shapeMismatch)
    #expect(
      code { _ = try Tensor.zeros([5, 2, 2], on: device).embedding(places) } == .shapeMismatch)
    #expect(code { _ = try table.embedding(Tensor([0.5], on: device)) } == .elementTypeMismatch)
    let error = #expect(throws: TensorError.self) {
      try table.embedding(places).blockingArray(as: Float.self)
    }
    #expect(error?.code == .indexOutOfRange)
    for part in ["take ", "index 5,", "position 1 ", " 5 elements"] {
      #expect(error?.message.contains(part) == true, "\(String(describing: error))")
    }
  }
}
