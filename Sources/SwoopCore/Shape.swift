/// The sizes of a tensor's dimensions, outermost first; up to eight of them.
///
/// A literal cannot throw, so a malformed one (`[2, -1]`) is remembered as such and refused
/// with an error by the first function that is given it.
public struct Shape: Sendable, RandomAccessCollection, ExpressibleByArrayLiteral {
  /// The most dimensions a tensor can have.
  public static let maximumRank = 8
  /// The most elements a tensor can have: kernels count elements in 32 bits.
  public static let maximumElementCount = Int(UInt32.max / 4)

  package enum Defect: UInt8, Sendable { case none, tooManyDimensions, negative, tooLarge }

  private var sizes: InlineArray<8, Int>
  /// The number of dimensions; 0 for a scalar.
  public let rank: Int
  /// The product of the sizes; 1 for a scalar.
  public let elementCount: Int
  package let defect: Defect

  /// - Throws: `invalidShape` for more than eight dimensions, a negative size, or more
  ///   elements than `maximumElementCount`.
  public init(_ sizes: some Collection<Int>) throws(TensorError) {
    self.init(unchecked: sizes)
    try check()
  }

  /// A literal; a malformed one is refused by whoever is given it.
  public init(arrayLiteral elements: Int...) { self.init(unchecked: elements) }

  package init(unchecked list: some Collection<Int>) {
    var sizes = InlineArray<8, Int>(repeating: 0)
    var count = 1
    var defect = list.count > Shape.maximumRank ? Defect.tooManyDimensions : .none
    var isEmpty = false
    var index = 0
    for size in list.prefix(Shape.maximumRank) {
      sizes[index] = size
      index += 1
      if size < 0 { defect = .negative }
      if size == 0 { isEmpty = true }
      let (product, overflow) = count.multipliedReportingOverflow(by: Swift.max(size, 1))
      count = overflow ? Int.max : product
    }
    if defect == .none, count > Shape.maximumElementCount { defect = .tooLarge }
    self.sizes = sizes
    self.rank = index
    self.elementCount = isEmpty ? 0 : count
    self.defect = defect
  }

  package func check() throws(TensorError) {
    switch defect {
    case .none: return
    case .tooManyDimensions:
      throw TensorError(
        .invalidShape, "a tensor has at most \(Shape.maximumRank) dimensions")
    case .negative:
      throw TensorError(.invalidShape, "\(self) has a negative size; sizes are 0 or more")
    case .tooLarge:
      throw TensorError(
        .invalidShape,
        "\(self) has more than \(Shape.maximumElementCount) elements, the most a tensor can have")
    }
  }

  /// 0, the outermost dimension.
  public var startIndex: Int { 0 }
  /// The number of dimensions.
  public var endIndex: Int { rank }
  /// The size of one dimension, which must be there.
  public subscript(position: Int) -> Int {
    precondition(position >= 0 && position < rank, "index outside of the shape")
    return sizes[position]
  }
}

extension Shape: Hashable {
  public static func == (a: Shape, b: Shape) -> Bool {
    guard a.rank == b.rank, a.elementCount == b.elementCount, a.defect == b.defect else {
      return false
    }
    for axis in 0..<a.rank where a.sizes[axis] != b.sizes[axis] { return false }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    for axis in 0..<rank { hasher.combine(sizes[axis]) }
  }
}

extension Shape: CustomStringConvertible {
  public var description: String {
    "[" + map { String($0) }.joined(separator: ", ") + "]"
  }
}
