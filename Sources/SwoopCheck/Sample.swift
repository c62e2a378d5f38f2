import Swoop

/// One operand: what it is, and how it lies in memory.
package struct Sample: Sendable {
  package enum Form: Sendable {
    case dense
    /// Stored with the axes in the reverse order and looked at transposed.
    case transposed
    /// Stored in this order and looked at permuted.
    case permuted([Int])
    /// Stored flat.
    case reshaped
    /// Of one axis: every second element of what is stored.
    case apart
  }

  package let shape: [Int]
  package let elements: Elements
  package let form: Form

  package init(shape: [Int], elements: Elements, form: Form) {
    (self.shape, self.elements, self.form) = (shape, elements, form)
  }

  package var exact: Exact { Exact(shape: shape, values: elements.values, type: elements.type) }

  package func tensor(on device: Device) throws -> Tensor {
    switch form {
    case .dense: return try elements.tensor(shape, on: device)
    case .reshaped:
      return try elements.tensor([elements.values.count], on: device).reshaped(shape)
    case .apart:
      let count = elements.values.count
      let order = (0..<2 * count).map { $0 % 2 == 0 ? $0 / 2 : count - 1 - $0 / 2 }
      return try elements.reordered(order).tensor([2 * count], on: device)[.slice(by: 2)]
    case .transposed:
      return try permuted(Array(shape.indices.reversed()), on: device)
    case .permuted(let axes): return try permuted(axes, on: device)
    }
  }

  /// `stored.transposed(axes)` has this sample's shape; so axis i of it is axis axes[i] of
  /// what is stored.
  private func permuted(_ axes: [Int], on device: Device) throws -> Tensor {
    var stored = [Int](repeating: 0, count: shape.count)
    for (axis, source) in axes.enumerated() { stored[source] = shape[axis] }
    let order = (0..<elements.values.count).map { flat in
      let place = coordinates(flat, in: stored)
      return flatIndex(axes.map { place[$0] }, in: shape)
    }
    let tensor = try elements.reordered(order).tensor(stored, on: device)
    return try tensor.transposed(axes)
  }
}
