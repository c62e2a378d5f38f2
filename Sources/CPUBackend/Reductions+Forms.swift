import SwoopCore

// More reductions, as what one partial result does.

enum Product: ReductionForm {
  static var identity: Float { 1 }
  static func include(_ element: Float, at index: Int, in partial: inout Float) {
    partial *= element
  }
  static func join(_ other: Float, into partial: inout Float) { partial *= other }
  static func finish(_ partial: Float, count: Int) -> Float { partial }
}

enum WrappingProduct: ReductionForm {
  static var identity: Int32 { 1 }
  static func include(_ element: Int32, at index: Int, in partial: inout Int32) {
    partial &*= element
  }
  static func join(_ other: Int32, into partial: inout Int32) { partial &*= other }
  static func finish(_ partial: Int32, count: Int) -> Int32 { partial }
}

enum Smallest<E: RankedElement>: ReductionForm {
  static var identity: E { .largest }
  static func include(_ element: E, at index: Int, in partial: inout E) {
    if element.falls(below: partial) { partial = element }
  }
  static func join(_ other: E, into partial: inout E) {
    if other.falls(below: partial) { partial = other }
  }
  static func finish(_ partial: E, count: Int) -> E { partial }
}

enum IndexOfSmallest<E: RankedElement>: ReductionForm {
  struct Partial {
    var element: E
    /// `Int.max` before the first element.
    var index: Int
  }
  static var identity: Partial { Partial(element: .largest, index: .max) }
  static func include(_ element: E, at index: Int, in partial: inout Partial) {
    if element.falls(below: partial.element) || partial.index == .max {
      partial = Partial(element: element, index: index)
    }
  }
  static func join(_ other: Partial, into partial: inout Partial) {
    let isTie = !partial.element.falls(below: other.element)
    if other.element.falls(below: partial.element) || (isTie && other.index < partial.index) {
      partial = other
    }
  }
  static func finish(_ partial: Partial, count: Int) -> Int32 {
    Int32(truncatingIfNeeded: partial.index)
  }
}

/// NaN is not 0.
enum AnyNonzero<E: RankedElement>: ReductionForm {
  static var identity: Int32 { 0 }
  static func include(_ element: E, at index: Int, in partial: inout Int32) {
    if element != E.nothing { partial = 1 }
  }
  static func join(_ other: Int32, into partial: inout Int32) { partial |= other }
  static func finish(_ partial: Int32, count: Int) -> Int32 { partial }
}

enum AllNonzero<E: RankedElement>: ReductionForm {
  static var identity: Int32 { 1 }
  static func include(_ element: E, at index: Int, in partial: inout Int32) {
    if element == E.nothing { partial = 0 }
  }
  static func join(_ other: Int32, into partial: inout Int32) { partial &= other }
  static func finish(_ partial: Int32, count: Int) -> Int32 { partial }
}
