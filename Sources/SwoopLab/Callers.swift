/// How a caller of a coalescer waits.
public enum CallerKind: String, Sendable, Codable, CaseIterable, Hashable {
  /// A thread that blocks until its call is answered, then makes the next.
  case blocking
  /// A Swift task that awaits each of its calls before it makes the next.
  case tasks
  /// A Swift task that keeps several calls in flight, and awaits the oldest before it makes
  /// another.
  case futures
}

/// Concurrent callers of a coalescer. The description is the key in names of figures, such as
/// `futures/4/64`.
public struct Callers: Sendable, Hashable {
  /// How each waits.
  public let kind: CallerKind
  /// How many threads or tasks there are.
  public let count: Int
  /// The most calls that each has in flight: 1 but for futures.
  public let inFlight: Int

  /// Some callers; counts below 1 are taken as 1.
  public init(_ kind: CallerKind, _ count: Int, inFlight: Int = 1) {
    self.kind = kind
    self.count = max(1, count)
    self.inFlight = kind == .futures ? max(1, inFlight) : 1
  }

  /// The most calls that all have in flight together.
  public var calls: Int { count * inFlight }

  /// In words, such as `4 tasks with 64 futures each`.
  public var title: String {
    switch kind {
    case .blocking: counted(count, "blocking thread")
    case .tasks: counted(count, "task")
    case .futures: "\(counted(count, "task")) with \(counted(inFlight, "future")) each"
    }
  }
}

extension Callers: LosslessStringConvertible {
  public var description: String { "\(kind.rawValue)/\(count)/\(inFlight)" }

  /// The callers with the given key, or `nil` if it is none.
  public init?(_ description: String) {
    let parts = description.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, let kind = CallerKind(rawValue: String(parts[0])),
      let count = Int(parts[1]), let inFlight = Int(parts[2])
    else { return nil }
    self.init(kind, count, inFlight: inFlight)
    guard self.count == count, self.inFlight == inFlight else { return nil }
  }
}

extension Callers: Comparable {
  /// By kind, then by number of callers, then by calls in flight.
  public static func < (a: Callers, b: Callers) -> Bool {
    let kinds = CallerKind.allCases
    let first = (kinds.firstIndex(of: a.kind) ?? 0, a.count, a.inFlight)
    return first < (kinds.firstIndex(of: b.kind) ?? 0, b.count, b.inFlight)
  }
}
