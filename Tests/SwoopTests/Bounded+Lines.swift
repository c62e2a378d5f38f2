import RealModule
import Swoop
import SwoopCheck

// What is made of all elements along axes.

extension Bounded {
  /// Where the elements lie that each result is made of.
  static func lines(_ shape: [Int], _ axes: [Int]) -> [[Int]] {
    Reference.lines(shape, axes).lines
  }

  private static func axis(_ x: Bounded, _ options: Reference.Options) -> Int {
    let axis = options.axis ?? -1
    return axis < 0 ? axis + x.shape.count : axis
  }

  /// n factors that are at most M in magnitude together, and off by as much as moves the product
  /// of magnitudes; each multiplication may be off by 2⁻¹²⁶ where it leaves the normal numbers,
  /// which the remaining factors stretch to P at most.
  static func product(
    _ operation: TensorOperation, _ x: Bounded, _ options: Reference.Options
  ) -> Bounded {
    let middle = reference(operation, [x.centre], options)
    let isWhole = x.type == .int32
    var result = Bounded(
      middle.shape, x.type, middle.elements.map(\.value), middle.elements.map { _ in 0 })
    func bound(_ factors: ArraySlice<Int>) -> Double {
      var (most, least, stretch) = (1.0, 1.0, 1.0)
      for flat in factors {
        let largest = abs(x.values[flat]) + x.bounds[flat]
        most *= largest
        least *= abs(x.values[flat])
        stretch *= largest.isNaN ? .nan : max(largest, 1)
      }
      if isWhole {
        if factors.allSatisfy({ x.bounds[$0] == 0 }) { return 0 }
        return most < 0x1p31 ? most - least : .nan
      }
      guard stretch < 0x1p126 else { return .nan }
      let count = factors.count
      return most - least + (gamma(count) + 0x1p-46) * most
        + Double(2 * count + 1) * subnormalSlack * stretch
    }
    if operation == .prod {
      let axes = options.normalizedAxes(x.shape.count)
      for (index, line) in lines(x.shape, axes).enumerated() {
        result.bounds[index] = bound(line[...])
      }
    } else {
      for line in lines(x.shape, [axis(x, options)]) {
        for (place, flat) in line.enumerated() { result.bounds[flat] = bound(line[...place]) }
      }
    }
    if isWhole, !x.bounds.contains(where: \.isNaN) {
      let wrapped = result.bounds.count(where: \.isNaN)
      if wrapped > 0 { result.reasons[.wraps] = wrapped }
    }
    return result
  }

  /// Exact if the largest is by more than the errors; otherwise any that may be.
  static func indexOfLargest(_ x: Bounded, _ options: Reference.Options) -> Bounded {
    let middle = reference(.argmax, [x.centre], options)
    var result = Bounded(
      middle.shape, .int32, middle.elements.map(\.value), middle.elements.map { _ in 0 })
    for (index, line) in lines(x.shape, options.normalizedAxes(x.shape.count)).enumerated() {
      if line.contains(where: { x.bounds[$0].isNaN }) {
        result.bounds[index] = .nan
        continue
      }
      let floor = line.reduce(-Double.infinity) { max($0, x.values[$1] - x.bounds[$1]) }
      let candidates = line.indices.filter { x.values[line[$0]] + x.bounds[line[$0]] >= floor }
      if candidates.count == 1 || candidates.allSatisfy({ x.bounds[line[$0]] == 0 }) { continue }
      let choices = Set(candidates.map { Double($0) })
      result.choices[index] = choices
      result.bounds[index] = choices.reduce(0) { max($0, abs($1 - result.values[index])) }
    }
    return result
  }

  /// Decided by an element that is certainly not 0, or 0; the others may be what they like.
  static func anyOrAll(
    _ operation: TensorOperation, _ x: Bounded, _ options: Reference.Options
  ) -> Bounded {
    let middle = reference(operation, [x.centre], options)
    var result = Bounded(
      middle.shape, .bool, middle.elements.map(\.value), middle.elements.map { _ in 0 })
    for (index, line) in lines(x.shape, options.normalizedAxes(x.shape.count)).enumerated() {
      if line.contains(where: { x.bounds[$0].isNaN }) {
        result.bounds[index] = .nan
      } else {
        let isCertain = line.map { x.bounds[$0] == 0 || abs(x.values[$0]) > x.bounds[$0] }
        let deciding = line.indices.contains {
          isCertain[$0] && (x.values[line[$0]] != 0) == (operation == .anyOf)
        }
        if !deciding, isCertain.contains(false) { result.bounds[index] = 1 }
      }
    }
    return result
  }

