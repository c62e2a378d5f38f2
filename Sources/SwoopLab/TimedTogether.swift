/// Runs `body` on a number of threads at once and returns the wall-clock time from their common
/// start to the end of the last.
///
/// The threads are made before the clock starts and wait at a gate, and they are joined after it
/// has stopped: what is timed is their work, not their making.
@available(*, noasync)
func timedTogether(
  _ workers: Int, _ body: @escaping @Sendable (_ worker: Int) -> Void
) throws(ThreadStartFailure) -> Duration {
  let gate = StartGate()
  let running = Monitor(workers)
  var threads: [WorkerThread] = []
  threads.reserveCapacity(workers)
  for worker in 0..<workers {
    do throws(ThreadStartFailure) {
      threads.append(
        try WorkerThread {
          if gate.pass() { body(worker) }
          running.locked { $0 -= 1 }
          running.signal()
        })
    } catch {
      // Those that have started wait at the gate: send them home first.
      gate.open(callingOff: true)
      for thread in threads { thread.join() }
      throw error
    }
  }
  gate.waitForArrival(of: workers)
  let clock = ContinuousClock()
  let start = clock.now
  gate.open(callingOff: false)
  let end = running.wait(until: { $0 == 0 }, then: { _ in clock.now })
  for thread in threads { thread.join() }
  return end - start
}

/// Where threads wait for their common start.
private final class StartGate: Sendable {
  private enum Position { case closed, open, calledOff }
  private let state = Monitor<(arrived: Int, position: Position)>((0, .closed))

  /// Blocks until the gate opens; false if the run was called off.
  func pass() -> Bool {
    state.locked { $0.arrived += 1 }
    state.broadcast()
    return state.wait(until: { $0.position != .closed }, then: { $0.position == .open })
  }

  func waitForArrival(of count: Int) {
    state.wait(until: { $0.arrived == count }, then: { _ in })
  }

  func open(callingOff: Bool) {
    state.locked { $0.position = callingOff ? .calledOff : .open }
    state.broadcast()
  }
}
