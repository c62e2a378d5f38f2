import SwoopCore

extension CPUBackend {
  /// Random numbers, by the same steps as Random.comp.
  static let randomKernels: [TensorOperation: Kernel] = [
    .randomBits: { call in
      quads(call, Int32.self, more: false) { bits, _ in SIMD4(truncatingIfNeeded: bits) }
    },
    .randomUniform: { call in
      let p = parameters(call, Float.self)
      quads(call, Float.self, more: false) { bits, _ in
        let value = unit(bits) * p[1] + p[0]
        return pointwiseMin(value, SIMD4(repeating: p[2]))
      }
    },
    .randomBernoulli: { call in
      let p = parameters(call, Float.self)
      quads(call, Int32.self, more: false) { bits, _ in
        SIMD4<Int32>.zero.replacing(with: 1, where: unit(bits) .< p[0])
      }
    },
    .randomIntegers: { call in
      let p = parameters(call, Int32.self)
      let (least, width) = (UInt32(bitPattern: p[0]), UInt32(bitPattern: p[1]))
      let count = width == 0 ? 1 << 32 : UInt64(width)
      quads(call, Int32.self, more: true) { high, low in
        var result = SIMD4<Int32>()
        for c in 0..<4 {
          let number = RandomKey.number(below: count, high[c], low[c])
          result[c] = Int32(bitPattern: least &+ UInt32(truncatingIfNeeded: number))
        }
        return result
      }
    },
    .randomNormal: { call in
      let (p, table) = (parameters(call, Float.self), call.operands[2].elements(as: Float.self))
      quads(call, Float.self, more: false) { bits, _ in
        var result = SIMD4<Float>()
        for c in 0..<4 { result[c] = NormalTable.quantile(bits[c], table) }
        return result * p[1] + p[0]
      }
    },
  ]

  /// 24 bits, times 2⁻²⁴.
  @inline(__always)
  private static func unit(_ bits: SIMD4<UInt32>) -> SIMD4<Float> {
    SIMD4<Float>(bits &>> 8) * 0x1p-24
  }

  private static func parameters<E: TensorElement>(
    _ call: KernelCall, _ type: E.Type
  ) -> [E] {
    let operand = call.operands[1]
    let step = operand.layout.strides[0]
    return (0..<operand.layout.shape.elementCount).map { operand.elements(as: type)[$0 * step] }
  }

  /// Calls `function` with the blocks of every quad.
  @inline(__always)
  private static func quads<E: TensorElement & SIMDScalar>(
    _ call: KernelCall, _ type: E.Type, more: Bool,
    _ function: (SIMD4<UInt32>, SIMD4<UInt32>) -> SIMD4<E>
  ) {
    let words = call.operands[0].elements(as: Int32.self)
    let step = call.operands[0].layout.strides[0]
    let key = RandomKey(
      words: SIMD4(
        truncatingIfNeeded: SIMD4(words[0], words[step], words[2 * step], words[3 * step])))
    let result = call.result(as: type)
    let count = call.form.shape.elementCount
    for first in stride(from: 0, to: count, by: 4) {
      let index = UInt32(truncatingIfNeeded: first / 4)
      let bits = key.block(index, RandomKey.numbers)
      let quad = function(bits, more ? key.block(index, RandomKey.moreBits) : bits)
      for c in 0..<Swift.min(4, count - first) { result[first + c] = quad[c] }
    }
  }
}
