/// Numbers as text for a person: three significant digits, thousands separated by commas, from ten
/// million on in millions.
public enum NumberText {
  /// A number with three significant digits: `1,420,000`, `196 M`, `12.3`, `1.2e-07`.
  public static func significant(_ value: Double) -> String {
    guard value.isFinite else { return "—" }
    if value == 0 { return "0" }
    let magnitude = abs(value)
    let sign = value < 0 ? "−" : ""
    if magnitude < 0.001 || magnitude >= 1e15 { return sign + scientific(magnitude) }
    if magnitude >= 9.995e6 { return significant(value / 1e6) + " M" }
    var decimals = 2
    var limit = 1.0
    // Two digits behind the point in 1 ..< 10, fewer above, more below.
    while magnitude >= limit * 9.995, decimals > -13 {
      limit *= 10
      decimals -= 1
    }
    while magnitude < limit * 0.9995, decimals < 6 {
      limit /= 10
      decimals += 1
    }
    return sign + fixed(magnitude, decimals: decimals)
  }

  /// An interval, such as `3,790 – 3,850`, or a dash if it is not finite.
  public static func interval(_ low: Double, _ high: Double) -> String {
    "\(significant(low)) – \(significant(high))"
  }

  /// A share in per cent, such as `92 %` or `−4.1 %`.
  public static func percent(_ share: Double) -> String {
    guard share.isFinite else { return "—" }
    let value = share * 100
    let text = fixed(abs(value), decimals: abs(value) < 9.95 ? 1 : 0)
    let isZero = text.allSatisfy { $0 == "0" || $0 == "." }
    return (value < 0 && !isZero ? "−" : "") + text + " %"
  }

  /// A whole number with separators.
  public static func grouped(_ value: Int) -> String {
    (value < 0 ? "−" : "") + grouped(String(value.magnitude))
  }

  /// A magnitude with a number of decimals; a negative number of decimals rounds to tens and so on.
  private static func fixed(_ magnitude: Double, decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<abs(decimals) { scale *= 10 }
    let rounded = (decimals < 0 ? magnitude / scale : magnitude * scale).rounded()
    guard rounded < 1e18 else { return scientific(magnitude) }
    if decimals <= 0 { return grouped(String(Int(decimals < 0 ? rounded * scale : rounded))) }
    let digits = String(Int(rounded))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    return grouped(String(padded.dropLast(decimals))) + "." + padded.suffix(decimals)
  }

  private static func scientific(_ magnitude: Double) -> String {
    var exponent = 0
    var mantissa = magnitude
    while mantissa >= 9.95 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa < 0.995 {
      mantissa *= 10
      exponent -= 1
    }
    let digits = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
    return fixed(mantissa, decimals: 1) + (exponent < 0 ? "e-" : "e+") + digits
  }

  private static func grouped(_ digits: String) -> String {
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }
}
