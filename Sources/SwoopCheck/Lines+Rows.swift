import RealModule
import Swoop

// Along an axis, shape unchanged.

extension OperationTable {
  static let rows: [OperationLine] = [
    OperationLine(
      .softmax, .softmaxes.inEveryType(), stacking: .operands(1, .moderate), Reference.softmax
    ) { x, options in try x[0].softmax(options.axes[0]) },
    OperationLine(
      .logSoftmax, .softmaxes.inEveryType(), stacking: .operands(1, .moderate), Reference.logSoftmax
    ) { x, options in try x[0].logSoftmax(options.axes[0]) },
    OperationLine(.normalize, .normalizations.inEveryType(), Reference.normalize) { x, options in
      let epsilon = Float(options.scalars[0])
      return options.words[0] == 1
        ? try x[0].layerNorm(epsilon: epsilon) : try x[0].rmsNorm(epsilon: epsilon)
    },
  ]
}

extension [OperationCase] {
  /// The scalar is ε, the word whether the mean is subtracted.
  fileprivate static let normalizations: [OperationCase] = {
    var result: [OperationCase] = []
    for centred in [0, 1] {
      for shape in [
        [1], [7], [256], [5, 33], [3, 1000], [2, 3, 8], [2, 4099], [0, 4], [4, 64],
      ] {
        for epsilon in [1e-5, 1] {
          let options = OperationOptions(scalars: [epsilon], words: [centred])
          result.append(.of([(shape, .dense)], .moderate, options))
        }
      }
      let options = OperationOptions(scalars: [0x1p-10], words: [centred])
      result.append(.of([([9, 34], .transposed)], .moderate, options))
      result.append(.of([([3, 40], .dense)], .within(-100...100), options))
      result.append(.of([([2, 31], .dense)], .these([0, 1, .nan]), options))
      for type in ElementType.narrowFloats {
        result.append(.of([([9, 34], .dense)], .moderate, options, type))
      }
    }
    return result
  }()
}

extension Reference {
  /// (xᵢ - m) - log S: the difference t is off by u|t|, S as in `softmax` by a relative error that
  /// its logarithm has as an absolute one, beside the logarithm's own; and one rounding.
  static let logSoftmax: Function = { operands, options in
    let x = operands[0].asFloats
    let axis = options.normalizedAxes(x.shape.count)[0]
    var elements = x.values.map { _ in Expected.Element(.nan, bound: 0) }
    for row in lines(x.shape, [axis]).lines where !row.isEmpty {
      let largest = row.reduce(-Double.infinity) { x.values[$1] > $0 ? x.values[$1] : $0 }
      if row.contains(where: { x.values[$0].isNaN }) || largest.isInfinite { continue }
      let arguments = row.map { x.values[$0] - largest }
      let terms = arguments.map { Double.exp($0) }
      let sum = terms.reduce(0, +)
      let weighted =
        zip(arguments, terms).reduce(0) { total, term in
          let (t, e) = term
          return t.isFinite ? total + e * (2 * u * (3 + 2 * abs(t)) + u * abs(t)) : total
        } / sum
      let sumError = weighted + gamma(row.count - 1) + Double(row.count) * subnormalSlack
      let logarithm = Double.log(sum)
      let bound =
        -Double.log(onePlus: -sumError)
        + TensorOperation.Precision.logarithm.bound(logarithm, of: sum)
      for (index, flat) in row.enumerated() {
        let y = arguments[index] - logarithm
        let error = bound + u * abs(arguments[index])
        elements[flat] = Expected.Element(
          y, bound: y.isFinite ? error + 2 * u * (abs(y) + error) + subnormalSlack : 0
        ).stored(as: x.type)
      }
    }
    return Expected(shape: x.shape, type: x.type, elements: elements)
  }

  /// (xᵢ - μ) / √(σ² + ε). With δ the error of the mean, the differences dᵢ are off by
  /// eᵢ = δ + u(|dᵢ| + δ); the mean of their squares by Σ(2|dᵢ|eᵢ + eᵢ²) / n and γₙ₊₅ of itself;
  /// its root by half of the relative error and 5 units in the last place, the quotient by 2.5.
  static let normalize: Function = { operands, options in
    let x = operands[0].asFloats
    let isCentred = options.words[0] == 1
    let axis = x.shape.count - 1
    var elements = x.values.map { _ in Expected.Element(.nan, bound: 0) }
    for row in lines(x.shape, [axis]).lines where !row.isEmpty {
      let list = row.map { x.values[$0] }
      let n = Double(list.count)
      let mean = isCentred ? list.reduce(0, +) / n : 0
      let shift = isCentred ? accumulated(list.count + 4, list.map(abs)) / n : 0
      let differences = list.map { $0 - mean }
      let errors = differences.map { shift + u * (abs($0) + shift) }
      let variance = differences.reduce(0) { $0 + $1 * $1 } / n
      var drift = 0.0
      for (d, e) in zip(differences, errors) { drift += (2 * abs(d) * e + e * e) / n }
      drift += gamma(list.count + 5) * (variance + drift) + subnormalSlack
      let total = variance + Double(Float(options.scalars[0]))
      drift += u * (total + drift)
      if total.isNaN { continue }
      let root = total.squareRoot()
      let relative = drift < total ? drift / (2 * (total - drift)) + 15 * u : .infinity
      for (index, flat) in row.enumerated() {
        let y = differences[index] / root
        let bound = (errors[index] / root + abs(y) * relative) * (1 + relative) + subnormalSlack
        elements[flat] = Expected.Element(y, bound: bound).stored(as: x.type)
      }
    }
    return Expected(shape: x.shape, type: x.type, elements: elements)
  }
}
