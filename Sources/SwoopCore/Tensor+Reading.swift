// Reading back. This is where one waits: for the operation, and for whatever it needs.
//
// What is asynchronous and public throws `TensorError` without saying so in its type: Swift 6.3.1
// crashes, optimising, on `try await a().b()` in a `do` after another `try`, if a throws any error
// and b a certain one.

extension Tensor {
  /// Submits what is pending, without waiting for it.
  /// - Throws: `notAvailable` inside of a coalesced model, where there is no value yet.
  package func submit() throws(TensorError) {
    if node.isTraced {
      throw TensorError(
        .notAvailable,
        "a value was asked for inside of a coalesced model, which is traced without any: reading, "
          + "waiting and copied(to:) have none")
    }
    guard node.state == .pending || node.state == .scheduled else { return }
    let scope = Scope.active(for: node.backend)
    // What else the scope holds goes along, in the same submission.
    scope?.flush()
    guard node.state == .pending || node.state == .scheduled else { return }
    Evaluator.evaluate([node], path: scope?.path ?? .batched)
  }

  /// The node's slice and submission, once submitted.
  private func residence() throws(TensorError) -> (
    slice: StorageSlice, submission: (any Submission)?
  ) {
    try submit()
    if let error = node.error { throw error }
    guard let residence = node.residence else {
      throw TensorError(.notAvailable, "the tensor was not scheduled")
    }
    return residence
  }

  // What a coalescer owes, or a coalescing scope gathers, is waited for with the others.
  nonisolated(nonsending) private func settled() async {
    if let promise = node.promise { return await promise.settled() }
    if node.isPending, !node.isTraced, let queue = Scope.active(for: node.backend)?.queue {
      await queue.gather(self)
    }
  }

  // The elements, ready to be read.
  nonisolated(nonsending) private func reading(as type: ElementType)
    async throws(TensorError) -> Reading
  {
    let dense = try contiguous()
    if try !dense.isThere() { await dense.settled() }
    let reading = try Reading(dense, as: type)
    if let submission = reading.submission {
      if submission.isFinished { try submission.wait() } else { try await submission.finished() }
    }
    try reading.node.checkFindings()
    return reading
  }

  /// The elements, if it is known that they lie where the host reads them: so who waits for many
  /// results of one submission mostly finds it.
  @_specialize(where E == Float)
  private func known<E: TensorElement>(as type: E.Type) -> [E]? {
    guard let home = node.readyHome, !node.isRare, node.described.form.elementType == E.elementType,
      view?.layout.isContiguous ?? true
    else { return nil }
    let start = node.start + (view?.layout.offset ?? 0) * MemoryLayout<E>.stride
    let count = view?.layout.shape.elementCount ?? node.described.form.shape.elementCount
    guard let knownAddress = node.table._withUnsafeGuaranteedRef({ $0.knownAddress }) else {
      return nil
    }
    return home._withUnsafeGuaranteedRef { home -> [E]? in
      guard let address = knownAddress(home, start) else { return nil }
      node.scheduled?.staysOnDevice = false
      defer { node.hasBeenRead() }
      return Array(
        UnsafeBufferPointer(start: address.assumingMemoryBound(to: E.self), count: count))
    }
  }

  /// Whether the value is there; who waits for many results mostly finds it so.
  private func isThere() throws(TensorError) -> Bool {
    guard node.state == .resident else { return false }
    guard let submission = node.residence?.submission else { return true }
    guard submission.isFinished else { return false }
    // Returns at once, with what checked mode has found.
    try submission.wait()
    return true
  }

  /// Suspends until the tensor's value is there.
  /// - Throws: what made the operation, or one that it needs, fail.
  nonisolated(nonsending) public func wait() async throws {
    if try isThere() {
      node.hasBeenRead()
      return try node.checkFindings()
    }
    await settled()
    if let submission = try residence().submission { try await submission.finished() }
    node.hasBeenRead()
    try node.checkFindings()
  }

  /// Blocks until the tensor's value is there.
  @available(*, noasync)
  public func blockingWait() throws(TensorError) {
    if let submission = try residence().submission { try submission.wait() }
    node.hasBeenRead()
    try node.checkFindings()
  }

  /// The elements in row-major order.
  /// - Throws: `elementTypeMismatch` if `E` is not the tensor's element type; what made the
  ///   operation fail.
  nonisolated(nonsending) public func array<E: TensorElement>(as type: E.Type = E.self)
    async throws -> [E]
  {
    if let known = known(as: type) { return known }
    let reading = try await reading(as: E.elementType)
    return reading.array()
  }

