import SwoopCore

extension CPUBackend {
  /// Operations over all elements along some axes.
  ///
  /// Every reduction goes through 16 partial results, element i into the (i mod 16)-th, joined
  /// pairwise at the end; so an element of a sum of n passes through at most ⌈n / 16⌉ + 4
  /// roundings, and the error is at most γ₍⌈n/16⌉₊₄₎ · Σ|x|. The order depends on n alone, not
  /// on how the operand lies in memory.
  static let reductionKernels: [TensorOperation: Kernel] = [
    .sum: byType(Sum.self, WrappingSum.self),
    .mean: reduced(Mean.self),
    .max: byType(Largest<Float>.self, Largest<Int32>.self),
    .prod: byType(Product.self, WrappingProduct.self),
    .min: byType(Smallest<Float>.self, Smallest<Int32>.self),
    .argmin: byType(IndexOfSmallest<Float>.self, IndexOfSmallest<Int32>.self),
    .anyOf: byType(AnyNonzero<Float>.self, AnyNonzero<Int32>.self),
    .allOf: byType(AllNonzero<Float>.self, AllNonzero<Int32>.self),
    .argmax: byType(IndexOfLargest<Float>.self, IndexOfLargest<Int32>.self),
  ]

  private static func byType<F: ReductionForm, I: ReductionForm>(
    _ form: F.Type, _ integer: I.Type
  ) -> Kernel {
    { call throws(TensorError) in
      let isFloat = call.operands[0].elementType == .float32
      try isFloat ? reduced(F.self)(call) : reduced(I.self)(call)
    }
  }

  private static func reduced<F: ReductionForm>(_ form: F.Type) -> Kernel {
    { call throws(TensorError) in
      reduce(
        F.self, call.operands[0], axes: call.attributes.axes, call.result(as: F.Result.self))
    }
  }
}

/// A reduction, as what one partial result does.
protocol ReductionForm: SendableMetatype {
  associatedtype Element: TensorElement
  associatedtype Partial
  associatedtype Result: TensorElement
  /// The partial result of no elements.
  static var identity: Partial { get }
  static func include(_ element: Element, at index: Int, in partial: inout Partial)
  static func join(_ other: Partial, into partial: inout Partial)
  static func finish(_ partial: Partial, count: Int) -> Result
}

private enum Sum: ReductionForm {
  static var identity: Float { 0 }
  static func include(_ element: Float, at index: Int, in partial: inout Float) {
    partial += element
  }
  static func join(_ other: Float, into partial: inout Float) { partial += other }
  static func finish(_ partial: Float, count: Int) -> Float { partial }
}

private enum WrappingSum: ReductionForm {
  static var identity: Int32 { 0 }
  static func include(_ element: Int32, at index: Int, in partial: inout Int32) {
    partial &+= element
  }
  static func join(_ other: Int32, into partial: inout Int32) { partial &+= other }
  static func finish(_ partial: Int32, count: Int) -> Int32 { partial }
}

private enum Mean: ReductionForm {
  static var identity: Float { 0 }
  static func include(_ element: Float, at index: Int, in partial: inout Float) {
    partial += element
  }
  static func join(_ other: Float, into partial: inout Float) { partial += other }
  static func finish(_ partial: Float, count: Int) -> Float { partial / Float(count) }
}

/// An element with an order in which NaN is largest.
protocol RankedElement: TensorElement, Comparable {
  static var smallest: Self { get }
  static var largest: Self { get }
  static var nothing: Self { get }
}

extension Float: RankedElement {
  static var smallest: Float { -.infinity }
  static var largest: Float { .infinity }
  static var nothing: Float { 0 }
}
extension Int32: RankedElement {
  static var smallest: Int32 { .min }
  static var largest: Int32 { .max }
  static var nothing: Int32 { 0 }
}

extension RankedElement {
  /// Only NaN differs from itself.
  @inline(__always)
  func exceeds(_ other: Self) -> Bool { other == other && !(self <= other) }

  /// The same the other way round; NaN goes before all again.
  @inline(__always)
  func falls(below other: Self) -> Bool { other == other && !(self >= other) }
}

private enum Largest<E: RankedElement>: ReductionForm {
  static var identity: E { .smallest }
  static func include(_ element: E, at index: Int, in partial: inout E) {
    if element.exceeds(partial) { partial = element }
  }
  static func join(_ other: E, into partial: inout E) {
    if other.exceeds(partial) { partial = other }
  }
  static func finish(_ partial: E, count: Int) -> E { partial }
}

private enum IndexOfLargest<E: RankedElement>: ReductionForm {
  struct Partial {
    var element: E
    /// `Int.max` before the first element.
    var index: Int
  }
  static var identity: Partial { Partial(element: .smallest, index: .max) }
  static func include(_ element: E, at index: Int, in partial: inout Partial) {
    if element.exceeds(partial.element) || partial.index == .max {
      partial = Partial(element: element, index: index)
    }
  }
  static func join(_ other: Partial, into partial: inout Partial) {
    let isTie = !partial.element.exceeds(other.element)
    if other.element.exceeds(partial.element) || (isTie && other.index < partial.index) {
      partial = other
    }
  }
  static func finish(_ partial: Partial, count: Int) -> Int32 {
    Int32(truncatingIfNeeded: partial.index)
  }
}
