import Swoop
import SwoopLab

/// The trials of one workload, each with the board that its results are left on.
struct Trials {
  let model: Model
  var all: [Trial] = []
  private(set) var boards: [ResultBoard] = []
  /// What the coalesced trials note beside their times.
  var logs: [Callers: CoalescedLog] = [:]

  init(_ model: Model) { self.model = model }

  mutating func board(_ name: FigureName, workers: Int = 1) -> ResultBoard {
    let board = ResultBoard(name.description, workers: workers)
    boards.append(board)
    return board
  }

  /// One sample on the per-op path, waited for, in the two forms of the patterns.
  private func perOp(_ board: ResultBoard) -> PatternWork {
    let model = model
    return PatternWork(
      blocking: { worker, iteration in
        let result = try model.device.blockingPerOp { try model.sample(iteration) }
        try result.blockingWait()
        board.cells[worker].first = iteration
        board.cells[worker].tensors = [result]
      },
      awaiting: { worker, iteration in
        let result = try await model.device.perOp { try model.sample(iteration) }
        try await result.wait()
        board.cells[worker].first = iteration
        board.cells[worker].tensors = [result]
      })
  }

  /// The plain loop, waiting after each operation and once at the end.
  mutating func addBaselines() {
    all.append(.baseline(perOp(board(.baseline))))
    let once = board(.baselineWaitingOnce)
    let model = model
    all.append(
      .baselineWaitingOnce(
        start: { iteration in
          let result = try model.device.blockingPerOp { try model.sample(iteration) }
          once.cells[0].first = iteration
          once.cells[0].tensors = [result]
        }, finish: { for tensor in once.cells[0].tensors { try tensor.blockingWait() } }))
  }

  /// One caller on the per-op path, from host arrays to host arrays.
  mutating func addLone(_ kind: CallerKind) {
    let model = model
    let cell = board(.lone(kind)).cells[0]
    let work = PatternWork(
      blocking: { _, iteration in
        let result = try model.device.blockingPerOp { try model.hostSample(iteration) }
        cell.first = iteration
        cell.results = [try result.blockingArray()]
      },
      awaiting: { _, iteration in
        let result = try await model.device.perOp { try model.hostSample(iteration) }
        cell.first = iteration
        cell.results = [try await result.array()]
      })
    all.append(.lone(kind, work))
  }

  /// From host arrays to host arrays: hand-stacked batches of all these sizes, and batched calls
  /// of the largest.
  /// - Parameter inTurn: sizes of which one batch at a time is run too.
  mutating func addServed(_ sizes: [Int], inTurn: [Int], _ loop: HandStacked) {
    for size in sizes {
      let cell = board(.served(.stacked, size)).cells[0]
      all.append(
        .served(.stacked, size) { batches in
          try loop.run(Array(repeating: size, count: batches), cell)
        })
    }
    for size in inTurn {
      let cell = board(.servedInTurn(size)).cells[0]
      all.append(
        .servedInTurn(size) { batches in
          try loop.run(Array(repeating: size, count: batches), depth: 1, cell)
        })
    }
    guard let size = sizes.last else { return }
    let cell = board(.served(.batched, size)).cells[0]
    all.append(.served(.batched, size) { try loop.runBatched($0, of: size, cell) })
  }

  mutating func addPatterns(_ threads: [Int]) {
    for pattern in ThreadPattern.threaded {
      for count in threads {
        let board = board(.threads(pattern, count), workers: count)
        all.append(.threads(pattern, count, perOp(board)))
      }
    }
  }

  mutating func addFloor(_ threads: [Int]) throws {
    let floor = try Floor(model)
    for count in threads {
      let board = board(.floor(threads: count), workers: count)
      let loops = try (0..<count).map { _ in try floor.loop() }
      let reads = loops.map { loop in { @Sendable in loop.result } }
      all.append(
        .floor(threads: count) { worker, iteration in
          try loops[worker].run(iteration)
          board.cells[worker].first = iteration
          board.cells[worker].read = reads[worker]
        })
    }
  }

  /// Recorded, batched and stacked batches. Different batches hold different samples.
  mutating func addBatches(_ sizes: [Int]) async throws {
    let model = model
    for size in sizes {
      for path in [BatchPath.recorded, .batched] {
        let cell = board(.batch(path, size)).cells[0]
        all.append(
          .batch(
            path, size,
            run: { iteration in
              let first = iteration * size
              func calls() throws -> [Tensor] {
                try (first..<first + size).map { try model.sample($0) }
              }
              let results =
                path == .recorded
                ? try model.device.blockingRecorded(calls) : try model.device.blockingBatch(calls)
              cell.first = first
              cell.tensors = results
            }, finish: { for tensor in cell.tensors { try tensor.blockingWait() } }))
      }

      let stacked = board(.batch(.stacked, size))
      let count = max(1, min(8, model.workload.sampleCount / size))
      var stacks: [[Tensor]] = []
      for index in 0..<count {
        let stack = try model.stack(index * size, size)
        for operand in stack { try await operand.wait() }
        stacks.append(stack)
      }
      let inputs = stacks
      all.append(
        .batch(
          .stacked, size,
          run: { iteration in
            let result = try model.device.blockingRecorded { try model(inputs[iteration % count]) }
            stacked.cells[0].first = iteration % count * size
            stacked.cells[0].tensors = [result]
          }, finish: { for tensor in stacked.cells[0].tensors { try tensor.blockingWait() } }))
    }
  }
}
