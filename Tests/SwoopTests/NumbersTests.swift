import Swoop
import SwoopCheck
import Testing

/// The host's idea of an element type against Swift's own conversions.
@Suite struct NumbersTests {
  private static let doubles: [Double] = {
    var generator = SplitMix(seed: 3)
    let bits = (0..<20_000).map { _ in Double(bitPattern: generator.next()) }
    let near = (0..<20_000).map { _ in
      Double(Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())))
        * (1 + Double(Int.random(in: -3...3, using: &generator)) * 0x1p-25)
    }
    let limits: [Double] = [
      0, -0.0, 1, .infinity, -.infinity, .nan, 0x1p128, 0x1p128 - 0x1p103, 0x1p128 - 0x1.8p103,
      0x1p-126, 0x1p-127, 0x1p-149, 0x1p-150, 0x1.000001p-150, 0x1p31, 0x1p31 - 0.5, -0x1p31,
      -0x1.8p31, 0.999, -0.999,
    ]
    return bits + near + limits
  }()

  @Test func float32IsRoundedAsSwiftDoes() {
    for value in Self.doubles {
      let (rounded, expected) = (
        ElementType.float32.roundedByDefinition(value), Double(Float(value))
      )
      #expect(
        rounded.isNaN && expected.isNaN || rounded.bitPattern == expected.bitPattern,
        "\(value) gives \(rounded) instead of \(expected)")
    }
  }

  @Test func int32IsConvertedAsTheTableSays() {
    for value in Self.doubles {
      let expected =
        value.isNaN
        ? 0 : Double(Int32(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max))
      #expect(ElementType.int32.rounded(value) == expected, "\(value)")
    }
  }

  @Test func int32WrapsAround() {
    var generator = SplitMix(seed: 4)
    for _ in 0..<10_000 {
      let value = Int64(bitPattern: generator.next())
      #expect(ElementType.int32.wrapped(value) == Double(Int32(truncatingIfNeeded: value)))
    }
    for value in [Int64.min, .max, 1 << 31, -1 << 31, (1 << 31) - 1, -1] {
      #expect(ElementType.int32.wrapped(value) == Double(Int32(truncatingIfNeeded: value)))
    }
  }

  @Test func distancesAreThoseOfFloat() {
    for value in [1, 1.5, 2, 0x1p-126, 0x1p-130, 3e38, 0] as [Float] {
      #expect(ElementType.float32.ulp(Double(value)) == Double(Swift.max(value.ulp, 0x1p-149)))
    }
    #expect(ElementType.float32.unitRoundoff == 0x1p-24)
    #expect(ElementType.float32.smallestNormal == Double(Float.leastNormalMagnitude))
    #expect(Float(ElementType.float32.overflow) == .infinity)
    #expect(Float(ElementType.float32.overflow.nextDown) == .greatestFiniteMagnitude)
  }

  /// Every kind of values gives elements that their type has.
  @Test(arguments: ElementType.allCases) func valuesAreElements(_ type: ElementType) {
    let kinds: [Values] = [
      .wide, .moderate, .positive, .exponents, .angles, .repeated, .integers, .within(0...9),
      .these([.nan, 1, -.infinity]), .theseIntegers([.min, 7]),
    ]
    var generator = SplitMix(seed: 5)
    for kind in kinds {
      let elements = kind.elements(300, type, &generator)
      #expect(elements.type == type)
      for value in elements.values {
        #expect(type.rounded(value) == value || value.isNaN && type.isFloatingPoint)
      }
    }
  }
}
