import RealModule
import Swoop

// What functions of elements are tried on that share their kernel with others: every element
// type, few shapes.

extension [OperationCase] {
  /// One kind of values for each operand; those of integer types lie anywhere in their range.
  package static func functions(
    _ values: [Values], of types: [ElementType] = ElementType.allCases
  ) -> [OperationCase] {
    types.flatMap { type -> [OperationCase] in
      let kinds: [Values] = type.isFloatingPoint ? values : values.map { _ in .integers }
      func of(_ shapes: [[Int]], _ kinds: [Values], _ form: Sample.Form = .dense) -> OperationCase {
        OperationCase(zip(shapes, kinds).map { Operand($0, form, $1, type) })
      }
      let count = kinds.count
      var shapes = [[], [1], [257], [0], [3, 5]]
      if type == .float32 { shapes += [[8209], [20_011]] }
      var result = shapes.map { shape in of(kinds.map { _ in shape }, kinds) }
      result.append(of(kinds.map { _ in [33, 65] }, kinds, .transposed))
      if count > 1 { result.append(of(kinds.indices.map { $0 == 0 ? [65, 1] : [129] }, kinds)) }
      // Every special value beside every other.
      let (list, length): (Values, Int) =
        type.isFloatingPoint
        ? (.these(special), special.count)
        : type == .int32 ? (.theseIntegers(specialIntegers), specialIntegers.count) : (.integers, 9)
      let places = kinds.indices.map { [length] + [Int](repeating: 1, count: count - 1 - $0) }
      result.append(of(places, kinds.map { _ in list }))
      return result
    }
  }
}

extension Values {
  /// From -1 to 1 and a little beyond, dense near 0 and ±1.
  package static let unit = Values.made { count, generator in
    (0..<count).map { index in
      let near = Double.exp2(.random(in: -24 ... -1, using: &generator))
      let uniform = Double.random(in: 0...1.02, using: &generator)
      let value = [uniform, near, 1 - near][index % 3]
      return Bool.random(using: &generator) ? value : -value
    }
  }

  /// From where erfc is 2 to where it is subnormal.
  package static let tails = Values.made { count, generator in
    (0..<count).map { index in
      let limit = [2.0, 15, 2, 0.001][index % 4]
      return .random(in: -limit...limit, using: &generator)
    }
  }

  /// Small whole numbers as divisors, and multiples of them.
  package static let multiples = Values.made { count, generator in
    (0..<count).map { _ in Double(Int.random(in: -12...12, using: &generator)) * 0.75 }
  }
}