  /// `array(as:)` for who promises its errors.
  nonisolated(nonsending) package func elements<E: TensorElement>(as type: E.Type)
    async throws(TensorError) -> [E]
  {
    let reading = try await reading(as: E.elementType)
    return reading.array()
  }

  /// `array(as:)` for a thread that may block.
  @available(*, noasync)
  public func blockingArray<E: TensorElement>(as type: E.Type = E.self) throws(TensorError) -> [E] {
    if let known = known(as: type) { return known }
    let reading = try Reading(self, as: E.elementType)
    try reading.submission?.wait()
    try reading.node.checkFindings()
    return reading.array()
  }

  /// The only element.
  /// - Throws: `shapeMismatch` if there is not exactly one, and as `array(as:)`.
  nonisolated(nonsending) public func scalar<E: TensorElement>(as type: E.Type = E.self)
    async throws -> E
  {
    try checkScalar()
    return try await array(as: type)[0]
  }

  /// `scalar(as:)` for a thread that may block.
  @available(*, noasync)
  public func blockingScalar<E: TensorElement>(as type: E.Type = E.self) throws(TensorError) -> E {
    try checkScalar()
    return try blockingArray(as: type)[0]
  }

  private func checkScalar() throws(TensorError) {
    guard shape.elementCount == 1 else {
      throw TensorError(
        .shapeMismatch, "scalar was asked of a tensor of shape \(shape); it takes one element")
    }
  }

  /// Calls `body` with the elements in row-major order, without copying them.
  /// - Throws: as `array(as:)`, and what `body` throws.
  nonisolated(nonsending) public func withElements<E: TensorElement, R, F: Error>(
    as type: E.Type = E.self, _ body: (Span<E>) throws(F) -> R
  ) async throws -> R {
    let reading = try await reading(as: E.elementType)
    return try reading.elements { (buffer: UnsafeBufferPointer<E>) throws(F) -> R in
      try body(buffer.span)
    }
  }

  /// `withElements(as:_:)` for a thread that may block.
  @available(*, noasync)
  public func withBlockingElements<E: TensorElement, R, F: Error>(
    as type: E.Type = E.self, _ body: (Span<E>) throws(F) -> R
  ) throws -> R {
    let reading = try Reading(self, as: E.elementType)
    try reading.submission?.wait()
    try reading.node.checkFindings()
    return try reading.elements { (buffer: UnsafeBufferPointer<E>) throws(F) -> R in
      try body(buffer.span)
    }
  }
}

extension Node {
  /// - Throws: the first bad index in what the value was computed from; only to be asked once it
  ///   has been computed.
  package func checkFindings() throws(TensorError) {
    if let error = findings?.error { throw error }
  }
}

/// Elements on their way to the host.
private struct Reading {
  let node: Node
  let backend: any Backend
  let slice: StorageSlice
  let submission: (any Submission)?
  let count: Int

  init(_ tensor: Tensor, as type: ElementType) throws(TensorError) {
    guard type == tensor.elementType else {
      throw TensorError(
        .elementTypeMismatch,
        "a tensor of \(tensor.elementType) was read as \(type); cast(to:) converts")
    }
    let dense = try tensor.contiguous()
    try dense.submit()
    if let error = dense.node.error { throw error }
    guard let residence = dense.node.residence else {
      throw TensorError(.notAvailable, "the tensor was not scheduled")
    }
    dense.node.scheduled?.staysOnDevice = false
    node = dense.node
    backend = dense.node.backend
    count = dense.shape.elementCount
    let start = StorageSlice(
      residence.slice.storage,
      offset: residence.slice.offset + (dense.view?.layout.offset ?? 0) * type.byteCount)
    let copy = try backend.readable(start, byteCount: count * type.byteCount)
    slice = copy.slice
    submission = copy.submission ?? residence.submission
  }

  // Types are looked up at run time without; small results are read often.
  @_specialize(where E == Float)
  func array<E: TensorElement>() -> [E] { elements { Array($0) } }

  func elements<E: TensorElement, R, F: Error>(
    _ body: (UnsafeBufferPointer<E>) throws(F) -> R
  ) throws(F) -> R {
    let start = backend.address(of: slice).assumingMemoryBound(to: E.self)
    defer {
      withExtendedLifetime(slice) {}
      node.hasBeenRead()
    }
    return try body(UnsafeBufferPointer(start: start, count: count))
  }
}
