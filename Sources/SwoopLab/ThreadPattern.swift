/// A way to run many operations on several threads, each waited for before its thread starts the
/// next.
public enum ThreadPattern: String, Sendable, Codable, CaseIterable, Hashable {
  /// A loop on one thread, no threading: the baseline.
  case plainLoop
  /// Chains in which every operation has a new thread of its own.
  case newThread
  /// A fixed pool of threads, fed with one job an operation from a locked queue.
  case threadPool
  /// Threads that each run their own share of the operations in a loop.
  case persistentWorkers
  /// Swift tasks that await their operations one by one.
  case swiftTasks

  /// The patterns that take a number of threads: all but the plain loop.
  public static let threaded: [ThreadPattern] = [
    .newThread, .threadPool, .persistentWorkers, .swiftTasks,
  ]

  /// The name to print.
  public var title: String {
    switch self {
    case .plainLoop: "plain loop"
    case .newThread: "new thread per op"
    case .threadPool: "thread pool"
    case .persistentWorkers: "persistent workers"
    case .swiftTasks: "Swift tasks"
    }
  }

  /// What the clock covers, for a person.
  public var timing: String {
    switch self {
    case .plainLoop: "the loop"
    case .newThread: "every thread's start and join"
    case .threadPool: "from the first job handed in to the last one back; the pool exists before"
    case .persistentWorkers: "from the start of all to the last one's end; they exist before"
    case .swiftTasks: "the task group from its start to its end"
    }
  }
}

/// The operations that a pattern runs, in a blocking and an awaiting form.
///
/// The arguments are the worker, 0 ..< threads, never running two operations at once, and the
/// iteration, 0 ..< operations, each of which is run exactly once. Each call returns when its
/// operation has been waited for.
public struct PatternWork: Sendable {
  /// An operation that blocks its thread until it is done.
  public typealias Blocking = @Sendable (_ worker: Int, _ iteration: Int) throws -> Void

  /// An operation that suspends its task until it is done; it must not block.
  public typealias Awaiting = @Sendable (_ worker: Int, _ iteration: Int) async throws -> Void

  /// The form for threads.
  public let blocking: Blocking

  /// The form for Swift tasks.
  public let awaiting: Awaiting

  /// Work from its two forms.
  public init(blocking: @escaping Blocking, awaiting: @escaping Awaiting) {
    self.blocking = blocking
    self.awaiting = awaiting
  }
}

/// What went wrong in a run of a pattern: the first failure of each worker that failed.
///
/// A worker stops at its first failure, the others go on, and all have ended before this is thrown.
public struct PatternFailure: Error, CustomStringConvertible {
  /// One worker's failure.
  public struct Worker: Sendable {
    /// The worker that failed.
    public let worker: Int
    /// The operation that failed.
    public let iteration: Int
    /// What it threw.
    public let error: any Error
  }

  /// The pattern that was run.
  public let pattern: ThreadPattern

  /// The number of threads it was run with.
  public let threads: Int

  /// The failures in the order in which they happened; at least one.
  public let failures: [Worker]

  /// One line for a person.
  public var description: String {
    let place = "\(pattern.title), \(threads) thread\(threads == 1 ? "" : "s")"
    guard let first = failures.first else { return "\(place): failed" }
    let others = failures.count > 1 ? " (and \(failures.count - 1) more workers failed)" : ""
    let operation = "operation \(first.iteration) of worker \(first.worker)"
    return "\(place): \(operation): \(first.error)\(others)"
  }
}

/// A number of threads or operations that no pattern can run.
public struct PatternArgumentError: Error, CustomStringConvertible {
  /// One line for a person.
  public let description: String
}
