extension SafetensorsFile {
  /// Writes a file, which appears whole or not at all.
  ///
  /// The same tensors and metadata give the same bytes: wider types come first, so that all
  /// elements are aligned, then names in order; so does the safetensors library for Python.
  /// - Throws: `unwritable`, and what was at `path` is then untouched; `invalidTensor` for the
  ///   name `__metadata__`, which the format keeps for itself.
  public static func write(
    _ tensors: [String: StoredTensor], metadata: [String: String] = [:], to path: String
  ) throws(TensorFileError) {
    do throws(TensorFileError) {
      try AtomicFile.writeTensors(encoded(tensors, metadata: metadata), to: path)
    } catch {
      throw error.of(path)
    }
  }

  /// The parts of a file, one after the other.
  static func encoded(
    _ tensors: [String: StoredTensor], metadata: [String: String] = [:]
  ) throws(TensorFileError) -> [FileBytes] {
    guard tensors[SafetensorsHeader.metadataName] == nil else {
      throw TensorFileError(
        .invalidTensor,
        "a tensor is named \(SafetensorsHeader.metadataName), which stands for the metadata")
    }
    let sorted = tensors.sorted {
      let (a, b) = (place($0.value.kind), place($1.value.kind))
      return a == b ? $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) : a < b
    }
    var position = 0
    var entries: [SafetensorsHeader.Entry] = []
    for (name, tensor) in sorted {
      let end = position + tensor.bytes.count
      entries.append(
        SafetensorsHeader.Entry(
          name: name, type: StoredType(tensor.kind), shape: tensor.shape, start: position, end: end)
      )
      position = end
    }
    var header = Array(SafetensorsHeader(entries: entries, metadata: metadata).text.utf8)
    // So that the elements begin at a multiple of eight bytes.
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    guard header.count <= headerLimit else {
      throw TensorFileError(
        .invalidTensor,
        "names and metadata make a header of \(header.count) bytes; the format allows "
          + "\(headerLimit)")
    }
    let length = UInt64(header.count)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    return [FileBytes(prefix + header)] + sorted.map(\.value.bytes)
  }

  private static func place(_ kind: ElementKind) -> Int {
    switch kind {
    case .float32: 0
    case .int32: 1
    case .bfloat16: 2
    case .float16: 3
    case .uint8: 4
    case .bool: 5
    }
  }
}

extension AtomicFile {
  static func writeTensors(_ parts: [FileBytes], to path: String) throws(TensorFileError) {
    do throws(FileWriteFailure) {
      try write(parts, to: path)
    } catch {
      throw TensorFileError(.unwritable, "cannot be written: \(systemText(error.code))")
    }
  }
}
