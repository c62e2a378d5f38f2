import COpenBLAS
import SwoopCore

/// float32 matrix products of one form, by OpenBLAS.
///
/// An operand is read in place if one of its steps is 1, as a transposed matrix if that is the
/// step from row to row; anything else is packed first.
struct FloatProduct {
  private let a: MatrixForm
  private let b: MatrixForm
  private let placeA: Place
  private let placeB: Place

  /// How OpenBLAS is told where a matrix lies.
  private struct Place {
    var transposed = CblasNoTrans
    var leadingDimension: Int32
    /// Room for a packed copy, where one is needed.
    var packed: HostStorage?

    init(_ form: MatrixForm) throws(TensorError) {
      let (rows, columns) = (form.rowCount, form.columnCount)
      // The step along an axis of one element is never taken.
      let stepsByOneColumn = form.columnStride == 1 || columns == 1
      let stepsByOneRow = form.rowStride == 1 || rows == 1
      if stepsByOneColumn, rows == 1 || form.rowStride >= columns {
        leadingDimension = Int32(clamping: rows == 1 ? columns : form.rowStride)
      } else if stepsByOneRow, columns == 1 || form.columnStride >= rows {
        transposed = CblasTrans
        leadingDimension = Int32(clamping: columns == 1 ? rows : form.columnStride)
      } else {
        packed = try HostStorage(byteCount: rows * columns * MemoryLayout<Float>.stride)
        leadingDimension = Int32(clamping: columns)
      }
      leadingDimension = Swift.max(leadingDimension, 1)
    }
  }

  /// - Throws: `outOfMemory` if there is none for a packed copy.
  init(_ a: MatrixForm, _ b: MatrixForm) throws(TensorError) {
    self.a = a
    self.b = b
    placeA = try Place(a)
    placeB = try Place(b)
  }

  func run(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    _ result: UnsafeMutablePointer<Float>
  ) {
    if a.columnCount == 0 {
      // The sum of nothing; BLAS implementations differ here.
      result.update(repeating: 0, count: a.rowCount * b.columnCount)
      return
    }
    let left = pack(left, a, placeA)
    let right = pack(right, b, placeB)
    if a.rowCount == 1 {
      let step = placeA.packed == nil ? a.columnStride : 1
      multiply(right, b, placeB, isTransposed: true, by: left, step, result)
    } else if b.columnCount == 1 {
      let step = placeB.packed == nil ? b.rowStride : 1
      multiply(left, a, placeA, isTransposed: false, by: right, step, result)
    } else {
      cblas_sgemm(
        CblasRowMajor, placeA.transposed, placeB.transposed,
        Int32(clamping: a.rowCount), Int32(clamping: b.columnCount),
        Int32(clamping: a.columnCount), 1, left, placeA.leadingDimension,
        right, placeB.leadingDimension, 0, result, Int32(clamping: b.columnCount))
    }
    withExtendedLifetime((placeA, placeB)) {}
  }

  /// A matrix times a vector, for which `cblas_sgemm` takes several times as long.
  private func multiply(
    _ matrix: UnsafePointer<Float>, _ form: MatrixForm, _ place: Place, isTransposed: Bool,
    by vector: UnsafePointer<Float>, _ step: Int, _ result: UnsafeMutablePointer<Float>
  ) {
    // As it lies in memory.
    let isStoredTransposed = place.transposed == CblasTrans
    let rows = isStoredTransposed ? form.columnCount : form.rowCount
    let columns = isStoredTransposed ? form.rowCount : form.columnCount
    // OpenBLAS takes no step of 0, and a vector of one element takes none.
    let increment = Int32(clamping: Swift.max(step, 1))
    cblas_sgemv(
      CblasRowMajor, isTransposed == isStoredTransposed ? CblasNoTrans : CblasTrans,
      Int32(clamping: rows), Int32(clamping: columns), 1, matrix, place.leadingDimension,
      vector, increment, 0, result, 1)
  }

  private func pack(
    _ start: UnsafePointer<Float>, _ form: MatrixForm, _ place: Place
  ) -> UnsafePointer<Float> {
    guard let storage = place.packed else { return start }
    let copy = storage.start.assumingMemoryBound(to: Float.self)
    for row in 0..<form.rowCount {
      for column in 0..<form.columnCount {
        copy[row * form.columnCount + column] =
          start[row * form.rowStride + column * form.columnStride]
      }
    }
    return UnsafePointer(copy)
  }
}