  /// An error of d in all elements of a row changes each result by a factor of exp(±2d) at most,
  /// and the arguments of the exponentials by 2d, 5u of which is their error's growth; see
  /// `Reference.softmax`.
  static func softmax(_ x: Bounded, _ options: Reference.Options) -> Bounded {
    let middle = reference(.softmax, [x.centre], options)
    var result = Bounded(
      x.shape, .float32, middle.elements.map(\.value), middle.elements.map(\.bound))
    for line in lines(x.shape, options.normalizedAxes(x.shape.count)) {
      guard let d = result.widest(x, line) else { continue }
      if d == 0 { continue }
      for flat in line {
        let y = result.values[flat]
        let own = (result.bounds[flat] + 24 * u * d * y) * Double.exp(2 * d)
        // No result is outside of 0 ... 1, but for roundings.
        result.bounds[flat] = min(y * Double.expMinusOne(2 * d) + own, 1 + 100 * u)
      }
    }
    return result
  }

  /// The largest error in a row; nil, and the row's bounds lost, where one is not known.
  private mutating func widest(_ x: Bounded, _ line: [Int]) -> Double? {
    if line.contains(where: { x.bounds[$0].isNaN }) {
      for flat in line { bounds[flat] = .nan }
      return nil
    }
    return line.reduce(0) { max($0, x.bounds[$1]) }
  }

  /// An error of d in all elements of a row moves every result, every difference t from the
  /// largest and the logarithm of the sum by 2d at most, and weights in the sum by a factor of
  /// exp(2d); with these in their places the errors are those of `Reference.logSoftmax`.
  static func logSoftmax(_ x: Bounded, _ options: Reference.Options) -> Bounded {
    let middle = reference(.logSoftmax, [x.centre], options)
    var result = Bounded(
      x.shape, .float32, middle.elements.map(\.value), middle.elements.map(\.bound))
    for line in lines(x.shape, options.normalizedAxes(x.shape.count)) {
      guard let d = result.widest(x, line), d > 0 else { continue }
      let largest = line.reduce(-Double.infinity) { max($0, x.values[$1]) }
      let arguments = line.map { x.values[$0] - largest }
      let terms = arguments.map { Double.exp($0) }
      let sum = terms.reduce(0, +)
      let steps = arguments.map { abs($0) + 2 * d }
      let weighted =
        zip(terms, steps).reduce(0) { $0 + $1.0 * (2 * u * (3 + 2 * $1.1) + u * $1.1) } / sum
        * Double.exp(2 * d)
      let sumError = weighted + gamma(line.count) + Double(line.count) * subnormalSlack
      let logarithm = Double.log(sum) + 2 * d
      let own =
        -Double.log(onePlus: -sumError)
        + max(0x1p-21, 3 * ElementType.float32.ulp(logarithm)) + subnormalSlack
      for (flat, step) in zip(line, steps) {
        let error = 2 * d + own + u * step
        let largest = abs(result.values[flat]) + error
        // Not smaller than 0 where the sum's error has no logarithm.
        result.bounds[flat] =
          sumError < 1 ? error + 3 * u * largest + subnormalSlack : .nan
      }
    }
    return result
  }

  /// As `Reference.normalize` derives it, with differences eᵢ from the mean that are off by the
  /// operand's own errors, and their mean, besides.
  static func normalized(_ x: Bounded, _ options: Reference.Options) -> Bounded {
    let middle = reference(.normalize, [x.centre], options)
    var result = Bounded(
      x.shape, .float32, middle.elements.map(\.value), middle.elements.map(\.bound))
    for line in lines(x.shape, [x.shape.count - 1]) {
      guard let d = result.widest(x, line), d > 0 else { continue }
      let list = line.map { x.values[$0] }
      let errors = line.map { x.bounds[$0] }
      let n = Double(list.count)
      let isCentred = options.words[0] == 1
      let mean = isCentred ? list.reduce(0, +) / n : 0
      let drift = errors.reduce(0, +) / n
      let total = zip(list, errors).reduce(0) { $0 + abs($1.0) + $1.1 }
      let shift =
        isCentred ? drift + gamma(list.count + 4) * total / n + 2 * subnormalSlack : 0
      let differences = list.map { abs($0 - mean) }
      let moved = zip(differences, errors).map { $1 + shift + u * ($0 + $1 + shift) }
      let variance = differences.reduce(0) { $0 + $1 * $1 } / n
      var spread = zip(differences, moved).reduce(0) { $0 + (2 * $1.0 + $1.1) * $1.1 } / n
      spread += gamma(list.count + 5) * (variance + spread) + subnormalSlack
      let square = variance + Double(Float(options.scalars[0]))
      spread += u * (square + spread)
      for (index, flat) in line.enumerated() {
        guard spread < square else {
          result.bounds[flat] = .nan
          result.reasons[.pole, default: 0] += 1
          continue
        }
        let relative = spread / (2 * (square - spread)) + 15 * u
        let y = abs(result.values[flat])
        result.bounds[flat] =
          (moved[index] / square.squareRoot() + y * relative) * (1 + relative) + subnormalSlack
      }
    }
    return result
  }
}
