// Numbers and words for a person, without Foundation.

/// A number from 0 up with so many decimals.
func text(_ value: Double, decimals: Int) -> String {
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  guard let whole = Int(exactly: (value * scale).rounded()) else { return "\(value)" }
  let digits = String(whole)
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  return padded.dropLast(decimals) + "." + padded.suffix(decimals)
}

/// A share, such as `95.6 %`.
func percent(_ part: Int, of whole: Int) -> String {
  text(100 * Double(part) / Double(max(whole, 1)), decimals: 1) + " %"
}

/// A word as a shell takes it.
func quoted(_ word: String) -> String {
  let isPlain = word.utf8.allSatisfy { byte in
    Character(Unicode.Scalar(byte)).isLetter && byte < 0x80
      || "0123456789/._-+=".utf8.contains(byte)
  }
  if isPlain, !word.isEmpty { return word }
  return "'"
    + word.split(separator: "'", omittingEmptySubsequences: false)
    .joined(separator: "'\\''") + "'"
}

extension ContinuousClock.Instant {
  /// The seconds since then.
  var seconds: Double { duration(to: .now) / .seconds(1) }
}
