// Derivatives in reverse mode: one pass forwards, which is written down, and one backwards.
//
// A variable is what the function is given; whatever else it uses is constant, the same tensor
// captured from outside included. Everything that the function does with operations counts,
// whatever it decides on the way; a value that it reads and makes a tensor of is a constant.

/// The derivative of a scalar function with regard to every element of its variable.
///
/// ```swift
/// let slope = try gradient(at: x) { x in try (x * x).sum() }     // 2 · x
/// ```
///
/// The operations of both passes take the path of the scope around them. Gradients of gradients
/// are taken by nesting.
/// - Parameters:
///   - x: where; of a floating-point type.
///   - f: gives a scalar, a floating-point tensor of shape [].
/// - Returns: a tensor of the shape and element type of `x`; zeros if the value does not depend on
///   it.
/// - Throws: `elementTypeMismatch` for integers, `shapeMismatch` for a value that is no scalar,
///   `notDifferentiable` if an operation inside has no derivative, and what `f` throws.
public func gradient(at x: Tensor, of f: (Tensor) throws -> Tensor) throws -> Tensor {
  try valueWithGradient(at: x, of: f).gradient
}

/// The same for several variables: one gradient for each.
public func gradient(at x: [Tensor], of f: ([Tensor]) throws -> Tensor) throws -> [Tensor] {
  try valueWithGradient(at: x, of: f).gradients
}

/// The value of a scalar function, and its gradient as `gradient(at:of:)` gives it.
public func valueWithGradient(
  at x: Tensor, of f: (Tensor) throws -> Tensor
) throws -> (value: Tensor, gradient: Tensor) {
  let (value, gradients) = try valueWithGradient(at: [x]) { try f($0[0]) }
  return (value, gradients[0])
}

/// The same for several variables: one gradient for each.
public func valueWithGradient(
  at x: [Tensor], of f: ([Tensor]) throws -> Tensor
) throws -> (value: Tensor, gradients: [Tensor]) {
  let tape = Tape(try x.map { variable in try variable.asVariable() })
  defer { tape.discard() }
  let value = try Scope.$current.withValue(Scope(taping: tape)) { try f(tape.variables) }
  try value.checkDifferentiable()
  return (value, try tape.gradients(of: value))
}

/// `gradient(at:of:)` of a function that awaits something.
nonisolated(nonsending) public func gradient(
  at x: Tensor, awaiting f: nonisolated(nonsending) (Tensor) async throws -> Tensor
) async throws -> Tensor {
  try await valueWithGradient(at: [x], awaiting: { try await f($0[0]) }).gradients[0]
}

/// The same for several variables: one gradient for each.
nonisolated(nonsending) public func gradient(
  at x: [Tensor], awaiting f: nonisolated(nonsending) ([Tensor]) async throws -> Tensor
) async throws -> [Tensor] {
  try await valueWithGradient(at: x, awaiting: f).gradients
}

/// `valueWithGradient(at:of:)` of a function that awaits something.
nonisolated(nonsending) public func valueWithGradient(
  at x: Tensor, awaiting f: nonisolated(nonsending) (Tensor) async throws -> Tensor
) async throws -> (value: Tensor, gradient: Tensor) {
  let (value, gradients) = try await valueWithGradient(at: [x], awaiting: { try await f($0[0]) })
  return (value, gradients[0])
}

/// The same for several variables: one gradient for each.
nonisolated(nonsending) public func valueWithGradient(
  at x: [Tensor], awaiting f: nonisolated(nonsending) ([Tensor]) async throws -> Tensor
) async throws -> (value: Tensor, gradients: [Tensor]) {
  let tape = Tape(try x.map { variable in try variable.asVariable() })
  defer { tape.discard() }
  let value = try await Scope.$current.withValue(Scope(taping: tape)) {
    try await f(tape.variables)
  }
  try value.checkDifferentiable()
  return (value, try tape.gradients(of: value))
}

extension Tensor {
  /// The same elements as a constant: no gradient goes back through it. Outside of a gradient, the
  /// tensor itself.
  public func stopGradient() throws(TensorError) -> Tensor {
    guard let tape = Scope.current?.tape, tape.tracks(self) else { return self }
    return try renamed(on: nil)
  }

  fileprivate func asVariable() throws(TensorError) -> Tensor {
    guard elementType.isFloatingPoint else {
      throw TensorError(
        .elementTypeMismatch,
        "a gradient was asked for with regard to a tensor of \(elementType); it takes a "
          + "floating-point type")
    }
    return try renamed(on: Scope.current?.tape)
  }

  /// The same elements under a node that nobody else has: in the same memory if they are there
  /// already, a copy if not.
  private func renamed(on tape: Tape?) throws(TensorError) -> Tensor {
    if node.isPending, node.comesFromHost { Evaluator.evaluate([node], path: .batched) }
    if layout.isContiguous, layout.offset == 0, let twin = Node(twinOf: node, shape: shape) {
      tape?.note(.copy, Attributes(), [self], twin)
      return Tensor(twin)
    }
    return try Tensor.make(.copy, [self], Attributes(), isNoted: tape != nil)
  }

  fileprivate func checkDifferentiable() throws(TensorError) {
    guard shape.rank == 0 else {
      throw TensorError(
        .shapeMismatch,
        "a gradient was asked for of a value of shape \(shape); it takes a scalar, such as sum() "
          + "or mean() give")
    }
    guard elementType.isFloatingPoint else {
      throw TensorError(
        .elementTypeMismatch,
        "a gradient was asked for of a value of \(elementType); it takes a floating-point type")
    }
  }
}
