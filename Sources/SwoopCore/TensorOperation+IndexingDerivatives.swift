// The derivatives of reading and writing where indices say. What an element was read for, or
// written from, are the indices: those are constant, so each gradient is taken where the element
// went, or added up where it came from, in the order of the indices. Sorted elements are taken along
// the indices of `argsort`, and need no more.

extension TensorOperation {
  static let indexingDerivatives: [TensorOperation: Derivative] = [
    .take: .partials({ pullback in
      try pullback.zeros(pullback.x.shape)
        .scatterAdding(pullback.gradient, at: pullback.y, axis: pullback.attributes.axes[0])
    }),
    .takeAlong: .partials({ pullback in
      try pullback.zeros(pullback.x.shape)
        .scatterAddingAlong(pullback.gradient, at: pullback.y, axis: pullback.attributes.axes[0])
    }),
    // Operands of scatters on a tape: the tensor, the updates, the sorted pairs, the indices.
    .scatter: .partials(
      { pullback in
        try pullback.gradient.scattered(
          .scatter, pullback.zeros(pullback.y.shape), pullback.scattering)
      },
      { pullback in
        try Tensor.where(pullback.isLast(), pullback.takenBack(pullback.gradient), 0)
      }),
    .scatterAdd: .partials({ $0.gradient }, { try $0.takenBack($0.gradient) }),
    .oneHot: .undefined(because: "its operand is whole numbers"),
    .searchSorted: .discrete, .sortRuns: .discrete, .mergeRuns: .discrete,
  ]
}

extension Pullback {
  fileprivate var scattering: Scattering {
    Scattering(
      indices: operands[3], pairs: operands[2], axis: attributes.axes[0],
      isAlong: attributes.words[0] == 1)
  }

  /// The elements at the places to which the updates went.
  fileprivate func takenBack(_ tensor: Tensor) throws(TensorError) -> Tensor {
    try scattering.isAlong
      ? tensor.takingAlong(scattering.indices, axis: scattering.axis)
      : tensor.taking(scattering.indices, axis: scattering.axis)
  }

  /// Which updates are still there, because none came later for their place; broadcasts to the
  /// updates' shape.
  fileprivate func isLast() throws(TensorError) -> Tensor {
    var scattering = scattering
    let (size, count) = (x.shape[scattering.axis], y.shape[scattering.axis])
    let places = try Tensor.places(0..<count, scattering.axis, of: y)
    if scattering.isAlong {
      // The places themselves scattered: the last one stays.
      let last = try places.filled(0, x.shape)
        .scattered(.scatter, places.stretched(to: y.shape), scattering)
      return try takenBack(last) .== places
    }
    // The same for all lines, so that one tells.
    scattering.axis = 0
    let last = try places.filled(0, [size])
      .scattered(.scatter, places.reshaped(count), scattering)
    return try last.taking(scattering.indices).reshaped(places.shape) .== places
  }
}
