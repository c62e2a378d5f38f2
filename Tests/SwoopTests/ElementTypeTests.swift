import Testing

@testable import Swoop

/// Element types narrower than 32 bits, and what types meet in.
@Suite struct ElementTypeTests {
  private static let patterns: [UInt16] = (0...UInt16.max).map { $0 }

  @Test(arguments: TestDevices.all)
  func everyFloat16IsRead(_ device: Device) throws {
    let elements = Self.patterns.map { Float16(bitPattern: $0) }
    let tensor = try Tensor(elements, shape: [elements.count], on: device)
    let wide = try tensor.cast(to: .float32).blockingArray(as: Float.self)
    for (half, float) in zip(elements, wide) {
      #expect(half.isNaN ? float.isNaN : float.bitPattern == Float(half).bitPattern)
    }
    let back = try (tensor * Float(1)).blockingArray(as: Float16.self)
    for (half, same) in zip(elements, back) {
      #expect(half.isNaN ? same.isNaN : half.bitPattern == same.bitPattern)
    }
  }

  @Test(arguments: TestDevices.all)
  func everyBFloat16IsRead(_ device: Device) throws {
    let elements = Self.patterns.map { BFloat16(bitPattern: $0) }
    let tensor = try Tensor(elements, shape: [elements.count], on: device)
    let wide = try tensor.cast(to: .float32).blockingArray(as: Float.self)
    for (half, float) in zip(elements, wide) {
      let exact = Float(half)
      // A subnormal float32 may be flushed.
      let isSame = float.bitPattern == exact.bitPattern || (exact.isSubnormal && float == 0)
      #expect(exact.isNaN ? float.isNaN : isSame)
    }
  }

  /// Values between neighbours, and halfway.
  @Test(arguments: TestDevices.all)
  func roundingIsToNearestEven(_ device: Device) throws {
    var values: [Float] = [0, -0, .infinity, -.infinity, .nan, 65519, 65520, 1e-8, 3e38]
    for pattern in stride(from: UInt16(0), to: 0x7C00, by: 7) {
      let low = Float(Float16(bitPattern: pattern))
      let high = Float(Float16(bitPattern: pattern + 1))
      let middle = high.isFinite ? (low + high) / 2 : 65520
      values += [low, middle, middle.nextUp, middle.nextDown, -middle]
    }
    let tensor = try Tensor(values, shape: [values.count], on: device)
    let halves = try tensor.cast(to: .float16).blockingArray(as: Float16.self)
    let brains = try tensor.cast(to: .bfloat16).blockingArray(as: BFloat16.self)
    for (index, value) in values.enumerated() where !value.isNaN {
      #expect(halves[index].bitPattern == Float16(value).bitPattern, "\(value)")
      #expect(brains[index] == BFloat16(value), "\(value)")
    }
    #expect(halves[4].isNaN && Float(brains[4]).isNaN)
  }

  /// The table in the documentation, which is NumPy's without float64.
  @Test func promotionIsTheTables() throws {
    let rows: [ElementType: [ElementType]] = [
      .float32: [.float32, .float32, .float32, .float32, .float32, .float32],
      .float16: [.float32, .float16, .float32, .float32, .float16, .float16],
      .bfloat16: [.float32, .float32, .bfloat16, .float32, .bfloat16, .bfloat16],
      .int32: [.float32, .float32, .float32, .int32, .int32, .int32],
      .uint8: [.float32, .float16, .bfloat16, .int32, .uint8, .uint8],
      .bool: [.float32, .float16, .bfloat16, .int32, .uint8, .bool],
    ]
    for (a, row) in rows {
      for (b, expected) in zip(ElementType.allCases, row) {
        #expect(ElementType.promoted(a, b) == expected)
        let sum = try Tensor.ones([2], a, on: .cpu) + Tensor.ones([2], b, on: .cpu)
        #expect(sum.elementType == expected)
      }
    }
  }

