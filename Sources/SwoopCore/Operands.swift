/// What one operation is computed from. Up to three tensors are kept without an array: a node is
/// made for every operation, and few have more.
package struct Operands: Sendable, RandomAccessCollection {
  private var first: Tensor?
  private var second: Tensor?
  private var third: Tensor?
  /// All of them where there are more than three.
  private var many: [Tensor] = []
  package private(set) var count = 0

  package init() {}

  init(_ only: Tensor) {
    first = only
    count = 1
  }

  init(_ first: Tensor, _ second: Tensor, _ third: Tensor? = nil) {
    self.first = first
    self.second = second
    self.third = third
    count = third == nil ? 2 : 3
  }

  package init(_ list: [Tensor]) {
    count = list.count
    if count > 3 {
      many = list
      return
    }
    if count > 0 { first = list[0] }
    if count > 1 { second = list[1] }
    if count > 2 { third = list[2] }
  }

  /// Calls `body` with each and its place, without a copy of all: references are counted, and that
  /// takes half of the time of making an operation.
  @inline(__always)
  func visit<E: Error>(_ body: (Int, Tensor) throws(E) -> Void) throws(E) {
    if count > 3 {
      for (index, tensor) in many.enumerated() { try body(index, tensor) }
      return
    }
    if let first { try body(0, first) }
    if let second { try body(1, second) }
    if let third { try body(2, third) }
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(index: Int) -> Tensor {
    precondition(index >= 0 && index < count, "no such operand")
    let few =
      switch index {
      case _ where count > 3: many[index]
      case 0: first
      case 1: second
      default: third
      }
    // What `count` says is there.
    return few.unsafelyUnwrapped
  }
}
