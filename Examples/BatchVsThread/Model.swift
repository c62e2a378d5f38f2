import Swoop
import SwoopCore

/// A workload on a device: its weights, its samples one by one and stacked, all in place.
final class Model: Sendable {
  let workload: Workload
  let device: Device
  private let weights: [(weight: Tensor, bias: Tensor, activation: Activation)]
  /// The operands of each sample.
  private let samples: [[Tensor]]
  /// Each sample as one tensor, its operands one after another: what a coalescer takes.
  private let joined: [Tensor]

  init(_ workload: Workload, on device: Device) async throws {
    self.workload = workload
    self.device = device
    weights = try workload.layers.map { layer in
      (
        try Tensor(layer.weight, shape: [layer.rows, layer.columns], on: device),
        try Tensor(layer.bias, shape: [layer.columns], on: device), layer.activation
      )
    }
    samples = try (0..<workload.sampleCount).map { index in
      try workload.inputs.map { operand in
        try Tensor(operand[index], shape: [operand[index].count], on: device)
      }
    }
    joined =
      workload.inputs.count == 1
      ? samples.map { $0[0] }
      : try (0..<workload.sampleCount).map { index in
        try Tensor(
          workload.inputs.flatMap { $0[index] }, shape: [workload.inputs.count, workload.width],
          on: device)
      }
    for layer in weights {
      try await layer.weight.wait()
      try await layer.bias.wait()
    }
    for sample in samples { for operand in sample { try await operand.wait() } }
    for sample in joined { try await sample.wait() }
  }

  /// The program, written once: for one sample, or for many in a leading dimension.
  func callAsFunction(_ operands: [Tensor]) throws(TensorError) -> Tensor {
    if weights.isEmpty { return try operands[0] + operands[1] }
    var x = operands[0]
    for index in weights.indices { x = try layer(index, x) }
    return x
  }

  func layer(_ index: Int, _ x: Tensor) throws(TensorError) -> Tensor {
    let layer = weights[index]
    return try x.linear(layer.weight, bias: layer.bias, activation: layer.activation)
  }

  /// The program on one sample.
  func sample(_ index: Int) throws(TensorError) -> Tensor {
    try self(samples[index % samples.count])
  }

  /// The same sample as one tensor.
  func joinedSample(_ index: Int) -> Tensor { joined[index % joined.count] }

  /// A coalescer of the program with the default options.
  func coalescer() -> Coalescer {
    var options = CoalescerOptions()
    options.recordsSizes = true
    let count = workload.inputs.count
    return Coalescer(on: device, options: options) { x in
      try self(count == 1 ? [x] : (0..<count).map { Model.row($0, of: x) })
    }
  }

  /// A row of a matrix, where it lies.
  private static func row(_ index: Int, of x: Tensor) -> Tensor {
    var layout = Layout(Shape(unchecked: [x.shape[1]]))
    layout.offset = x.offset + index * x.shape[1]
    return Tensor(x.node, view: Tensor.View(layout))
  }

  /// Samples `first ..< first + count`, going round, put into a leading dimension.
  func stack(_ first: Int, _ count: Int) throws(TensorError) -> [Tensor] {
    try workload.inputs.map { operand throws(TensorError) in
      var elements: [Float] = []
      elements.reserveCapacity(count * workload.width)
      for index in first..<first + count { elements += operand[index % operand.count] }
      return try Tensor(elements, shape: Shape([count, workload.width]), on: device)
    }
  }
}
