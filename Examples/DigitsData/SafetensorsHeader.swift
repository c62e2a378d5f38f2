/// The JSON in front of a safetensors file, which has one form alone:
/// `{"__metadata__": {"key": "text", …}, "name": {"dtype": "F32", "shape": [2, 3],
/// "data_offsets": [0, 24]}, …}`.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let elementType: String
    let shape: [Int]
    /// The tensor's bytes, counted from the end of the header.
    let start: Int
    let end: Int
  }

  private static let metadataName = "__metadata__"

  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]

  init(entries: [Entry], metadata: [String: String]) {
    self.entries = entries
    self.metadata = metadata
  }

  init(_ bytes: ArraySlice<UInt8>) throws(JSONCursor.Failure) {
    var cursor = JSONCursor(bytes)
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    try cursor.object { name, cursor throws(JSONCursor.Failure) in
      if name == SafetensorsHeader.metadataName {
        try cursor.object { key, cursor throws(JSONCursor.Failure) in
          metadata[key] = try cursor.string()
        }
      } else {
        entries.append(try SafetensorsHeader.entry(name, &cursor))
      }
    }
    try cursor.end()
    self.init(entries: entries, metadata: metadata)
  }

  private static func entry(
    _ name: String, _ cursor: inout JSONCursor
  ) throws(JSONCursor.Failure) -> Entry {
    var elementType: String?
    var shape: [Int]?
    var offsets: [Int]?
    try cursor.object { key, cursor throws(JSONCursor.Failure) in
      switch key {
      case "dtype": elementType = try cursor.string()
      case "shape": shape = try cursor.integers()
      case "data_offsets": offsets = try cursor.integers()
      default: throw cursor.failure("\(key.debugDescription) is no property of a tensor")
      }
    }
    guard let elementType, let shape, let offsets, offsets.count == 2 else {
      throw cursor.failure(
        "\(name.debugDescription) lacks its dtype, its shape or its two data_offsets")
    }
    return Entry(
      name: name, elementType: elementType, shape: shape, start: offsets[0], end: offsets[1])
  }

  var text: String {
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map {
        "\(JSONCursor.quoted($0.key)):\(JSONCursor.quoted($0.value))"
      }
      members.append("\"\(SafetensorsHeader.metadataName)\":{\(texts.joined(separator: ","))}")
    }
    for entry in entries {
      let shape = entry.shape.map { "\($0)" }.joined(separator: ",")
      members.append(
        "\(JSONCursor.quoted(entry.name)):{\"dtype\":\"\(entry.elementType)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(entry.start),\(entry.end)]}")
    }
    return "{\(members.joined(separator: ","))}"
  }
}
