import RealModule
import Swoop

/// What each operation is by definition, in double precision; it shares no code with any back
/// end. Sums are exact enough there: their own error is 2²⁹ times below the bounds.
package enum Reference {
  package typealias Options = OperationOptions
  package typealias Function =
    @Sendable (_ operands: [Exact], _ options: Options) -> Expected

  // MARK: Element by element

  /// A function of the elements at one place, operands broadcast, with the error that the
  /// operation's row states.
  ///
  /// - `integer`: the form for whole numbers, of which only the lower bits count that the type
  ///   has; without it they are taken as float32.
  /// - `others`: what is right as well, where devices have a choice.
  /// - `type`: that of the result, if it is not the operands'.
  package static func elementwise(
    _ operation: TensorOperation, _ function: @escaping @Sendable ([Double]) -> Double,
    integer: (@Sendable ([Int64]) -> Int64)? = nil,
    others: (@Sendable ([Double]) -> [Double])? = nil, type: ElementType? = nil
  ) -> Function {
    var whole: (@Sendable ([Int64], Options) -> Int64)?
    if let integer { whole = { values, _ in integer(values) } }
    return elementwise(
      operation, given: { values, _ in function(values) }, integer: whole, others: others,
      type: type)
  }

  /// The same for functions that look at the options.
  package static func elementwise(
    _ operation: TensorOperation,
    given function: @escaping @Sendable ([Double], Options) -> Double,
    integer: (@Sendable ([Int64], Options) -> Int64)? = nil,
    others: (@Sendable ([Double]) -> [Double])? = nil, type: ElementType? = nil
  ) -> Function {
    { operands, options in
      let shape = operands.dropFirst().reduce(operands[0].shape) { broadcastShape($0, $1.shape) }
      let places = operands.map { $0.sources(broadcastTo: shape) }
      let count = shape.reduce(1, *)
      if let integer, operands[0].type.isWhole {
        let type = type ?? operands[0].type
        let elements = (0..<count).map { index in
          let values = operands.indices.map { Int64(operands[$0].values[places[$0][index]]) }
          return Expected.Element(type.wrapped(integer(values, options)), bound: 0)
        }
        return Expected(shape: shape, type: type, elements: elements)
      }
      let floats = operands.map(\.asFloats)
      let type = type ?? floats[0].type
      func element(_ values: [Double]) -> Expected.Element {
        let y = function(values, options)
        var element = Expected.Element(y, bound: operation.precision.bound(y, of: values[0]))
        element.others = (others?(values) ?? []).map { Expected.Element($0, bound: 0) }
        return element.stored(as: type)
      }
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
      return Expected(shape: shape, type: type, elements: elements)
    }
  }

  package static let cast: Function = { operands, options in
    let x = operands[0]
    let type = options.type ?? x.type
    let elements = x.values.map { value in
      type.isWhole
        ? Expected.Element(
          x.type.isWhole ? type.wrapped(Int64(value)) : type.rounded(value), bound: 0)
        : Expected.Element(value, bound: u * abs(value)).stored(as: type)
    }
    return Expected(shape: x.shape, type: type, elements: elements)
  }

  /// Copies keep every bit, but for subnormal numbers.
  package static let copy: Function = { operands, _ in
    let x = operands[0]
    let elements = x.values.map { Expected.Element($0, bound: 0) }
    return Expected(shape: x.shape, type: x.type, elements: elements)
  }
}
