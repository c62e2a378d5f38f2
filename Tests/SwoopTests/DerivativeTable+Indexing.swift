import Swoop
import SwoopCheck
import SwoopCore

// Along an axis: scans, what indices say, and sorting.

extension DerivativeTable {
  static let scans: [DerivativeLine] = [
    // One factor, two, and more than a doubling takes.
    DerivativeLine(
      .prod, [[[3, 4, 2]], [[2, 1, 3]], [[2, 2, 2]], [[1, 9, 1]]], { $0[0].product(1) },
      apply: { try $0[0].product(1) }),
    DerivativeLine(
      .prod, [[[3, 2, 2]]],
      {
        let product = $0[0].product(2).product(0)
        return product.reshaped([1] + product.shape + [1])
      }, apply: { try $0[0].product(0, -1, keepingDimensions: true) }),
    DerivativeLine(
      .prod, [[[2, 3]], [[1]]],
      {
        $0[0].reshaped([$0[0].values.count]).product(0)
      }, apply: { try $0[0].product() }),
    along(.cumulativeSum, { $0.cumulativeSum($1) }, { try $0.cumulativeSum($1) }),
    along(.cumulativeProduct, { $0.cumulativeProduct($1) }, { try $0.cumulativeProduct($1) }),
    along(.cumulativeMax, { $0.cumulativeMax($1) }, { try $0.cumulativeMax($1) }),
  ]

  /// Along the middle one of three axes.
  private static func along(
    _ operation: TensorOperation, _ exact: @escaping @Sendable (Exactly, Int) -> Exactly,
    _ apply: @escaping @Sendable (Tensor, Int) throws -> Tensor
  ) -> DerivativeLine {
    DerivativeLine(
      operation, [[[2, 5, 3]], [[3, 1, 2]], [[1, 2, 1]], [[2, 8, 1]], [[1, 9, 2]]],
      { exact($0[0], 1) }, apply: { try apply($0[0], 1) })
  }

  /// One twice, two of them negative, and not all.
  private static let places = [2, -4, 2, 1, -1]
  /// Of their own for each of six lines.
  private static let ownPlaces = (0..<6).map { line in
    (0..<5).map { (line * 3 + $0 * 7) % 4 - ($0 == 2 ? 4 : 0) }
  }

  /// The same for lines along the middle axis of `[3, 4, 2]`.
  private static func ownIndices(on device: Device) throws -> Tensor {
    try Tensor(ownPlaces.flatMap { $0.map { Int32($0) } }, shape: [3, 2, 5], on: device)
      .swappingAxes(1, 2)
  }

  static let indexing: [DerivativeLine] = [
    DerivativeLine(
      .take, [[[3, 4, 2]]], { $0[0].taking(places, 1) },
      apply: { try $0[0].taking(Tensor(places, on: $0[0].device), axis: 1) }),
    DerivativeLine(
      .take, [[[4, 3]]], { $0[0].taking(places + [0], 0).reshaped([2, 3, 3]) },
      apply: { try $0[0].embedding(Tensor(places + [0], on: $0[0].device).reshaped(2, 3)) }),
    DerivativeLine(
      .takeAlong, [[[3, 4, 2]]],
      { x in
        var line = 0
        return x[0].lines(1, count: 5) { own in
          defer { line += 1 }
          return ownPlaces[line].map { own[$0 < 0 ? $0 + 4 : $0] }
        }
      }, apply: { try $0[0].takingAlong(ownIndices(on: $0[0].device), axis: 1) }),
    scattering(.scatter, isAdding: false) { try $0.scattering($1, at: $2, axis: 1) },
    scattering(.scatterAdd, isAdding: true) { try $0.scatterAdding($1, at: $2, axis: 1) },
    scatteringAlong(.scatter, isAdding: false) { try $0.scatteringAlong($1, at: $2, axis: 1) },
    scatteringAlong(.scatterAdd, isAdding: true) {
      try $0.scatterAddingAlong($1, at: $2, axis: 1)
    },
  ]

  private static func scattering(
    _ operation: TensorOperation, isAdding: Bool,
    _ apply: @escaping @Sendable (Tensor, Tensor, Tensor) throws -> Tensor
  ) -> DerivativeLine {
    DerivativeLine(
      operation, [[[3, 4, 2], [3, 5, 2]]],
      { $0[0].scattering($0[1], at: [places], 1, isAdding: isAdding) },
      apply: { try apply($0[0], $0[1], Tensor(places, on: $0[0].device)) })
  }

  private static func scatteringAlong(
    _ operation: TensorOperation, isAdding: Bool,
    _ apply: @escaping @Sendable (Tensor, Tensor, Tensor) throws -> Tensor
  ) -> DerivativeLine {
    DerivativeLine(
      operation, [[[3, 4, 2], [3, 5, 2]]],
      { $0[0].scattering($0[1], at: ownPlaces, 1, isAdding: isAdding) },
      apply: { try apply($0[0], $0[1], ownIndices(on: $0[0].device)) })
  }

  /// Values that are sorted are taken along; of more than a run as well.
  static let sorting: [DerivativeLine] = [
    DerivativeLine(
      .takeAlong, [[[3, 5]], [[70, 1]]], { $0[0].sorted(0) }, apply: { try $0[0].sorted(0) }),
    DerivativeLine(
      .takeAlong, [[[2, 4, 3]]],
      { $0[0].sorted(1, descending: true).taking([0, 1], 1) },
      apply: { try $0[0].topK(2, axis: 1).values }),
  ]
}
