import Swoop
import SwoopCore

/// A workload on a device: its weights and its samples in place, and its samples on the host, where
/// the callers have them.
final class Model: Sendable {
  let workload: Workload
  let device: Device
  private let weights: [(weight: Tensor, bias: Tensor, activation: Activation)]
  /// The operands of each sample.
  private let samples: [[Tensor]]
  /// Each sample as one array on the host, its operands one after another: what a caller of a
  /// coalescer has.
  private let joined: [[Float]]
  private let joinedShape: Shape

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
    let count = workload.inputs.count
    joined = (0..<workload.sampleCount).map { index in workload.inputs.flatMap { $0[index] } }
    joinedShape = count == 1 ? [workload.width] : [count, workload.width]
    for layer in weights {
      try await layer.weight.wait()
      try await layer.bias.wait()
    }
    for sample in samples { for operand in sample { try await operand.wait() } }
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

  /// The same, from a host array of its own for each operand.
  func hostSample(_ index: Int) throws(TensorError) -> Tensor {
    try self(
      workload.inputs.map { operand throws(TensorError) in
        try Tensor(
          operand[index % operand.count], shape: Shape([workload.width]), on: device)
      })
  }

  /// A caller's host array made a tensor, for a coalescer.
  func joinedSample(_ index: Int) throws(TensorError) -> Tensor {
    try Tensor(joined[index % joined.count], shape: joinedShape, on: device)
  }

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
