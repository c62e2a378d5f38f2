extension NormalTable {
  /// The normal number of 32 bits, by the steps of Random.comp: 31 bits choose the tail's
  /// probability, (bits + ½) · 2⁻³², the first is the sign.
  /// - Parameter table: `coefficients`.
  package static func quantile(_ bits: UInt32, _ table: UnsafePointer<Float>) -> Float {
    let odd = bits << 1 | 1
    let octave = odd.leadingZeroBitCount
    // Behind the leading one: two bits for the segment, 24 for the argument.
    let fraction = (odd << octave) << 1
    let row = table + (octave * 4 + Int(fraction >> 30)) * 6
    let x = Float(Int32((fraction << 2) >> 8) - 0x80_0000) * 0x1p-23
    var y = row[5]
    for k in stride(from: 4, through: 0, by: -1) { y = y * x + row[k] }
    return Float(bitPattern: y.bitPattern ^ bits & 0x8000_0000)
  }
}
