import Swoop

// Matrix products.

extension OperationTable {
  static let products: [OperationLine] = [
    OperationLine(
      .matmul, .products.inEveryType(), stacking: .leftRows(bias: false), Reference.product
    ) { x, _ in try x[0].matmul(x[1]) },
    OperationLine(
      .linear, .products.inEveryType() + .linears, stacking: .leftRows(bias: true),
      Reference.product
    ) { x, options in
      try x[0].linear(x[1], bias: x.count > 2 ? x[2] : nil, activation: options.activation)
    },
  ]
}
