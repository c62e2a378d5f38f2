/// How the samples of a batch reach the device.
public enum BatchPath: String, Sendable, Codable, CaseIterable, Hashable {
  /// One submission of as many dispatches as there are samples.
  case recorded
  /// One submission, in which the calls of one operation on all samples share a dispatch.
  case batched
  /// One dispatch: the caller has put the samples into a leading batch dimension.
  case stacked
}

/// What a figure of a workload is about. Its description is the figure's key in the report's
/// samples.
public enum FigureName: Hashable, Sendable {
  /// The plain loop on one thread, each operation waited for: operations per second.
  case baseline
  /// The plain loop on one thread, waiting once at the end: operations per second.
  case baselineWaitingOnce
  /// The loop without tensors: operations per second in total.
  case floor(threads: Int)
  /// A thread pattern, each operation waited for: operations per second in total.
  case threads(ThreadPattern, Int)
  /// Batches of a number of samples: samples per second.
  case batch(BatchPath, Int)
  /// Batches of a number of samples from each caller's host array to each caller's host array:
  /// samples per second.
  case served(BatchPath, Int)
  /// The same hand-stacked, one batch after the other: samples per second.
  case servedInTurn(Int)
  /// One caller on the per-op path, from a host array to a host array: operations per second.
  case lone(CallerKind)
  /// Concurrent callers on the coalesced path: operations per second in total.
  case coalesced(Callers)
  /// The batches of the same round of these callers, hand-stacked: operations per second.
  case replayed(Callers)
  /// Tasks suspended and resumed through unsafe continuations, and nothing else: per second.
  case continuations
}

extension FigureName: LosslessStringConvertible {
  /// The key, such as `threads/threadPool/4`.
  public var description: String {
    switch self {
    case .baseline: "baseline"
    case .baselineWaitingOnce: "baselineWaitingOnce"
    case .floor(let threads): "floor/\(threads)"
    case .threads(let pattern, let threads): "threads/\(pattern.rawValue)/\(threads)"
    case .batch(let path, let batch): "batches/\(path.rawValue)/\(batch)"
    case .served(let path, let batch): "served/\(path.rawValue)/\(batch)"
    case .servedInTurn(let batch): "served/inTurn/\(batch)"
    case .lone(let kind): "lone/\(kind.rawValue)"
    case .coalesced(let callers): "coalesced/\(callers)"
    case .replayed(let callers): "replayed/\(callers)"
    case .continuations: "continuations"
    }
  }

  /// The name with the given key, or `nil` if it is no such key.
  public init?(_ description: String) {
    let parts = description.split(separator: "/", omittingEmptySubsequences: false)
    switch parts.count {
    case 1 where description == "baseline": self = .baseline
    case 1 where description == "baselineWaitingOnce": self = .baselineWaitingOnce
    case 1 where description == "continuations": self = .continuations
    case 2 where parts[0] == "floor":
      guard let threads = Int(parts[1]) else { return nil }
      self = .floor(threads: threads)
    case 2 where parts[0] == "lone":
      guard let kind = CallerKind(rawValue: String(parts[1])) else { return nil }
      self = .lone(kind)
    case 3 where parts[0] == "threads":
      guard let pattern = ThreadPattern(rawValue: String(parts[1])), let threads = Int(parts[2])
      else { return nil }
      self = .threads(pattern, threads)
    case 3 where parts[0] == "served" && parts[1] == "inTurn":
      guard let batch = Int(parts[2]) else { return nil }
      self = .servedInTurn(batch)
    case 3 where parts[0] == "batches" || parts[0] == "served":
      guard let path = BatchPath(rawValue: String(parts[1])), let batch = Int(parts[2])
      else { return nil }
      self = parts[0] == "batches" ? .batch(path, batch) : .served(path, batch)
    case 4 where parts[0] == "coalesced" || parts[0] == "replayed":
      guard let callers = Callers(parts.dropFirst().joined(separator: "/")) else { return nil }
      self = parts[0] == "coalesced" ? .coalesced(callers) : .replayed(callers)
    default: return nil
    }
  }

  /// What it is about in words, such as `thread pool, 4 threads`.
  public var title: String {
    switch self {
    case .baseline: "plain loop"
    case .baselineWaitingOnce: "plain loop waiting once at the end"
    case .floor(let threads): "floor, \(counted(threads, "thread"))"
    case .threads(.plainLoop, _): "plain loop"
    case .threads(.swiftTasks, let tasks): counted(tasks, "Swift task")
    case .threads(let pattern, let threads): "\(pattern.title), \(counted(threads, "thread"))"
    case .batch(let path, let batch): "\(path.rawValue) batch of \(batch)"
    case .served(let path, let batch): "\(path.rawValue) batch of \(batch), host to host"
    case .servedInTurn(let batch): "stacked batch of \(batch) at a time, host to host"
    case .lone(let kind): "one caller per-op, \(kind.rawValue), host to host"
    case .coalesced(let callers): "\(callers.title), coalesced"
    case .replayed(let callers): "\(callers.title), hand-stacked replay"
    case .continuations: "bare continuations"
    }
  }
}

/// A count with its noun: `1 thread`, `2 threads`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
