import Swoop
import Testing

/// Indices out of range are found on the device, and reach who reads what hangs on them.
@Suite(.timeLimit(.minutes(5))) struct BadIndexTests {
  private static func expect(
    _ error: (any Error)?, _ operation: String, index: Int, position: Int, size: Int,
    _ label: String = ""
  ) {
    guard let error = error as? TensorError else {
      Issue.record("\(label): \(String(describing: error)) instead of an index out of range")
      return
    }
    #expect(error.code == .indexOutOfRange, "\(label): \(error)")
    for part in ["\(operation) ", "index \(index),", "position \(position) ", " \(size) elements"] {
      #expect(error.message.contains(part), "\(label): \(error)")
    }
  }

  private static func failure(_ body: () throws -> Void) -> (any Error)? {
    do {
      try body()
      return nil
    } catch {
      return error
    }
  }

  /// The first bad one of several, on every operation with indices.
  @Test(arguments: TestDevices.all, OperationTests.Route.allCases)
  func theFirstIsReported(_ device: Device, _ route: OperationTests.Route) throws {
    // Bad from position 300 on, every one of them.
    var list = [Int32](repeating: 1, count: 1000)
    for position in 300..<1000 { list[position] = position % 2 == 0 ? Int32(position) : -8 }
    list[300] = -6
    let indices = try Tensor(list, shape: [1000], on: device)
    let x = try Tensor.ones([5, 2], on: device)
    let updates = try Tensor.ones([1000, 2], on: device)
    let programs: [(String, (Tensor, Tensor) throws -> Tensor)] = [
      ("take", { try $0.taking($1) }),
      ("takeAlong", { try $0.transposed()[row: 0].takingAlong($1, axis: 0) }),
      ("oneHot", { try $1.oneHot($0.shape[0]) }),
      ("scatter", { try $0.scattering(updates, at: $1) }),
      ("scatterAdd", { try $0.scatterAdding(updates, at: $1) }),
    ]
    for (name, program) in programs {
      for _ in 0..<3 {
        let error = Self.failure {
          let result = try route.run(on: device) { try program(x, indices) }
          _ = try result.blockingArray(as: Float.self)
        }
        Self.expect(error, name, index: -6, position: 300, size: 5, "\(name), \(route)")
      }
    }
  }

  @Test(arguments: TestDevices.all, OperationTests.Route.allCases)
  func onlyWhatHangsOnItFails(_ device: Device, _ route: OperationTests.Route) throws {
    let x = try Tensor([Float(0), 1, 2, 3], shape: [4], on: device)
    let lists = (0..<40).map { [Int32($0 % 4), Int32($0 == 17 ? 4 : -1)] }
    let (results, all) = try route.run(on: device) {
      let taken = try lists.map { try x.taking(Tensor($0, shape: [2], on: device)) }
      let results = try taken.map { try ($0 * 2).reshaped(2, 1) + 1 }
      return (results, try results.reduce(Tensor.zeros([2, 1], on: device)) { try $0 + $1 })
    }
    for (index, result) in results.enumerated() {
      if index == 17 {
        for _ in 0..<2 {
          let error = Self.failure { _ = try result.blockingArray(as: Float.self) }
          Self.expect(error, "take", index: 4, position: 1, size: 4, "\(route)")
        }
        #expect(throws: TensorError.self) { try result.blockingWait() }
      } else {
        #expect(try result.blockingArray(as: Float.self) == [Float(index % 4) * 2 + 1, 7])
      }
    }
    #expect(throws: TensorError.self) { try all.blockingArray(as: Float.self) }
    #expect(throws: TensorError.self) {
      try results[17].withBlockingElements(as: Float.self) { $0.count }
    }
    // Made of it when it has been known for long.
    let later = Self.failure { _ = try (results[17] + results[3]).blockingArray(as: Float.self) }
    Self.expect(later, "take", index: 4, position: 1, size: 4)
    #expect(try (results[16] + results[3]).blockingArray(as: Float.self) == [8, 14])
  }

  @Test(arguments: TestDevices.all) func tasksGetTheErrorToo(_ device: Device) async throws {
    let x = try Tensor.ones([3, 2], on: device)
    let bad = try x.taking(Tensor([Int32(0), 3], shape: [2], on: device))
    for _ in 0..<2 {
      do {
        _ = try await bad.sum().scalar(as: Float.self)
        Issue.record("nothing was thrown")
      } catch {
        Self.expect(error, "take", index: 3, position: 1, size: 3)
      }
    }
    await #expect(throws: TensorError.self) { try await bad.wait() }
    await #expect(throws: TensorError.self) {
      try await bad.withElements(as: Float.self) { $0.count }
    }
  }

  @Test(arguments: TestDevices.all) func anEmptyAxisHasNoIndex(_ device: Device) throws {
    let x = try Tensor.zeros([0], on: device)
    let error = Self.failure {
      let indices = try Tensor([Int32(0)], shape: [1], on: device)
      _ = try x.taking(indices).blockingArray(as: Float.self)
    }
    Self.expect(error, "take", index: 0, position: 0, size: 0)
  }

  /// A bad index of one caller is not the others' business.
  @Test(arguments: TestDevices.all) func coalescedCallersAreApart(_ device: Device) async throws {
    let table = try Tensor((0..<20).map { Float($0) }, shape: [10, 2], on: device)
    let model = Coalescer(on: device) { indices in
      try (table.taking(indices) * 2).sum(1)
    }
    let outcomes = await withTaskGroup(of: (Int, Result<[Float], any Error>).self) { group in
      for index in 0..<64 {
        group.addTask {
          do {
            let sample = try Tensor(
              [Int32(index % 10), Int32(index % 8 == 5 ? 10 + index : -1)], shape: [2], on: device)
            let result = try await model(sample)
            return (index, .success(try await result.array(as: Float.self)))
          } catch {
            return (index, .failure(error))
          }
        }
      }
      return await group.reduce(into: [(Int, Result<[Float], any Error>)]()) { $0.append($1) }
    }
    for (index, outcome) in outcomes {
      switch outcome {
      case .success(let values):
        #expect(index % 8 != 5)
        #expect(values == [Float(index % 10) * 8 + 2, 74])
      case .failure(let error):
        #expect(index % 8 == 5)
        Self.expect(error, "take", index: 10 + index, position: 1, size: 10)
      }
    }
    await model.shutdown()
  }
}

extension Tensor {
  /// One row of a matrix.
  fileprivate subscript(row index: Int) -> Tensor {
    get throws { try taking(Tensor([Int32(index)], shape: [], on: device)) }
  }
}
