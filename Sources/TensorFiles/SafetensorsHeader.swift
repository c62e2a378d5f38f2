/// The JSON in front of a safetensors file, which has one form alone:
/// `{"__metadata__": {"key": "text", …}, "name": {"dtype": "F32", "shape": [2, 3],
/// "data_offsets": [0, 24]}, …}`.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let type: StoredType
    let shape: [Int]
    /// The tensor's bytes, counted from the end of the header.
    let start: Int
    let end: Int
  }

  static let metadataName = "__metadata__"

  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]

  init(entries: [Entry], metadata: [String: String]) {
    self.entries = entries
    self.metadata = metadata
  }

  /// The format's names of element types.
  private static let names: [StoredType: String] = [
    .float32: "F32", .float16: "F16", .bfloat16: "BF16", .int32: "I32", .uint8: "U8",
    .bool: "BOOL", .float64: "F64", .int64: "I64", .uint64: "U64", .uint32: "U32", .int16: "I16",
    .uint16: "U16", .int8: "I8",
  ]
  private static let types = Dictionary(uniqueKeysWithValues: names.map { ($1, $0) })
  /// Those that exist in the format, but are not read here.
  private static let others: Set = [
    "F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ",
    "C64",
  ]

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
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try cursor.object { key, cursor throws(JSONCursor.Failure) in
      switch key {
      case "dtype": type = try cursor.string()
      case "shape": shape = try cursor.integers()
      case "data_offsets": offsets = try cursor.integers()
      default: throw cursor.failure("\(shown(key)) is no property of a tensor")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw cursor.failure("\(shown(name)) lacks its dtype, its shape or its two data_offsets")
    }
    guard let stored = types[type] else {
      let list = ElementKind.allCases.compactMap { names[StoredType($0)] }.joined(separator: ", ")
      throw cursor.failure(
        "\(shown(name)) is of type \(shown(type)); read are \(list)",
        others.contains(type) ? .unsupportedElementType : .malformed)
    }
    return Entry(name: name, type: stored, shape: shape, start: offsets[0], end: offsets[1])
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
        "\(JSONCursor.quoted(entry.name)):{\"dtype\":\"\(SafetensorsHeader.names[entry.type]!)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(entry.start),\(entry.end)]}")
    }
    return "{\(members.joined(separator: ","))}"
  }
}
