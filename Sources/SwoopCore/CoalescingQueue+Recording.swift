import Synchronization

// Debug builds can write down every transition, by the names of Tests/Model/CoalescingQueue.tla;
// release builds have nothing of it.

extension CoalescingQueue {
  /// One atomic step; what it says is checked too when it is replayed.
  package enum Transition: Sendable {
    case enter(AnyObject & Sendable)
    case refuse(AnyObject & Sendable)
    case suspend(AnyObject & Sendable)
    case turnAway(AnyObject & Sendable)
    case take(agent: Int, on: String, [AnyObject & Sendable], noticed: Int)
    case lookAway(agent: Int, on: String, noticed: Int)
    case sift(agent: Int, left: [AnyObject & Sendable])
    /// The submission's own: it is told apart by there being one leader at a time.
    case submit(isRefused: Bool)
    case publish(agent: Int)
    case land(agent: Int)
    case admit(agent: Int, [AnyObject & Sendable])
    case announce(agent: Int)
    case answer(agent: Int, AnyObject & Sendable, isCancelled: Bool)
    case cancel(AnyObject & Sendable)
    /// The device has finished the batch that this is the first call of.
    case finish(first: AnyObject & Sendable)
    /// What was read is the result for this call.
    case read(AnyObject & Sendable, of: AnyObject & Sendable)
    case readError(AnyObject & Sendable)
    case close
    case abandon
    case closeReturns
  }

  /// Writes transitions down, or does nothing.
  ///
  /// Each entry is made under the recorder's lock together with the transition: a step under the
  /// queue's lock, or on an atomic word, takes the recorder's lock for as long as it lasts, the
  /// queue's first. So entries are in the order of the steps, whatever these read and change.
  struct Recording: Sendable {
    #if DEBUG
      let recorder: Recorder?
    #endif

    init(_ options: Options) {
      #if DEBUG
        recorder = options.recorder
      #endif
    }

    /// A step that may be written down.
    @inline(__always)
    func step<R>(_ body: () -> R) -> R {
      #if DEBUG
        if let recorder { return recorder.step(body) }
      #endif
      return body()
    }

    /// For a step that is too short for a closure.
    @inline(__always)
    func lock() {
      #if DEBUG
        recorder?.lock()
      #endif
    }

    @inline(__always)
    func unlock() {
      #if DEBUG
        recorder?.unlock()
      #endif
    }

    /// Only within a step.
    @inline(__always)
    func record(_ transition: @autoclosure () -> Transition) {
      #if DEBUG
        recorder?.append(transition())
      #endif
    }

    /// A number for whoever looks at the queue, until it is given back.
    @inline(__always)
    func begin() -> Int {
      #if DEBUG
        if let recorder { return recorder.begin() }
      #endif
      return 0
    }

    @inline(__always)
    func end(_ agent: Int) {
      #if DEBUG
        recorder?.end(agent)
      #endif
    }
  }
}

#if DEBUG
  extension CoalescingQueue {
    /// A log of transitions, as entries of a sequence in TLA+.
    package final class Recorder: Sendable {
      private struct Log {
        var entries: [String] = []
        /// Of the nodes of results: numbers, in the order of first mention.
        var names: [ObjectIdentifier: String] = [:]
        /// Kept, so that no two have the same identity.
        var named: [AnyObject & Sendable] = []
        var callCount = 0
        var busy: [Bool] = []
        /// The latest entries, as long as they changed nothing.
        var repeatable: Set<String> = []
      }

      // Nobody takes a queue's lock while holding this one.
      private let mutex = Lock(())
      private nonisolated(unsafe) var log = Log()

      package init() {}

      package func step<R>(_ body: () -> R) -> R { mutex.withLock { _ in body() } }
      func lock() { mutex.lock() }
      func unlock() { mutex.unlock() }

      /// What has been written down, and how many calls and agents it mentions.
      package var trace: (entries: [String], calls: Int, agents: Int) {
        step { (log.entries, log.callCount, log.busy.count) }
      }

      func begin() -> Int {
        step {
          let free = log.busy.firstIndex(of: false) ?? log.busy.count
          if free == log.busy.count { log.busy.append(true) } else { log.busy[free] = true }
          return free + 1
        }
      }

      func end(_ agent: Int) { step { log.busy[agent - 1] = false } }

      /// Only within a step.
      package func append(_ transition: Transition) {
        let entry =
          switch transition {
          case .enter(let call): "\"Enter\", \(name(call))"
          case .refuse(let item): "\"Refuse\", \(name(item))"
          case .suspend(let item): "\"Suspend\", \(name(item))"
          case .turnAway(let item): "\"TurnAway\", \(name(item))"
          case .take(let agent, let occasion, let calls, let noticed):
            "\"Take\", \(agent), \"\(occasion)\", \(list(calls)), \(noticed)"
          case .lookAway(let agent, let occasion, let noticed):
            "\"LookAway\", \(agent), \"\(occasion)\", \(noticed)"
          case .sift(let agent, let left): "\"Sift\", \(agent), \(list(left))"
          case .submit(let isRefused): "\"Submit\", \(text(isRefused))"
          case .publish(let agent): "\"Publish\", \(agent)"
          case .land(let agent): "\"Land\", \(agent)"
          case .admit(let agent, let calls): "\"Admit\", \(agent), \(list(calls))"
          case .announce(let agent): "\"Announce\", \(agent)"
          case .answer(let agent, let call, let isCancelled):
            "\"Answer\", \(agent), \(name(call)), \(text(isCancelled))"
          case .cancel(let call): "\"Cancel\", \(name(call))"
          case .finish(let first): "\"Finish\", \(name(first))"
          case .read(let call, let other): "\"Read\", \(name(call)), \(name(other))"
          case .readError(let call): "\"ReadError\", \(name(call))"
          case .close: "\"Close\""
          case .abandon: "\"Abandon\""
          case .closeReturns: "\"CloseReturns\""
          }
        // Who polls repeats itself. What changes nothing need not be written down twice.
        switch transition {
        case .refuse, .lookAway(_, _, noticed: 0):
          if !log.repeatable.insert(entry).inserted { return }
        default: log.repeatable = []
        }
        log.entries.append("<<\(entry)>>")
      }

      private func text(_ flag: Bool) -> String { flag ? "TRUE" : "FALSE" }

      private func list(_ calls: [AnyObject & Sendable]) -> String {
        "<<" + calls.map { "\(name($0))" }.joined(separator: ", ") + ">>"
      }

      private func name(_ object: AnyObject & Sendable) -> String {
        if let name = log.names[ObjectIdentifier(object)] { return name }
        log.named.append(object)
        log.callCount += 1
        log.names[ObjectIdentifier(object)] = "\"\(log.callCount)\""
        return name(object)
      }
    }
  }
#endif
