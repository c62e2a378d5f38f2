extension Trial {
  /// What suspending and resuming alone costs: `tasks` Swift tasks that suspend through an unsafe
  /// continuation again and again, and one thread that resumes whoever is there.
  ///
  /// This is what a coalescer must do for every call of a task, and no more: a call that suspends
  /// can be no faster. The rate is in suspensions, each with its resumption, per second.
  public static func continuations(tasks: Int = 256) -> Trial {
    let tasks = max(1, tasks)
    return Trial(FigureName.continuations.description, granularity: tasks) { operations in
      let room = WaitingRoom()
      try WorkerThread { room.resumeAll() }.detach()
      defer { room.close() }
      // The thread is there before the clock starts.
      await room.suspend()
      return await ContinuousClock().measure {
        await withTaskGroup(of: Void.self) { group in
          for _ in 0..<tasks {
            group.addTask { for _ in 0..<operations / tasks { await room.suspend() } }
          }
        }
      }
    }
  }
}

/// Where tasks are suspended until a thread comes round.
private final class WaitingRoom: Sendable {
  private struct State {
    var continuations: [UnsafeContinuation<Void, Never>] = []
    var isClosed = false
  }
  private let state = Monitor(State())

  func suspend() async {
    await withUnsafeContinuation { continuation in
      let isFirst = state.locked { state in
        state.continuations.append(continuation)
        return state.continuations.count == 1
      }
      if isFirst { state.signal() }
    }
  }

  func close() {
    state.locked { $0.isClosed = true }
    state.signal()
  }

  /// Resumes all that are there, until the room is closed.
  @available(*, noasync)
  func resumeAll() {
    while true {
      let (ready, isOver) = state.wait(
        until: { !$0.continuations.isEmpty || $0.isClosed },
        then: { state in
          defer { state.continuations = [] }
          return (state.continuations, state.isClosed)
        })
      for continuation in ready { continuation.resume() }
      if isOver { return }
    }
  }
}
