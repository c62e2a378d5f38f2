import SwoopCore

// The loops over elements. Always inlined, so that each is compiled for its function.

/// Calls `function` on every element.
@inline(__always)
func mapRows<E: TensorElement, R>(
  _ shape: Shape, _ operand: Operand, _ result: UnsafeMutablePointer<R>, _ function: (E) -> R
) {
  let x = operand.elements(as: E.self)
  let walk = Walk(shape, operand.layout)
  let (count, step) = (walk.length, walk.step)
  var row = result
  walk.forEachRow { offset, _ in
    let x = x + offset
    if step == 1 {
      for index in 0..<count { row[index] = function(x[index]) }
    } else {
      for index in 0..<count { row[index] = function(x[index &* step]) }
    }
    row += count
  }
}

/// Calls `function` on the elements of two operands at the same place.
@inline(__always)
func zipRows<E: TensorElement, R>(
  _ shape: Shape, _ first: Operand, _ second: Operand, _ result: UnsafeMutablePointer<R>,
  _ function: (E, E) -> R
) {
  let a = first.elements(as: E.self)
  let b = second.elements(as: E.self)
  let walk = Walk(shape, first.layout, second.layout)
  let (count, stepA, stepB) = (walk.length, walk.step, walk.secondStep)
  var row = result
  walk.forEachRow { offsetA, offsetB in
    let (a, b) = (a + offsetA, b + offsetB)
    switch (stepA, stepB) {
    case (1, 1):
      for index in 0..<count { row[index] = function(a[index], b[index]) }
    case (1, 0):
      let single = b[0]
      for index in 0..<count { row[index] = function(a[index], single) }
    case (0, 1):
      let single = a[0]
      for index in 0..<count { row[index] = function(single, b[index]) }
    default:
      for index in 0..<count { row[index] = function(a[index &* stepA], b[index &* stepB]) }
    }
    row += count
  }
}

/// Calls `function` on the elements of three operands at the same place.
@inline(__always)
func zipRows<C: TensorElement, E: TensorElement, R>(
  _ shape: Shape, _ first: Operand, _ second: Operand, _ third: Operand,
  _ result: UnsafeMutablePointer<R>, _ function: (C, E, E) -> R
) {
  let x = first.elements(as: C.self)
  let a = second.elements(as: E.self)
  let b = third.elements(as: E.self)
  // A walk knows two operands: here each has one of its own, element by element.
  var places: [Int] = []
  places.reserveCapacity(shape.elementCount)
  Walk(shape, first.layout, first.layout).visit { offset, _ in places.append(offset) }
  var index = 0
  Walk(shape, second.layout, third.layout).visit { offsetA, offsetB in
    result[index] = function(x[places[index]], a[offsetA], b[offsetB])
    index += 1
  }
}
