import RealModule
import Swoop

/// What each operation is by definition, in double precision; it shares no code with any back
/// end. Sums are exact enough there: their own error is 2²⁹ times below the bounds.
enum Reference {
  typealias Function = @Sendable (_ operands: [Exact], _ options: Options) -> Expected

  /// What an operation is told besides its operands.
  struct Options: Sendable, CustomStringConvertible {
    /// As the caller gives them: negative ones count from the back, none means all.
    var axes: [Int] = []
    var isKeeping = false
    var activation = Activation.none
    var type: ElementType?

    func normalizedAxes(_ rank: Int) -> [Int] {
      axes.isEmpty ? Array(0..<rank) : axes.map { $0 < 0 ? $0 + rank : $0 }.sorted()
    }

    var description: String {
      var parts: [String] = []
      if !axes.isEmpty { parts.append("axes \(axes)") }
      if isKeeping { parts.append("keeping dimensions") }
      if activation != .none { parts.append("\(activation)") }
      if let type { parts.append("as \(type)") }
      return parts.joined(separator: ", ")
    }
  }

  // MARK: Element by element

  /// A function of the elements at one place, operands broadcast. Without an `integer` form
  /// int32 elements are taken as float32; with one, only its lower 32 bits count.
  static func elementwise(
    _ operation: TensorOperation, _ function: @escaping @Sendable ([Double]) -> Double,
    integer: (@Sendable ([Int64]) -> Int64)? = nil,
    others: (@Sendable ([Double]) -> [Double])? = nil
  ) -> Function {
    { operands, _ in
      let shape = operands.dropFirst().reduce(operands[0].shape) { broadcastShape($0, $1.shape) }
      let places = operands.map { $0.sources(broadcastTo: shape) }
      let count = shape.reduce(1, *)
      if let integer, operands[0].type == .int32 {
        let elements = (0..<count).map { index in
          let values = operands.indices.map { Int64(operands[$0].values[places[$0][index]]) }
          return Expected.Element(Double(Int32(truncatingIfNeeded: integer(values))), bound: 0)
        }
        return Expected(shape: shape, type: .int32, elements: elements)
      }
      func element(_ values: [Double]) -> Expected.Element {
        let y = function(values)
        var element = Expected.Element(y, bound: operation.precision.bound(y, of: values[0]))
        element.others = (others?(values) ?? []).map { Expected.Element($0, bound: 0) }
        return element
      }
      let floats = operands.map(\.asFloat32)
      let flushed = floats.map(\.flushed)
      let hasSubnormals = floats.contains { $0.hasSubnormals }
      let elements = (0..<count).map { index in
        var result = element(floats.indices.map { floats[$0].values[places[$0][index]] })
        if hasSubnormals {
          result.others.append(
            element(flushed.indices.map { flushed[$0].values[places[$0][index]] }))
        }
        return result
      }
      return Expected(shape: shape, type: .float32, elements: elements)
    }
  }

  static let cast: Function = { operands, options in
    let x = operands[0]
    let elements = x.values.map { value in
      guard options.type == .int32 else { return Expected.Element(value, bound: u * abs(value)) }
      if x.type == .int32 { return Expected.Element(value, bound: 0) }
      if value.isNaN { return Expected.Element(0, bound: 0) }
      let limited = min(max(value, -0x1p31), 0x1p31 - 1)
      return Expected.Element(limited.rounded(.towardZero), bound: 0)
    }
    return Expected(shape: x.shape, type: options.type ?? x.type, elements: elements)
  }

  /// Copies keep every bit, but for subnormal numbers.
  static let copy: Function = { operands, _ in
    let x = operands[0]
    let elements = x.values.map { Expected.Element($0, bound: 0) }
    return Expected(shape: x.shape, type: x.type, elements: elements)
  }
}
