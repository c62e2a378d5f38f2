import Swoop

/// What a caller could write who served others and knew in what batches they come: it copies their
/// host arrays into one, runs, reads back, and hands every one of them the elements of its result.
///
/// As a rule two batches are in flight at most: one is filled or handed out while another runs.
final class HandStacked: Sendable {
  private let model: Model

  init(_ model: Model) { self.model = model }

  /// Runs batches of these sizes in order, all layers of one in a submission; leaves the results of
  /// the last in the cell.
  /// - Parameter depth: how many batches are in flight at most.
  @available(*, noasync)
  func run(_ sizes: [Int], depth: Int = 2, _ cell: ResultBoard.Cell) throws {
    let width = model.workload.resultWidth
    var first = 0
    try pipelined(sizes.count, depth) { index in
      let (start, size) = (first, sizes[index])
      first += size
      let stack = try model.stack(start, size)
      let result = try model.device.blockingRecorded { try model(stack) }
      return {
        cell.first = start
        try result.withBlockingElements(as: Float.self) { elements in
          elements.withUnsafeBufferPointer { elements in
            cell.results = (0..<size).map { Array(elements[$0 * width..<($0 + 1) * width]) }
          }
        }
      }
    }
  }

  /// The same with a call for each sample in a batched scope, and each result read by itself.
  @available(*, noasync)
  func runBatched(_ batches: Int, of size: Int, _ cell: ResultBoard.Cell) throws {
    try pipelined(batches, 2) { [model] index in
      let first = index * size
      let results = try model.device.blockingBatch {
        try (first..<first + size).map { try model.hostSample($0) }
      }
      return {
        cell.first = first
        cell.results = try results.map { try $0.blockingArray() }
      }
    }
  }

  /// - Parameter start: starts a batch and returns what waits for it and hands it out.
  private func pipelined(
    _ count: Int, _ depth: Int, _ start: (Int) throws -> () throws -> Void
  ) throws {
    var inFlight: [() throws -> Void] = []
    for index in 0..<count {
      if inFlight.count == depth { try inFlight.removeFirst()() }
      inFlight.append(try start(index))
    }
    for finish in inFlight { try finish() }
  }
}
