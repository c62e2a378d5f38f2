/// How a gradient goes back through an operation: from its result to its operands.
package enum Derivative: Sendable {
  /// Gives the gradient for each operand, at least for those that are wanted. It may have the
  /// shape that the operand was broadcast to, and any floating-point type: both are brought back.
  case pullback(@Sendable (Pullback) throws -> [Tensor?])
  /// The result is constant between its jumps: the gradient is 0 wherever there is one.
  case zero
  /// The results are integers or truth values: constants, which no gradient reaches.
  case discrete
  /// There is none, on purpose.
  case undefined(because: String)

  /// One function for each operand, called where its gradient is wanted.
  package static func partials(
    _ partials: (@Sendable (Pullback) throws -> Tensor)...
  ) -> Derivative {
    .pullback { pullback in
      try partials.indices.map { index in
        try pullback.wants[index] ? partials[index](pullback) : nil
      }
    }
  }
}

/// One operation that has been done, and the gradient of a scalar with regard to its result.
package struct Pullback: Sendable {
  package let attributes: Attributes
  package let operands: [Tensor]
  package let result: Tensor
  /// Of the result's shape and element type.
  package let gradient: Tensor
  /// Which operands' gradients somebody waits for.
  package let wants: [Bool]

  package var x: Tensor { operands[0] }
  package var y: Tensor { operands[1] }

  /// The gradient where the condition does not hold, 0 where it does; so a NaN passes it on.
  package func gradient(unless condition: Tensor) throws(TensorError) -> Tensor {
    try Tensor.where(condition, 0, gradient)
  }

  /// The gradient where the condition holds, 0 elsewhere.
  package func gradient(where condition: Tensor) throws(TensorError) -> Tensor {
    try Tensor.where(condition, gradient, 0)
  }

  /// Zeros in a shape, of the gradient's element type.
  func zeros(_ shape: Shape) throws(TensorError) -> Tensor { try gradient.filled(0, shape) }
}

extension TensorOperation {
  /// Nil if nobody has said: so for a user's kernel.
  package var derivative: Derivative? { TensorOperation.derivatives[self] }

  /// Whether `gradient(at:of:)` goes through the operation.
  public var hasDerivative: Bool {
    switch derivative {
    case .pullback, .zero: true
    case .discrete, .undefined, nil: false
    }
  }
}
