import SwoopCore

/// An archive holds the shape, the element type, and the elements as base64 of their bytes in
/// little-endian order, so that every NaN and infinity comes back, in every format of text.
extension Tensor: Codable {
  private enum CodingKeys: String, CodingKey { case shape, elementType, elements }

  /// Evaluates the tensor, and blocks until it is there.
  /// - Throws: what made the tensor fail, and what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    func bytes<E: TensorElement>(_: E.Type) throws(TensorError) -> String {
      Base64.text(try blockingArray(as: E.self))
    }
    let text = try bytes(elementType.swiftType)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Array(shape), forKey: .shape)
    try container.encode(elementType, forKey: .elementType)
    try container.encode(text, forKey: .elements)
  }

  /// A tensor on the default device.
  /// - Throws: `DecodingError` for whatever is wrong with the archive; `deviceNotFound`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let sizes = try container.decode([Int].self, forKey: .shape)
    let type = try container.decode(ElementType.self, forKey: .elementType)
    let text = try container.decode(String.self, forKey: .elements)
    let shape: Shape
    do {
      shape = try Shape(sizes)
    } catch {
      throw DecodingError.dataCorruptedError(
        forKey: .shape, in: container, debugDescription: error.message)
    }
    let count = shape.elementCount * type.byteCount
    guard let bytes = Base64.bytes(of: text, count: count) else {
      throw DecodingError.dataCorruptedError(
        forKey: .elements, in: container,
        debugDescription: "the elements are not the base64 of \(count) bytes, which shape "
          + "\(shape) of \(type) takes")
    }
    guard type != .bool || bytes.allSatisfy({ $0 < 2 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .elements, in: container, debugDescription: "an element is neither true nor false")
    }
    let device = try Device.default()
    self = try bytes.withUnsafeBytes { bytes throws(TensorError) in
      try Tensor(bytes: bytes, shape: shape, type, on: device)
    }
  }
}

/// RFC 4648's base64, with padding. Foundation has it too, and would add megabytes to a program
/// that is linked statically.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 64, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  private static let padding = UInt8(ascii: "=")

  static func text<E: BitwiseCopyable>(_ elements: [E]) -> String {
    elements.withUnsafeBytes { bytes in
      var result: [UInt8] = []
      result.reserveCapacity((bytes.count + 2) / 3 * 4)
      for first in stride(from: 0, to: bytes.count, by: 3) {
        let count = Swift.min(3, bytes.count - first)
        var group: UInt32 = 0
        for index in 0..<3 {
          group = group << 8 | (index < count ? UInt32(bytes[first + index]) : 0)
        }
        for place in 0..<4 {
          let letter = alphabet[Int(group >> UInt32(18 - 6 * place) & 63)]
          result.append(place <= count ? letter : padding)
        }
      }
      return String(decoding: result, as: UTF8.self)
    }
  }

  /// nil if the text is not base64 of exactly so many bytes.
  static func bytes(of text: String, count: Int) -> [UInt8]? {
    guard text.utf8.count == (count + 2) / 3 * 4 else { return nil }
    var result: [UInt8] = []
    result.reserveCapacity(count + 2)
    var group: UInt32 = 0
    var letters = 0
    let padded = (3 - count % 3) % 3
    let last = text.utf8.count - padded
    for letter in text.utf8 {
      let value = letters < last ? values[Int(letter)] : letter == padding ? 0 : 64
      guard value < 64 else { return nil }
      group = group << 6 | UInt32(value)
      letters += 1
      if letters % 4 == 0 {
        result += [UInt8(group >> 16 & 255), UInt8(group >> 8 & 255), UInt8(group & 255)]
        group = 0
      }
    }
    guard result[count...].allSatisfy({ $0 == 0 }) else { return nil }
    result.removeLast(result.count - count)
    return result
  }
}
