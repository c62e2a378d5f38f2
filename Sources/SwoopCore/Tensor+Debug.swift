extension Tensor: CustomDebugStringConvertible {
  /// Shape, element type, device, how the elements lie, and what has become of them so far.
  /// Evaluates nothing, and does not wait.
  public var debugDescription: String {
    let layout = layout
    let strides = (0..<shape.rank).map { String(layout.strides[$0]) }.joined(separator: ", ")
    var lies = layout.isContiguous ? "row-major" : "strides [\(strides)]"
    if layout.offset != 0 { lies += " from element \(layout.offset)" }
    var state: String
    switch node.state {
    case .pending: state = "pending"
    case .scheduled: state = "scheduled"
    case .resident: state = "resident"
    case .failed: state = node.error.map { "failed: \($0)" } ?? "failed"
    }
    if node.isTraced { state = "of a model being traced" }
    let name = node.interned.map { ", \($0.signature.operation.name)" } ?? ""
    return "Tensor \(shape) \(elementType) on \(device), \(lies)\(name), \(state)"
  }
}
