import Swoop
import SwoopCheck
import Testing

/// Holds a program's gradients to the slopes of the same program in double precision, within their
/// bound.
/// - Parameter roundings: as `Exactly.slopes` takes them.
func expectSlopes(
  _ label: String, on device: Device, at operands: [Exactly], roundings: Int,
  of exact: ([Exactly]) -> Exactly, apply: ([Tensor]) throws -> Tensor,
  location: SourceLocation = #_sourceLocation
) throws {
  let slopes = Exactly.slopes(of: exact, at: operands, roundings: roundings)
  let gradients = try gradient(at: operands.map { try $0.tensor(on: device) }, of: apply)
  for (index, tensor) in gradients.enumerated() {
    let values = try tensor.blockingArray(as: Float.self)
    try #require(values.count == slopes[index].count, sourceLocation: location)
    for (slope, value) in zip(slopes[index], values) {
      #expect(
        abs(Double(value) - slope.value) <= slope.bound,
        "\(label), operand \(index) on \(device): \(value) instead of \(slope)",
        sourceLocation: location)
    }
  }
}
