/// Elements as a file has them.
struct EncodedTensor {
  let type: StoredType
  let shape: [Int]
  var isBigEndian = false
  /// The first index is the fastest.
  var isFortranOrdered = false
  /// As many as type and shape take.
  let bytes: FileBytes

  /// The tensor; its bytes are the file's wherever nothing has to be changed.
  /// - Parameter converting: whether types without an `ElementKind` become float32 or int32.
  /// - Throws: `unsupportedElementType`; `valueOutOfRange` if a value does not fit;
  ///   `malformed` for a bool that is none.
  func decoded(name: String? = nil, converting: Bool) throws(TensorFileError) -> StoredTensor {
    guard type.kind != nil || converting else { throw type.unsupported(in: name) }
    let ordered =
      switch type.byteCount {
      case 1: try rowMajor(of: UInt8.self)
      case 2: try rowMajor(of: UInt16.self)
      case 4: try rowMajor(of: UInt32.self)
      default: try rowMajor(of: UInt64.self)
      }
    let bytes = type.kind == nil ? try converted(ordered, name) : ordered
    if type == .bool, let index = bytes.indexOfNoBool {
      let subject = name.map(shown) ?? "the file"
      throw .malformed("element \(index) of \(subject) is to be a bool, but is not 0 or 1")
    }
    return StoredTensor(unchecked: type.converted, shape: shape, bytes: bytes)
  }

  private func rowMajor<T: FixedWidthInteger & BitwiseCopyable>(
    of word: T.Type
  ) throws(TensorFileError) -> FileBytes {
    let swaps = isBigEndian && MemoryLayout<T>.size > 1
    // In one dimension both orders are the same.
    let turns = isFortranOrdered && shape.count { $0 > 1 } > 1 && bytes.count > 0
    guard swaps || turns else { return bytes }
    let region = try MemoryRegion(count: bytes.count)
    let target = region.bytes.bindMemory(to: T.self)
    // Without turning, one axis of all elements.
    let sizes = turns ? shape : [target.count]
    bytes.withUnsafeBytes { source in
      var steps: [Int] = []
      var step = MemoryLayout<T>.size
      for size in sizes {
        steps.append(step)
        step *= size
      }
      var index = [Int](repeating: 0, count: sizes.count)
      let (innerSize, innerStep) = (sizes.last ?? 1, steps.last ?? 0)
      var (position, offset) = (0, 0)
      while position < target.count {
        for inner in 0..<innerSize {
          let word = source.loadUnaligned(fromByteOffset: offset + inner * innerStep, as: T.self)
          target[position] = swaps ? word.byteSwapped : word
          position += 1
        }
        // The next row, as an odometer counts.
        var axis = sizes.count - 2
        while axis >= 0 {
          index[axis] += 1
          offset += steps[axis]
          if index[axis] < sizes[axis] { break }
          offset -= steps[axis] * sizes[axis]
          index[axis] = 0
          axis -= 1
        }
      }
    }
    return FileBytes(region)
  }
}

// MARK: Conversion

extension EncodedTensor {
  private func converted(_ bytes: FileBytes, _ name: String?) throws(TensorFileError) -> FileBytes {
    switch type {
    case .float64:
      try convert(bytes, name) { (value: Double) -> Float? in
        let narrow = Float(value)
        return narrow.isInfinite && value.isFinite ? nil : narrow
      }
    case .int64: try convert(bytes, name) { (value: Int64) in Int32(exactly: value) }
    case .uint64: try convert(bytes, name) { (value: UInt64) in Int32(exactly: value) }
    case .uint32: try convert(bytes, name) { (value: UInt32) in Int32(exactly: value) }
    case .int16: try convert(bytes, name) { (value: Int16) in Int32(value) }
    case .uint16: try convert(bytes, name) { (value: UInt16) in Int32(value) }
    case .int8: try convert(bytes, name) { (value: Int8) in Int32(value) }
    case .float32, .float16, .bfloat16, .int32, .uint8, .bool: bytes
    }
  }

  private func convert<A: BitwiseCopyable & CustomStringConvertible, B: BitwiseCopyable>(
    _ bytes: FileBytes, _ name: String?, _ value: (A) -> B?
  ) throws(TensorFileError) -> FileBytes {
    let count = bytes.count / MemoryLayout<A>.size
    // Wider than the source at most by a factor of four, and as long as an array may be.
    let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<B>.size)
    guard !overflow else {
      throw TensorFileError(.outOfMemory, "there is no memory for \(count) elements")
    }
    let region = try MemoryRegion(count: size)
    let target = region.bytes.bindMemory(to: B.self)
    try bytes.withUnsafeBytes { source throws(TensorFileError) in
      for index in 0..<count {
        let wide = source.loadUnaligned(
          fromByteOffset: index * MemoryLayout<A>.size, as: A.self)
        guard let narrow = value(wide) else {
          throw TensorFileError(
            .valueOutOfRange,
            "element \(index) \(name.map { "of \(shown($0)) " } ?? "")is \(wide), which "
              + "\(type.converted) cannot hold")
        }
        target[index] = narrow
      }
    }
    return FileBytes(region)
  }
}
