import Synchronization

/// The path that operations made by a task and its children take, for one device; or the tape that
/// a gradient writes them down on.
///
/// Task-local, because Swift tasks change threads. A task that outlives the scope takes the
/// default path for what it makes later.
package final class Scope: @unchecked Sendable {
  @TaskLocal package static var current: Scope?

  /// Nil for one that is about a gradient alone.
  private let backend: (any Backend)?
  /// The back end's signatures, which nodes know it by.
  private let table: Unmanaged<SignatureTable>?
  let path: Path
  private let parent: Scope?
  /// What the innermost gradient writes on.
  let tape: Tape?
  private let isClosed = Atomic<Bool>(false)
  private let pending = Lock<[Node]>([])
  /// Where tasks meet that wait for something, on the coalesced path.
  let queue: CoalescingQueue?

  init(_ backend: any Backend, _ path: Path, queue: CoalescingQueue? = nil) {
    self.backend = backend
    table = backend.lentSignatures
    self.path = path
    self.queue = queue
    parent = Scope.current
    tape = parent?.tape
  }

  /// A scope that writes operations down, and leaves them on the path they are on.
  init(taping tape: Tape) {
    backend = nil
    table = nil
    path = .batched
    queue = nil
    parent = Scope.current
    self.tape = tape
  }

  static func active(for backend: any Backend) -> Scope? { current?.active(for: backend) }

  /// Whether it takes what is made on the device.
  @inline(__always)
  func takes(_ other: Unmanaged<SignatureTable>) -> Bool {
    table?.toOpaque() == other.toOpaque() && !isClosed.load(ordering: .acquiring)
  }

  /// The innermost scope for the device that has not ended.
  func active(for backend: any Backend) -> Scope? {
    var scope: Scope? = self
    while let candidate = scope {
      if candidate.backend === backend, !candidate.isClosed.load(ordering: .acquiring) {
        return candidate
      }
      scope = candidate.parent
    }
    return nil
  }

  func add(_ node: Node) {
    if path == .perOp { return Evaluator.evaluate([node], path: .perOp) }
    if queue != nil {
      // Stays pending until somebody waits for it, or too much hangs together.
      if node.isLong { Evaluator.evaluate([node], path: path) }
      return
    }
    let full: [Node]? = pending.withLock { list in
      list.append(node)
      guard list.count >= path.submissionLimit else { return nil }
      defer { list = [] }
      return list
    }
    if var full { Scope.submit(&full, path) }
  }

  /// Submits what was made in the scope and can still be read.
  func close() {
    isClosed.store(true, ordering: .releasing)
    flush()
  }

  func flush() {
    var rest = pending.withLock { list in
      defer { list = [] }
      return list
    }
    if !rest.isEmpty { Scope.submit(&rest, path) }
  }

  // Consumers come after what they consume; so from the back, a node that only this list
  // holds is read by nobody. In place, because a copy of the list would hold them all.
  private static func submit(_ nodes: inout [Node], _ path: Path) {
    let unread = nodes.withUnsafeMutableBufferPointer { nodes in
      nodes.indices.last { isKnownUniquelyReferenced(&nodes[$0]) }
    }
    guard let unread else { return Evaluator.evaluate(&nodes, path: path) }
    var alive = Array(nodes[(unread + 1)...].reversed())
    nodes.removeSubrange((unread + 1)...)
    while var node = nodes.popLast() {
      if !isKnownUniquelyReferenced(&node) { alive.append(node) }
    }
    alive.reverse()
    Evaluator.evaluate(&alive, path: path)
  }
}

extension Device {
  /// Runs `body` so that every operation on this device is its own submission.
  ///
  /// Operators never wait; reading back does. Tasks started inside take the same path until
  /// the scope ends.
  nonisolated(nonsending) public func perOp<R>(
    _ body: nonisolated(nonsending) () async throws -> R
  ) async throws -> R {
    try await scoped(.perOp, body)
  }

  /// Runs `body` so that its operations on this device go in one submission, one dispatch each,
  /// when it ends, when something is read, or after 4,096 of them. The end of the scope means
  /// submitted, not finished.
  nonisolated(nonsending) public func recorded<R>(
    _ body: nonisolated(nonsending) () async throws -> R
  ) async throws -> R {
    try await scoped(.recorded, body)
  }

  /// Runs `body` so that its operations on this device go in one submission, and those of one
  /// signature that are ready together in one dispatch: 256 calls of a model on single samples
  /// become as many dispatches as it has layers. Submitted when the scope ends, when something
  /// is read, or after 16,384 operations. Results are bitwise those of the per-op path.
  nonisolated(nonsending) public func batched<R>(
    _ body: nonisolated(nonsending) () async throws -> R
  ) async throws -> R {
    try await scoped(.batched, body)
  }

  nonisolated(nonsending) private func scoped<R>(
    _ path: Path, _ body: nonisolated(nonsending) () async throws -> R
  ) async throws -> R {
    let scope = Scope(backend, path)
    defer { scope.close() }
    return try await Scope.$current.withValue(scope, operation: body)
  }

  /// `perOp` for a thread that may block.
  @available(*, noasync)
  public func blockingPerOp<R>(_ body: () throws -> R) rethrows -> R {
    try blockingScoped(.perOp, body)
  }

  /// `recorded` for a thread that may block.
  @available(*, noasync)
  public func blockingRecorded<R>(_ body: () throws -> R) rethrows -> R {
    try blockingScoped(.recorded, body)
  }

  /// `batched` for a thread that may block.
  @available(*, noasync)
  public func blockingBatch<R>(_ body: () throws -> R) rethrows -> R {
    try blockingScoped(.batched, body)
  }

  private func blockingScoped<R>(_ path: Path, _ body: () throws -> R) rethrows -> R {
    let scope = Scope(backend, path)
    defer { scope.close() }
    return try Scope.$current.withValue(scope, operation: body)
  }
}
