import ArgumentParser
import Swoop

/// Changes weights along their gradients, and keeps what it needs for that from step to step.
struct Optimizer {
  enum Method: String, CaseIterable, ExpressibleByArgument {
    /// Gradient descent with momentum 0.9.
    case sgd
    /// Kingma and Ba, *Adam: A Method for Stochastic Optimization*, 2015, algorithm 1.
    case adam

    /// How far a first step goes where nothing else is asked for.
    var rate: Float {
      switch self {
      case .sgd: 0.1
      case .adam: 0.003
      }
    }
  }

  private let method: Method
  /// Of gradients, and of their squares: moving means, but for `sgd` a sum that fades.
  private var first: Network
  private var second: Network
  /// The share of the means that a step keeps, to the power of the steps taken.
  private var (firstKept, secondKept) = (Float(1), Float(1))
  private static let momentum: Float = 0.9
  private static let fading: (Float, Float) = (0.9, 0.999)
  /// Keeps the quotient finite where no gradient ever came.
  private static let tiny: Float = 1e-8

  init(_ method: Method, on device: Device) throws(TensorError) {
    self.method = method
    first = try Network.zeros(on: device)
    second = try Network.zeros(on: device)
  }

  /// One step downhill.
  mutating func change(
    _ network: inout Network, by gradients: Network, rate: Float
  ) throws(TensorError) {
    firstKept *= Optimizer.fading.0
    secondKept *= Optimizer.fading.1
    for part in Network.parameters {
      let gradient = gradients[keyPath: part]
      switch method {
      case .sgd:
        first[keyPath: part] = try Optimizer.momentum * first[keyPath: part] + gradient
        network[keyPath: part] = try network[keyPath: part] - rate * first[keyPath: part]
      case .adam:
        let (fading, slowFading) = Optimizer.fading
        first[keyPath: part] = try fading * first[keyPath: part] + (1 - fading) * gradient
        second[keyPath: part] =
          try slowFading * second[keyPath: part] + (1 - slowFading) * gradient.square()
        // The means began at 0; the divisors make up for it.
        let spread = try (second[keyPath: part] / (1 - secondKept)).sqrt() + Optimizer.tiny
        let step = rate / (1 - firstKept)
        network[keyPath: part] =
          try network[keyPath: part] - step * first[keyPath: part] / spread
      }
    }
  }
}
