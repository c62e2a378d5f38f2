import Synchronization

/// The operations that a gradient will go back through: those that depend on the variables, in the
/// order in which they were made.
///
/// Task-local, as part of `Scope.current`. Any task that the function starts may add to it.
package final class Tape: Sendable {
  /// One operation. Nodes drop their operands once they are computed, hence kept here.
  struct Entry: Sendable {
    let operation: TensorOperation
    let attributes: Attributes
    let operands: [Tensor]
    let result: Node
  }

  private struct State {
    var entries: [Entry] = []
    /// Nodes that depend on the variables. The entries hold them, so no other takes their place.
    var dependent: Set<ObjectIdentifier> = []
    var isClosed = false
  }

  private let state = Lock(State())
  let variables: [Tensor]
  /// Of the gradient whose function takes this one.
  private let outer: Tape?

  /// - Parameter variables: tensors whose nodes nobody else has.
  init(_ variables: [Tensor]) {
    self.variables = variables
    outer = Scope.current?.tape
    state.withLock { $0.dependent = Set(variables.map { ObjectIdentifier($0.node) }) }
    Tape.open.wrappingAdd(1, ordering: .relaxed)
  }

  deinit { Tape.open.wrappingSubtract(1, ordering: .relaxed) }

  /// How many there are.
  private static let open = Atomic<Int>(0)

  /// Writes down an operation if it depends on the variables; integers are constants.
  func note(
    _ operation: TensorOperation, _ attributes: Attributes, _ operands: [Tensor], _ result: Node
  ) {
    guard result.form.elementType.isFloatingPoint else { return }
    var tape: Tape? = self
    while let current = tape {
      current.state.withLock { state in
        guard !state.isClosed,
          operands.contains(where: { state.dependent.contains(ObjectIdentifier($0.node)) })
        else { return }
        state.dependent.insert(ObjectIdentifier(result))
        state.entries.append(
          Entry(operation: operation, attributes: attributes, operands: operands, result: result))
      }
      tape = current.outer
    }
  }

  /// Whether the tensor depends on the variables of this gradient, or of one around it.
  func tracks(_ tensor: Tensor) -> Bool {
    var tape: Tape? = self
    while let current = tape {
      if current.state.withLock({
        !$0.isClosed && $0.dependent.contains(ObjectIdentifier(tensor.node))
      }) {
        return true
      }
      tape = current.outer
    }
    return false
  }

  /// Refuses a tensor that a gradient depends on where the gradient could not follow.
  package static func refuse(_ tensor: Tensor, in function: String) throws(TensorError) {
    // What is local to a task takes a while to look up.
    guard open.load(ordering: .relaxed) > 0, let tape = Scope.current?.tape, tape.tracks(tensor)
    else { return }
    throw TensorError.noDerivative(function, because: "what it gives is made elsewhere")
  }

  /// Ends the writing. Tasks that the function has left behind add nothing.
  func close() { state.withLock { $0.isClosed = true } }

  /// Drops what was written.
  func discard() {
    // Released outside of the lock: much may hang on them.
    let dropped = state.withLock { state in
      defer { state = State(isClosed: true) }
      return state
    }
    withExtendedLifetime(dropped) {}
  }

  // MARK: Going back

  /// The gradients of the value with regard to the variables, each of its variable's shape and
  /// element type. Uses the tape up.
  /// - Throws: `notDifferentiable` for an operation that the value depends on by.
  func gradients(of value: Tensor) throws -> [Tensor] {
    close()
    var (entries, dependent) = state.withLock { state in
      defer { state.entries = [] }
      return (state.entries, state.dependent)
    }
    // By node, each of its node's shape and element type.
    var gradients: [ObjectIdentifier: Tensor] = [:]
    func add(_ gradient: Tensor, to operand: Tensor) throws(TensorError) {
      let name = ObjectIdentifier(operand.node)
      let own = try operand.broughtBack(gradient)
      gradients[name] = try gradients[name].map { sum throws(TensorError) in try sum + own } ?? own
    }
    if dependent.contains(ObjectIdentifier(value.node)) {
      try add(value.filled(1, value.shape), to: value)
    }
    while let entry = entries.popLast() {
      guard let gradient = gradients.removeValue(forKey: ObjectIdentifier(entry.result)) else {
        continue
      }
      let wants = entry.operands.map { dependent.contains(ObjectIdentifier($0.node)) }
      let pullback = Pullback(
        attributes: entry.attributes, operands: entry.operands, result: Tensor(entry.result),
        gradient: gradient, wants: wants)
      for (index, part) in try entry.operation.gradients(pullback).enumerated() where wants[index] {
        if let part { try add(part, to: entry.operands[index]) }
      }
    }
    dependent = []
    return try variables.map { variable in
      try gradients[ObjectIdentifier(variable.node)] ?? variable.filled(0, variable.shape)
    }
  }
}

extension TensorOperation {
  fileprivate func gradients(_ pullback: Pullback) throws -> [Tensor?] {
    switch derivative {
    case .pullback(let function): return try function(pullback)
    case .zero, .discrete: return []
    case .undefined(let reason): throw TensorError.noDerivative(name, because: reason)
    case nil: throw TensorError.noDerivative(name, because: "nobody has given it one")
    }
  }
}

extension TensorError {
  static func noDerivative(_ name: String, because reason: String) -> TensorError {
    TensorError(
      .notDifferentiable,
      "\(name) has no derivative: \(reason); stopGradient() makes a constant of what it is given")
  }
}

extension Tensor {
  /// A number, seen in a shape, of this tensor's element type and on its device.
  func filled(_ number: Int, _ shape: Shape) throws(TensorError) -> Tensor {
    try Tensor(
      scalar: Double(number), as: elementType, for: "gradient", backend: node.backend
    ).stretched(to: shape)
  }

  /// Broadcast to a shape without copying.
  func stretched(to shape: Shape) -> Tensor {
    shape == self.shape ? self : Tensor(node, view: View(layout.broadcast(to: shape)))
  }
}
