import SwoopCore

/// A function of one element. A type, so that every loop is compiled for its function.
protocol UnaryForm: SendableMetatype {
  associatedtype Element: TensorElement
  associatedtype Result: TensorElement
  static func apply(_ x: Element) -> Result
}

/// A function of two elements.
protocol BinaryForm: SendableMetatype {
  associatedtype Element: TensorElement
  static func apply(_ a: Element, _ b: Element) -> Element
}

/// A function of two float32 elements that has an int32 form of its own.
protocol ArithmeticForm: BinaryForm where Element == Float {
  associatedtype Integer: BinaryForm where Integer.Element == Int32
}

func mapRows<F: UnaryForm>(
  _ form: F.Type, _ shape: Shape, _ operand: Operand, _ result: UnsafeMutablePointer<F.Result>
) {
  let x = operand.elements(as: F.Element.self)
  let walk = Walk(shape, operand.layout)
  let (count, step) = (walk.length, walk.step)
  var row = result
  walk.forEachRow { offset, _ in
    let x = x + offset
    if step == 1 {
      for index in 0..<count { row[index] = F.apply(x[index]) }
    } else {
      for index in 0..<count { row[index] = F.apply(x[index &* step]) }
    }
    row += count
  }
}

func zipRows<F: BinaryForm>(
  _ form: F.Type, _ shape: Shape, _ first: Operand, _ second: Operand,
  _ result: UnsafeMutablePointer<F.Element>
) {
  let a = first.elements(as: F.Element.self)
  let b = second.elements(as: F.Element.self)
  let walk = Walk(shape, first.layout, second.layout)
  let (count, stepA, stepB) = (walk.length, walk.step, walk.secondStep)
  var row = result
  walk.forEachRow { offsetA, offsetB in
    let (a, b) = (a + offsetA, b + offsetB)
    switch (stepA, stepB) {
    case (1, 1):
      for index in 0..<count { row[index] = F.apply(a[index], b[index]) }
    case (1, 0):
      let single = b[0]
      for index in 0..<count { row[index] = F.apply(a[index], single) }
    case (0, 1):
      let single = a[0]
      for index in 0..<count { row[index] = F.apply(single, b[index]) }
    default:
      for index in 0..<count { row[index] = F.apply(a[index &* stepA], b[index &* stepB]) }
    }
    row += count
  }
}
