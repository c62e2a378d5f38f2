// The derivatives of matrix products. Of c = a · b with the gradient g of c they are g · bᵀ and
// aᵀ · g, summed over what was broadcast.

extension TensorOperation {
  static let productDerivatives: [TensorOperation: Derivative] = [
    .matmul: .pullback { try $0.throughProduct($0.gradient) },
    .linear: .pullback { pullback in
      var gradient = pullback.gradient
      switch pullback.attributes.activation {
      case .none: break
      case .relu: gradient = try pullback.gradient(unless: pullback.result .<= 0)
      }
      var parts = try pullback.throughProduct(gradient)
      if pullback.wants.count > 2, pullback.wants[2] {
        // The bias is one row: `summed` adds up the others.
        let rows =
          pullback.y.shape.rank == 1 ? gradient.inserting(axis: gradient.shape.rank) : gradient
        parts.append(try rows.summed(to: pullback.operands[2].shape))
      }
      return parts
    },
  ]
}

extension Pullback {
  /// The gradients of the two factors, for the product's gradient `g`.
  fileprivate func throughProduct(_ g: Tensor) throws -> [Tensor?] {
    // Vectors as matrices of one row or column.
    var g = g
    if y.shape.rank == 1 { g = g.inserting(axis: g.shape.rank) }
    if x.shape.rank == 1 { g = g.inserting(axis: g.shape.rank - 1) }
    let a = x.shape.rank == 1 ? x.inserting(axis: 0) : x
    let b = y.shape.rank == 1 ? y.inserting(axis: 1) : y
    var parts: [Tensor?] = [nil, nil]
    if wants[0] {
      parts[0] = try g.matmul(b.swappingLastAxes()).summed(to: a.shape).reshaped(x.shape)
    }
    if wants[1] {
      let product: Tensor
      if b.shape.rank == 2, a.shape.rank > 2 {
        // All rows meet one right factor: the sum over the batch is part of one product.
        let rows = try a.reshaped(rowCount(a.shape), b.shape[0])
        product = try rows.transposed().matmul(g.reshaped(rows.shape[0], b.shape[1]))
      } else {
        product = try a.swappingLastAxes().matmul(g).summed(to: b.shape)
      }
      parts[1] = try product.reshaped(y.shape)
    }
    return parts
  }

  private func rowCount(_ shape: Shape) -> Int { shape.dropLast().reduce(1, *) }
}
