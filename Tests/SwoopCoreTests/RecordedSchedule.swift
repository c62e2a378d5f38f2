#if DEBUG
  import Glibc
  import Synchronization
  @testable import SwoopCore

  /// One short life of a queue, with everything in it that may go wrong at random: who comes when,
  /// what the device takes how long for and what is refused, who is cancelled, and when the end
  /// comes.
  struct RecordedSchedule: Sendable {
    enum Style: CaseIterable { case task, patientTask, thread, future, polledFuture, sleepyFuture }
    enum EndsBy { case nobody, close, abandon }

    let options: CoalescingQueue.Options
    let styles: [Style]
    /// In microseconds, for each call: before it comes, and before it is cancelled.
    let arrivals: [Int]
    let cancellations: [Int?]
    let endsBy: EndsBy
    let endsAfter: Int
    /// Whether samples may lie in slots.
    let hasSlots: Bool
    let seed: UInt64

    init(seed: UInt64) {
      var random = SplitMix(seed: seed)
      var options = CoalescingQueue.Options()
      options.capacity = .random(in: 1...3, using: &random)
      options.maximumBatch = .random(in: 1...3, using: &random)
      if Int.random(in: 0..<4, using: &random) == 0 { options.maximumDelay = .microseconds(200) }
      options.recorder = .init()
      self.options = options
      let range = 0...[20, 100, 400].randomElement(using: &random)!
      let styles = (0..<Int.random(in: 3...6, using: &random)).map { _ in
        Style.allCases.randomElement(using: &random)!
      }
      self.styles = styles
      arrivals = styles.map { _ in Int.random(in: range, using: &random) }
      cancellations = styles.map { style in
        Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 0...200, using: &random) : nil
      }
      endsBy = [.nobody, .nobody, .close, .abandon].randomElement(using: &random)!
      endsAfter = Int.random(in: 0...400, using: &random)
      hasSlots = Bool.random(using: &random)
      self.seed = random.next()
    }

    /// What came of it.
    struct Outcome: Sendable {
      var steps: [String] = []
      var agents = 0
      var complaints: [String] = []
    }

    /// What the calls were handed.
    private final class Calls: Sendable {
      let items: [CoalescingQueue.Item]
      let numbers: [ObjectIdentifier: Int]
      let entered = Lock<[CoalescingQueue.Call]>([])
      let complaints = Lock<[String]>([])

      init(_ count: Int, _ backend: FakeBackend) throws {
        items = try (0..<count).map { _ in try .init(backend) }
        numbers = Dictionary(
          uniqueKeysWithValues: items.enumerated().map { (ObjectIdentifier($1.result), $0) })
      }

      func complain(_ text: String) { complaints.withLock { $0.append(text) } }
    }

    func run() async throws -> Outcome {
      let backend = FakeBackend(hasHostMemory: hasSlots)
      let calls = try Calls(styles.count, backend)
      let recorder = options.recorder!
      let device = FakeDevice(recorder, seed)
      // None where samples are handed over as they are.
      let slots = SampleSlots.Source(.of(TensorForm([1], .float32)), on: backend)
      let queue = CoalescingQueue(options, slots: slots) { items in
        device.submit(items) { calls.numbers[ObjectIdentifier($0)]! }
      }
      if hasSlots { queue.prepareSlots(2) }
      await withTaskGroup(of: Void.self) { group in
        for index in styles.indices {
          group.addTask { await call(index, calls, queue, recorder) }
        }
        group.addTask {
          await pause(endsAfter)
          switch endsBy {
          case .nobody: break
          case .close: await queue.close()
          case .abandon:
            // It may block.
            await onAThread { queue.abandon() }
          }
        }
      }
      await queue.close()
      check(queue, calls, device)
      let trace = recorder.trace
      return Outcome(
        steps: trace.entries, agents: trace.agents, complaints: calls.complaints.withLock { $0 })
    }

    private func check(_ queue: CoalescingQueue, _ calls: Calls, _ device: FakeDevice) {
      let statistics = queue.statistics
      let entered = calls.entered.withLock { $0 }
      if statistics.calls != entered.count { calls.complain("\(statistics.calls) calls entered") }
      let run = statistics.batchSizes.reduce(0) { $0 + $1.key * $1.value }
      if run + statistics.cancelled != entered.count { calls.complain("\(run) calls were run") }
      if device.largest > options.maximumBatch { calls.complain("a batch of \(device.largest)") }
      if device.mostInFlight > 2 { calls.complain("\(device.mostInFlight) batches in flight") }
      for call in entered {
        if !call.hasEnded { calls.complain("a call has not been answered") }
        if !call.batch.items.isEmpty { calls.complain("a batch keeps its items") }
      }
    }

    private func call(
      _ index: Int, _ calls: Calls, _ queue: CoalescingQueue,
      _ recorder: CoalescingQueue.Recorder
    ) async {
      await pause(arrivals[index])
      guard let call = await enter(calls.items[index], styles[index], queue) else { return }
      calls.entered.withLock { $0.append(call) }
      let canceller = cancellations[index].map { delay in
        Task {
          await pause(delay)
          call.cancel()
        }
      }
      switch styles[index] {
      case .task, .patientTask: await queue.answered(call)
      case .thread: await onAThread { queue.block(call) }
      case .polledFuture: await onAThread { queue.blockUntilSubmitted(call) }
      case .sleepyFuture:
        await pause(arrivals[index])
        await call.settled()
      case .future: break
      }
      await canceller?.value
      if [.task, .patientTask, .thread].contains(styles[index]), !call.isCancelled {
        read(index, calls, recorder)
      }
    }

    private func enter(
      _ item: CoalescingQueue.Item, _ style: Style, _ queue: CoalescingQueue
    ) async -> CoalescingQueue.Call? {
      while true {
        switch queue.enter(item) {
        case .entered: return item.call
        case .closed: return nil
        case .full:
          switch style {
          case .thread: await onAThread { queue.blockUntilRoom() }
          case .patientTask, .sleepyFuture:
            return await queue.enterWhenThereIsRoom(item) ? item.call : nil
          case .task, .future, .polledFuture: return nil
          }
        }
      }
    }

    private func read(_ index: Int, _ calls: Calls, _ recorder: CoalescingQueue.Recorder) {
      let node = calls.items[index].result
      recorder.step {
        if node.error != nil {
          recorder.append(.readError(node))
        } else if let slice = node.residence?.slice {
          if slice.offset != index { calls.complain("call \(index) got \(slice.offset)'s result") }
          recorder.append(.read(node, of: calls.items[slice.offset].result))
        } else {
          calls.complain("call \(index) was answered without a result")
        }
      }
    }
  }

  /// Takes its time in threads of its own.
  final class FakeDevice: Sendable {
    private struct State {
      var random: SplitMix
      var inFlight = 0
      var mostInFlight = 0
      var largest = 0
    }

    private let recorder: CoalescingQueue.Recorder
    private let state: Lock<State>

    init(_ recorder: CoalescingQueue.Recorder, _ seed: UInt64) {
      self.recorder = recorder
      state = Lock(State(random: SplitMix(seed: seed)))
    }

    var largest: Int { state.withLock { $0.largest } }
    var mostInFlight: Int { state.withLock { $0.mostInFlight } }

    func submit(
      _ items: CoalescingQueue.Items, _ number: (Node) -> Int
    ) -> (any Submission)? {
      let (fate, pause, delay) = state.withLock { state in
        state.largest = max(state.largest, items.count)
        return (
          Int.random(in: 0..<8, using: &state.random),
          Int.random(in: 0...60, using: &state.random),
          Int.random(in: 0...300, using: &state.random)
        )
      }
      usleep(UInt32(pause))
      if fate == 0 {
        recorder.step {
          for result in items.results { result.fail(FakeBackend.refusal) }
          recorder.append(.submit(isRefused: true))
        }
        return nil
      }
      let submission = FakeSubmission()
      let memory = FakeBackend.Memory()
      recorder.step {
        for result in items.results {
          result.fulfil(Residence(memory, by: submission), offset: number(result))
        }
        recorder.append(.submit(isRefused: false))
      }
      state.withLock { state in
        state.inFlight += 1
        state.mostInFlight = max(state.mostInFlight, state.inFlight)
      }
      let first = items.results[0]
      let finish: @Sendable () -> Void = { [self] in
        state.withLock { $0.inFlight -= 1 }
        recorder.step {
          recorder.append(.finish(first: first))
          submission.finish()
        }
      }
      // Some are fast.
      if fate == 1 {
        finish()
      } else {
        DriverThread.start {
          usleep(UInt32(delay))
          finish()
        }
      }
      return submission
    }
  }

  private final class FakeSubmission: Submission {
    private let hasFinished = Atomic<Bool>(false)
    func finish() { hasFinished.store(true, ordering: .releasing) }
    var isFinished: Bool { hasFinished.load(ordering: .acquiring) }
    func wait() { while !isFinished { usleep(20) } }
    nonisolated(nonsending) func finished() async { while !isFinished { await pause(20) } }
  }

  /// Suspends for some microseconds.
  private nonisolated(nonsending) func pause(_ microseconds: Int) async {
    if microseconds > 0 { try? await Task.sleep(for: .microseconds(microseconds)) }
  }

  /// Runs what may block, where it stops no task.
  private nonisolated(nonsending) func onAThread(_ body: @escaping @Sendable () -> Void) async {
    await withUnsafeContinuation { continuation in
      DriverThread.start {
        body()
        continuation.resume()
      }
    }
  }
#endif
