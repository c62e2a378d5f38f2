import SwoopCore

/// What a tensor can be read as: one of its elements, and arrays of such, to any depth.
public protocol TensorReadable: TensorConvertible {
  /// The type of the elements inside.
  associatedtype TensorElements: TensorElement

  /// The values that elements in row-major order make.
  /// - Parameters:
  ///   - elements: as many as the sizes say.
  ///   - sizes: how many values there are, then the lengths of the arrays in each, outermost first: one
  ///     size more than `tensorRank`.
  static func values(of elements: ArraySlice<TensorElements>, sizes: ArraySlice<Int>) -> [Self]
}

extension TensorReadable where TensorElements == Self {
  /// The elements themselves.
  public static func values(of elements: ArraySlice<Self>, sizes: ArraySlice<Int>) -> [Self] {
    Array(elements)
  }
}

extension Float: TensorReadable { public typealias TensorElements = Float }
extension Float16: TensorReadable { public typealias TensorElements = Float16 }
extension BFloat16: TensorReadable { public typealias TensorElements = BFloat16 }
extension Int32: TensorReadable { public typealias TensorElements = Int32 }
extension UInt8: TensorReadable { public typealias TensorElements = UInt8 }
extension Bool: TensorReadable { public typealias TensorElements = Bool }

extension Array: TensorReadable where Element: TensorReadable {
  public typealias TensorElements = Element.TensorElements

  /// As many arrays as the first size says, each of an equal part of the elements.
  public static func values(
    of elements: ArraySlice<TensorElements>, sizes: ArraySlice<Int>
  ) -> [Self] {
    let count = sizes.first ?? 0
    let width = elements.count / Swift.max(count, 1)
    return (0..<count).map {
      let start = elements.startIndex + $0 * width
      return Element.values(of: elements[start..<start + width], sizes: sizes.dropFirst())
    }
  }
}