  /// Every type to every other, from values that all of them hold or cut alike.
  @Test(arguments: TestDevices.all)
  func castsGoBothWays(_ device: Device) throws {
    let values: [Double] = [0, 1, 2, 3.5, 100, 255, 300, -1, -3.5]
    for from in ElementType.allCases {
      let source = try Tensor(values, as: from, on: device)
      let kept = try source.cast(to: .float32).blockingArray(as: Float.self)
      for to in ElementType.allCases {
        let result = try source.cast(to: to)
        #expect(result.elementType == to && result.shape == [values.count])
        let list = try result.cast(to: .float32).blockingArray(as: Float.self)
        for (value, got) in zip(kept, list) {
          let expected: Float =
            switch to {
            case .float32, .float16, .bfloat16: value
            case .int32: value.rounded(.towardZero)
            // int32 keeps its lower bits, a fraction saturates.
            case .uint8:
              from == .int32
                ? Float(UInt8(truncatingIfNeeded: Int(value)))
                : min(max(value.rounded(.towardZero), 0), 255)
            case .bool: value == 0 ? 0 : 1
            }
          let rounded = to == .bfloat16 ? Float(BFloat16(expected)) : expected
          #expect(got == rounded, "\(value) from \(from) to \(to)")
        }
      }
    }
  }

  @Test(arguments: TestDevices.all)
  func bytesWrapAndTruthsAddUp(_ device: Device) throws {
    let bytes = try Tensor([200, 100, 7, 0, 255], as: .uint8, on: device)
    #expect(try (bytes + bytes).blockingArray(as: UInt8.self) == [144, 200, 14, 0, 254])
    #expect(try (-bytes).blockingArray(as: UInt8.self) == [56, 156, 249, 0, 1])
    #expect(try (~bytes).blockingArray(as: UInt8.self) == [55, 155, 248, 255, 0])
    #expect(try (bytes + 1).elementType == .uint8)
    #expect(throws: TensorError.self) { try bytes + 256 }
    #expect(try (bytes / 2).blockingArray(as: Float.self) == [100, 50, 3.5, 0, 127.5])
    #expect(try bytes.sum().blockingScalar(as: Int32.self) == 562)
    let odd = try (bytes & 1) .== 1
    #expect(try odd.blockingArray(as: Bool.self) == [false, false, true, false, true])
    #expect(try (odd + odd).blockingArray(as: Bool.self) == [false, false, true, false, true])
    #expect(try (.!odd).sum().blockingScalar(as: Int32.self) == 3)
    #expect(try (~odd).blockingArray(as: Bool.self) == [true, true, false, true, false])
    let chosen = try Tensor.where(odd, bytes, 9)
    #expect(try chosen.blockingArray(as: UInt8.self) == [9, 9, 7, 9, 255])
    #expect(throws: TensorError.self) { try odd - odd }
    #expect(throws: TensorError.self) { try Tensor([1.5], on: device) & 1 }
  }

  /// Elements that begin inside of a word, and rows of odd length.
  @Test(arguments: TestDevices.all)
  func viewsBeginAnywhere(_ device: Device) throws {
    let bytes = try Tensor((0..<35).map { UInt8($0) }, shape: [5, 7], on: device)
    let turned = try bytes.transposed()
    let sum = try (turned + 1).blockingArray(as: UInt8.self)
    var expected: [UInt8] = []
    for column in 0..<7 { for row in 0..<5 { expected.append(UInt8(row * 7 + column + 1)) } }
    #expect(sum == expected)
    let halves = try bytes.cast(to: .float16).transposed()
    #expect(try halves.sum(0).blockingArray(as: Float16.self) == [21, 70, 119, 168, 217])
    #expect(try halves.max(1).blockingArray(as: Float16.self) == [28, 29, 30, 31, 32, 33, 34])
    let product = try halves.matmul(bytes.cast(to: .float16))
    #expect(product.elementType == .float16 && product.shape == [7, 7])
    #expect(try product.blockingArray(as: Float16.self)[0] == 1470)
  }
}
