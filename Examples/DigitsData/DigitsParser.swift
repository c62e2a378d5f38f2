/// Reads the lines of `digits.csv`.
struct DigitsParser {
  private static let largestPixel = 16
  private static let fieldCount = Digits.pixelCount + 1

  let path: String

  func parse(_ bytes: [UInt8]) throws(DigitsError) -> Digits {
    var pixels: [Float] = []
    var labels: [Int32] = []
    pixels.reserveCapacity(Digits.totalCount * Digits.pixelCount)
    labels.reserveCapacity(Digits.totalCount)
    var rest = bytes[...]
    while !rest.isEmpty {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest[line.endIndex...].dropFirst()
      guard labels.count < Digits.totalCount else {
        throw malformed(labels.count + 1, "a line too many; the digits are \(Digits.totalCount)")
      }
      labels.append(try parse(line, number: labels.count + 1, into: &pixels))
    }
    guard labels.count == Digits.totalCount else {
      throw malformed(
        nil, "the digits are \(Digits.totalCount) lines; the file has \(labels.count)")
    }
    return Digits(pixels: pixels, labels: labels)
  }

  /// Appends the pixels of one line; returns its label.
  private func parse(
    _ line: ArraySlice<UInt8>, number: Int, into pixels: inout [Float]
  ) throws(DigitsError) -> Int32 {
    let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard fields.count == DigitsParser.fieldCount else {
      throw malformed(
        number,
        "\(Digits.pixelCount) pixels and a label are \(DigitsParser.fieldCount) fields; the line has "
          + "\(fields.count)")
    }
    for field in fields.prefix(Digits.pixelCount) {
      let value = try integer(field, line: number)
      guard value <= DigitsParser.largestPixel else {
        throw malformed(
          number, "\(shown(field)) is no pixel; these are 0 to \(DigitsParser.largestPixel)")
      }
      pixels.append(Float(value) / Float(DigitsParser.largestPixel))
    }
    let field = fields[Digits.pixelCount]
    let label = try integer(field, line: number)
    guard label < Digits.classCount else {
      throw malformed(number, "\(shown(field)) is no label; these are 0 to 9")
    }
    return Int32(label)
  }

  /// A number of decimal digits alone; from 1,000 on they all count as 1,000, so that none
  /// overflows.
  private func integer(_ field: ArraySlice<UInt8>, line: Int) throws(DigitsError) -> Int {
    var value = 0
    for byte in field {
      guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else {
        throw malformed(line, "\(shown(field)) is no whole number")
      }
      value = min(value * 10 + Int(byte - UInt8(ascii: "0")), 1000)
    }
    guard !field.isEmpty else { throw malformed(line, "a field is empty") }
    return value
  }

  /// Safe to print whatever the file holds.
  private func shown(_ field: ArraySlice<UInt8>) -> String {
    let text = String(decoding: field.prefix(20), as: UTF8.self).debugDescription
    return field.count > 20 ? text + "…" : text
  }

  private func malformed(_ line: Int?, _ message: String) -> DigitsError {
    DigitsError(.malformed, path, line: line, message)
  }
}
