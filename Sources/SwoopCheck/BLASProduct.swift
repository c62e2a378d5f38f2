import COpenBLAS
import Swoop

/// Matrix products by OpenBLAS, called directly: what products in float32 are compared with
/// beside the reference.
package enum BLASProduct: String, Sendable, CaseIterable {
  case sgemm, dgemm

  /// The product of two matrices, and how far a device's may be from it: γₖ Σ|a||b| for the
  /// device, and as much again for `sgemm`, or k · 2⁻⁵³ Σ|a||b| for `dgemm`.
  /// - Returns: nil for what is no pair of finite float32 matrices, or has a size of 0.
  package func expected(_ operands: [Exact], _ options: OperationOptions) -> Expected? {
    guard operands.count == 2, options.activation == .none,
      operands.allSatisfy({ $0.type == .float32 && $0.shape.count == 2 }),
      operands.allSatisfy({ !$0.values.isEmpty && $0.values.allSatisfy(\.isFinite) })
    else { return nil }
    let (a, b) = (operands[0], operands[1])
    let (m, k, n) = (a.shape[0], a.shape[1], b.shape[1])
    let values =
      self == .dgemm
      ? Self.dgemm(a.values, b.values, m, k, n) : Self.sgemm(a.values, b.values, m, k, n)
    let magnitudes = Self.dgemm(a.values.map(abs), b.values.map(abs), m, k, n)
    let own = self == .dgemm ? Double(k) * 0x1p-53 : gamma(k)
    let slack = Double(2 * k + 1) * subnormalSlack * 2
    let elements = zip(values, magnitudes).map { value, magnitude in
      Expected.Element(value, bound: (gamma(k) + own) * magnitude + slack)
    }
    return Expected(shape: [m, n], type: .float32, elements: elements)
  }

  private static func dgemm(
    _ a: [Double], _ b: [Double], _ m: Int, _ k: Int, _ n: Int
  ) -> [Double] {
    var result = [Double](repeating: 0, count: m * n)
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b,
      Int32(n), 0, &result, Int32(n))
    return result
  }

  private static func sgemm(
    _ a: [Double], _ b: [Double], _ m: Int, _ k: Int, _ n: Int
  ) -> [Double] {
    let (left, right) = (a.map { Float($0) }, b.map { Float($0) })
    var result = [Float](repeating: 0, count: m * n)
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, left, Int32(k),
      right, Int32(n), 0, &result, Int32(n))
    return result.map { Double($0) }
  }
}
