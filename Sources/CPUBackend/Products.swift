import SwoopCore

extension CPUBackend {
  /// Matrix products.
  static let productKernels: [TensorOperation: Kernel] = [
    .matmul: product,
    .linear: { call throws(TensorError) in
      try product(call)
      if call.form.elementType == .float32 {
        epilogue(call, Float.self) { $0 + $1 }
      } else {
        epilogue(call, Int32.self) { $0 &+ $1 }
      }
    },
  ]

  private static let product: Kernel = { call throws(TensorError) in
    let shape = call.form.shape
    guard shape.elementCount > 0 else { return }
    let first = call.operands[0]
    let second = call.operands[1]
    var a = MatrixForm(left: first.layout)
    let b = MatrixForm(right: second.layout)
    let leading = Shape(unchecked: shape.prefix(a.leading.rank(with: b.leading)))
    var batch = Walk(leading, a.leading, b.leading)

    // One right operand for all: the rows of every left one are the rows of one matrix.
    if b.leading.shape.elementCount == 1, first.layout.isContiguous, a.rowCount > 0 {
      a.rowCount = first.layout.shape.elementCount / Swift.max(a.columnCount, 1)
      if a.columnCount == 0 { a.rowCount = shape.elementCount / b.columnCount }
      batch = Walk([], Layout([]), Layout([]))
    }
    let size = a.rowCount * b.columnCount

    if call.form.elementType == .float32 {
      let multiplication = try FloatProduct(a, b)
      var result = call.result(as: Float.self)
      try ProcessEnd.heldOff {
        batch.visit { offsetA, offsetB in
          multiplication.run(
            first.elements(as: Float.self) + offsetA, second.elements(as: Float.self) + offsetB,
            result)
          result += size
        }
      }
    } else {
      var result = call.result(as: Int32.self)
      batch.visit { offsetA, offsetB in
        multiply(
          first.elements(as: Int32.self) + offsetA, a, second.elements(as: Int32.self) + offsetB,
          b, result)
        result += size
      }
    }
  }

  /// Wraps around.
  private static func multiply(
    _ a: UnsafePointer<Int32>, _ formA: MatrixForm, _ b: UnsafePointer<Int32>,
    _ formB: MatrixForm, _ result: UnsafeMutablePointer<Int32>
  ) {
    for row in 0..<formA.rowCount {
      let sums = result + row * formB.columnCount
      sums.update(repeating: 0, count: formB.columnCount)
      for inner in 0..<formA.columnCount {
        let factor = a[row * formA.rowStride + inner * formA.columnStride]
        let start = b + inner * formB.rowStride
        for column in 0..<formB.columnCount {
          sums[column] &+= factor &* start[column &* formB.columnStride]
        }
      }
    }
  }

  /// Adds the bias to every row, and applies the activation.
  @inline(__always)
  private static func epilogue<E: RankedElement & Numeric>(
    _ call: KernelCall, _ type: E.Type, _ add: (E, E) -> E
  ) {
    let count = call.form.shape.elementCount
    let result = call.result(as: type)
    if call.operands.count > 2, count > 0 {
      let bias = call.operands[2].elements(as: type)
      let step = call.operands[2].layout.strides[0]
      let width = call.operands[2].layout.shape.elementCount
      for start in stride(from: 0, to: count, by: width) {
        for column in 0..<width {
          result[start + column] = add(result[start + column], bias[column * step])
        }
      }
    }
    if call.attributes.activation == .relu {
      for index in 0..<count { result[index] = result[index] < 0 ? 0 : result[index] }
    }
  }
}

/// How an operand of a product is made of matrices.
struct MatrixForm {
  var rowCount: Int
  var columnCount: Int
  var rowStride: Int
  var columnStride: Int
  /// The axes that matrices are repeated along.
  let leading: Layout

  /// A vector is one row.
  init(left layout: Layout) {
    let rank = layout.shape.rank
    columnCount = layout.shape[rank - 1]
    columnStride = layout.strides[rank - 1]
    rowCount = rank > 1 ? layout.shape[rank - 2] : 1
    rowStride = rank > 1 ? layout.strides[rank - 2] : columnCount
    leading = layout.leading
  }

  /// A vector is one column.
  init(right layout: Layout) {
    let rank = layout.shape.rank
    rowCount = layout.shape[Swift.max(rank - 2, 0)]
    rowStride = layout.strides[Swift.max(rank - 2, 0)]
    columnCount = rank > 1 ? layout.shape[rank - 1] : 1
    columnStride = rank > 1 ? layout.strides[rank - 1] : 1
    leading = layout.leading
  }
}

extension Layout {
  /// Without the last two axes.
  fileprivate var leading: Layout {
    Layout(shape: Shape(unchecked: shape.dropLast(2)), strides: strides, offset: 0)
  }

  fileprivate func rank(with other: Layout) -> Int { Swift.max(shape.rank, other.shape.rank) }
}
