import RealModule
import Swoop

// Random elements of a key. The operand gives shape and device; the options' first word is the
// key's seed. The reference has a Philox of its own.

extension OperationTable {
  static let random: [OperationLine] = [
    OperationLine(
      .randomBits, .keys(),
      Reference.random(.int32) { bits, _, _ in
        Expected.Element(Double(Int32(bitPattern: bits)), bound: 0)
      }
    ) { x, options in
      try .randomBits(x[0].shape, key: options.key, on: x[0].device)
    },
    OperationLine(
      .randomUniform, .keys([-3, 5]),
      Reference.random(.float32) { bits, _, options in
        let (low, high) = (options.scalars[0], options.scalars[1])
        let value = low + (high - low) * Double(bits >> 8) * 0x1p-24
        // The product and the sum are rounded, and the product is at most the width.
        return Expected.Element(value, bound: u * ((high - low) + abs(value) * (1 + u)))
      }
    ) { x, options in
      let range = Float(options.scalars[0])..<Float(options.scalars[1])
      return try .uniform(x[0].shape, in: range, key: options.key, on: x[0].device)
    },
    OperationLine(
      .randomBernoulli, .keys([0.375]),
      Reference.random(.bool) { bits, _, options in
        Expected.Element(Double(bits >> 8) * 0x1p-24 < options.scalars[0] ? 1 : 0, bound: 0)
      }
    ) { x, options in
      try .bernoulli(
        x[0].shape, probability: Float(options.scalars[0]), key: options.key, on: x[0].device)
    },
    OperationLine(
      .randomIntegers, .keys([-7, 1_000_003]),
      Reference.random(.int32) { high, low, options in
        let least = Int64(options.scalars[0])
        let width = UInt64(Int64(options.scalars[1]) - least)
        // (high · 2³² + low) · width / 2⁶⁴, in halves that 64 bits hold.
        let part = UInt64(high) * width + (UInt64(low) * width >> 32)
        return Expected.Element(Double(least + Int64(part >> 32)), bound: 0)
      }
    ) { x, options in
      let range = Int(options.scalars[0])..<Int(options.scalars[1])
      return try .integers(x[0].shape, in: range, key: options.key, on: x[0].device)
    },
    OperationLine(
      .randomNormal, .keys([1.5, 2]),
      Reference.random(.float32) { bits, _, options in
        let x = Reference.quantile(bits)
        let value = options.scalars[0] + options.scalars[1] * x
        let error = Double(NormalTable.error) * options.scalars[1]
        return Expected.Element(
          value, bound: error + u * (abs(options.scalars[1] * x) + abs(value) + error) * (1 + u))
      }
    ) { x, options in
      try .normal(
        x[0].shape, mean: Float(options.scalars[0]), deviation: Float(options.scalars[1]),
        key: options.key, on: x[0].device)
    },
  ]
}

extension OperationOptions {
  fileprivate var key: RandomKey { RandomKey(seed: UInt64(words[0])) }
}

extension [OperationCase] {
  fileprivate static func keys(_ scalars: [Double] = []) -> [OperationCase] {
    let shapes: [[Int]] = [
      [], [1], [3], [4], [5], [31], [257], [0], [3, 5], [65, 129], [2, 0, 3],
    ]
    return shapes.enumerated().map { index, shape in
      var options = OperationOptions()
      options.words = [index * 0x1_0000_0001 + 17]
      options.scalars = scalars
      return .of([(shape, .dense)], .moderate, options)
    }
  }
}

extension Reference {
  /// Element by element from two words of Philox: of its number's block and of the block of more
  /// bits.
  package static func random(
    _ type: ElementType,
    _ element: @escaping @Sendable (UInt32, UInt32, Options) -> Expected.Element
  ) -> Function {
    { operands, options in
      let count = operands[0].shape.reduce(1, *)
      let seed = UInt64(options.words[0])
      let elements = (0..<count).map { index in
        let bits = (0...1).map { purpose in
          philox([UInt64(index / 4), UInt64(purpose), 0, 0], [seed & 0xFFFF_FFFF, seed >> 32])[
            index % 4]
        }
        return element(UInt32(bits[0]), UInt32(bits[1]), options)
      }
      return Expected(shape: operands[0].shape, type: type, elements: elements)
    }
  }

  /// Salmon et al. 2011, figure 2 and table 2: ten rounds of four words of 32 bits.
  private static func philox(_ counter: [UInt64], _ key: [UInt64]) -> [UInt64] {
    let mask: UInt64 = 0xFFFF_FFFF
    var (x, k) = (counter, key)
    for _ in 0..<10 {
      let products = [x[0] * 0xD251_1F53, x[2] * 0xCD9E_8D57]
      x = [
        products[1] >> 32 ^ x[1] ^ k[0], products[1] & mask, products[0] >> 32 ^ x[3] ^ k[1],
        products[0] & mask,
      ]
      k = [(k[0] + 0x9E37_79B9) & mask, (k[1] + 0xBB67_AE85) & mask]
    }
    return x
  }

  /// The normal number of 32 bits: the first is the sign, the others the tail's probability
  /// (bits + ½) · 2⁻³², for which the tail is halved until it fits.
  fileprivate static func quantile(_ bits: UInt32) -> Double {
    let p = (Double(bits & 0x7FFF_FFFF) + 0.5) * 0x1p-32
    var (low, high) = (0.0, 8.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if .erfc(middle / 2.0.squareRoot()) / 2 > p { low = middle } else { high = middle }
    }
    return bits >> 31 == 0 ? low : -low
  }
}
