/// What stands between the brackets of `x[1..., ..<3, .slice(by: 2), .newAxis]`.
///
/// `Int`, Swift's ranges of `Int`, and `AxisIndex` are such. A negative number counts from the
/// back: -1 is the last element. Swift itself traps on a range whose bounds are in the wrong
/// order, `1 ..< -1` among them; `.slice(from: 1, to: -1)` is what that means.
public protocol TensorIndex: Sendable {
  /// The index in the form that all of them have.
  var axisIndex: AxisIndex { get }
}

/// An index of one axis, in every form there is.
public struct AxisIndex: TensorIndex, Hashable {
  enum Kind: Sendable, Hashable {
    case position(Int)
    case slice(from: Int?, to: Int?, by: Int)
    /// The last element is part of it.
    case through(from: Int?, Int)
    case newAxis
    case ellipsis
  }
  let kind: Kind

  /// Itself.
  public var axisIndex: AxisIndex { self }
}

extension TensorIndex where Self == AxisIndex {
  /// A new axis of one element.
  public static var newAxis: AxisIndex { AxisIndex(kind: .newAxis) }

  /// All the axes that the other indices leave over; at most once, and at the end without saying.
  public static var ellipsis: AxisIndex { AxisIndex(kind: .ellipsis) }

  /// The whole axis.
  public static var all: AxisIndex { .slice() }

  /// Every `by`-th element from `from` on, up to but without `to`.
  ///
  /// With a negative step it runs backwards: without `from` from the last element, without `to`
  /// as far as the first. Bounds that leave nothing between them give an axis of no elements.
  public static func slice(from: Int? = nil, to: Int? = nil, by: Int = 1) -> AxisIndex {
    AxisIndex(kind: .slice(from: from, to: to, by: by))
  }
}

extension Int: TensorIndex {
  /// The element at this place; the axis is dropped.
  public var axisIndex: AxisIndex { AxisIndex(kind: .position(self)) }
}

extension Range: TensorIndex where Bound == Int {
  /// The elements from the lower bound up to but without the upper.
  public var axisIndex: AxisIndex { .slice(from: lowerBound, to: upperBound) }
}

extension ClosedRange: TensorIndex where Bound == Int {
  /// The elements between the bounds, which are two of them.
  public var axisIndex: AxisIndex {
    AxisIndex(kind: .through(from: lowerBound, upperBound))
  }
}

extension PartialRangeFrom: TensorIndex where Bound == Int {
  /// The elements from the lower bound on.
  public var axisIndex: AxisIndex { .slice(from: lowerBound) }
}

extension PartialRangeUpTo: TensorIndex where Bound == Int {
  /// The elements up to but without the upper bound.
  public var axisIndex: AxisIndex { .slice(to: upperBound) }
}

extension PartialRangeThrough: TensorIndex where Bound == Int {
  /// The elements up to the upper bound, which is one of them.
  public var axisIndex: AxisIndex { AxisIndex(kind: .through(from: nil, upperBound)) }
}

/// What a list of indices takes of one axis, and what becomes of it.
struct AxisSelection {
  /// nil for a new axis.
  var axis: Int?
  var start = 0
  var step = 1
  var count = 1
  /// An `Int` drops its axis.
  var isDropped = false
}

extension Shape {
  /// What the indices take of every axis, in order.
  /// - Throws: `invalidIndex`; `invalidArgument` for a step of 0; `invalidShape` if the result
  ///   had more than eight dimensions.
  func selections(
    _ indices: [any TensorIndex], operation: String
  ) throws(TensorError) -> [AxisSelection] {
    let kinds = indices.map { $0.axisIndex.kind }
    let taken = kinds.filter { $0 != .newAxis && $0 != .ellipsis }.count
    guard taken <= rank else {
      throw TensorError(
        .invalidIndex,
        "\(operation) of a tensor of shape \(self) was given indices of \(taken) axes; it has "
          + "\(rank)")
    }
    guard kinds.filter({ $0 == .ellipsis }).count <= 1 else {
      throw TensorError(
        .invalidIndex, "\(operation) was given .ellipsis more than once; it takes one")
    }
    var result: [AxisSelection] = []
    var axis = 0
    func rest(_ count: Int) {
      for _ in 0..<count {
        result.append(AxisSelection(axis: axis, count: self[axis]))
        axis += 1
      }
    }
    for kind in kinds {
      switch kind {
      case .newAxis: result.append(AxisSelection())
      case .ellipsis: rest(rank - taken)
      default:
        result.append(try selection(kind, axis, operation))
        axis += 1
      }
    }
    rest(rank - axis)
    guard result.count(where: { !$0.isDropped }) <= Shape.maximumRank else {
      throw TensorError(
        .invalidShape,
        "\(operation) of a tensor of shape \(self) was given too many new axes; a tensor has at "
          + "most \(Shape.maximumRank) dimensions")
    }
    return result
  }

  private func selection(
    _ kind: AxisIndex.Kind, _ axis: Int, _ operation: String
  ) throws(TensorError) -> AxisSelection {
    let size = self[axis]
    // A bound counted from the front, if it lies in -size ... limit.
    func place(_ index: Int, _ limit: Int) throws(TensorError) -> Int {
      guard index >= -size, index <= limit else {
        throw TensorError(
          .invalidIndex,
          "\(operation) of a tensor of shape \(self) was given \(index) for axis \(axis), which "
            + "has \(size) elements; "
            + (limit < -size ? "it takes none" : "it takes \(-size) ... \(limit)"))
      }
      return index < 0 ? index + size : index
    }
    var result = AxisSelection(axis: axis)
    switch kind {
    case .position(let index):
      result.start = try place(index, size - 1)
      result.isDropped = true
    case .through(let from, let last):
      result.start = try from.map { index throws(TensorError) in try place(index, size) } ?? 0
      result.count = Swift.max(try place(last, size - 1) + 1 - result.start, 0)
    case .slice(let from, let to, let by):
      guard by != 0 else {
        throw TensorError(
          .invalidArgument,
          "\(operation) was given a step of 0 for axis \(axis); it takes any other")
      }
      let isForwards = by > 0
      let first = isForwards ? 0 : size - 1
      let start = try from.map { index throws(TensorError) in
        try place(index, isForwards ? size : size - 1)
      }
      let end = try to.map { index throws(TensorError) in try place(index, size) }
      result.start = start ?? first
      result.step = by
      let distance =
        isForwards ? (end ?? size) - result.start : result.start - (end ?? -1)
      let step = by.magnitude
      result.count = distance <= 0 ? 0 : Int((UInt(distance) + (step - 1)) / step)
    case .newAxis, .ellipsis: break
    }
    // A step that is never taken may be anything; this one fits every product.
    if result.count <= 1 { result.step = 1 }
    return result
  }
}
