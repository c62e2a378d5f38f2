import DigitsData

/// A request that is its sender's mistake.
struct RequestError: Error, Hashable {
  /// One line for a person.
  let message: String
}

/// The form in which an image travels: 64 whole numbers 0 … 16, comma separated, one line.
enum PixelText {
  /// Enough for 64 numbers with spaces; whatever is longer is no image.
  static let longestBody = 1_024
  private static let largest = 16

  /// The pixels, 0 … 1. One line feed at the end is allowed, as `echo` and editors add it.
  static func parse(_ bytes: some Collection<UInt8>) throws(RequestError) -> [Float] {
    var pixels: [Float] = []
    pixels.reserveCapacity(Digits.pixelCount)
    var value: Int?
    var isAtEnd = false
    func finish(_ field: Int?) throws(RequestError) -> Float {
      guard let field else { throw RequestError(message: "number \(pixels.count + 1) is missing") }
      return Float(field) / Float(largest)
    }
    for byte in bytes {
      if isAtEnd { throw RequestError(message: "the image is one line, and there is a second") }
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let next = (value ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
        guard next <= largest else {
          throw RequestError(
            message: "number \(pixels.count + 1) is too large; pixels are 0 to \(largest)")
        }
        value = next
      case UInt8(ascii: ","):
        pixels.append(try finish(value))
        value = nil
        guard pixels.count < Digits.pixelCount else {
          throw RequestError(message: "an image has \(Digits.pixelCount) numbers; these are more")
        }
      case UInt8(ascii: "\n"): isAtEnd = true
      default:
        throw RequestError(
          message: "number \(pixels.count + 1) is no whole number; an image is "
            + "\(Digits.pixelCount) of 0 to \(largest), comma separated")
      }
    }
    pixels.append(try finish(value))
    guard pixels.count == Digits.pixelCount else {
      throw RequestError(
        message: "an image has \(Digits.pixelCount) numbers; these are \(pixels.count)")
    }
    return pixels
  }

  /// An image of the set as text.
  static func text(_ pixels: some Sequence<Float>) -> String {
    pixels.map { String(Int($0 * Float(largest))) }.joined(separator: ",")
  }
}

extension Digits {
  /// The pixels of one image.
  func image(_ index: Int) -> ArraySlice<Float> {
    pixels[index * Digits.pixelCount..<(index + 1) * Digits.pixelCount]
  }
}
