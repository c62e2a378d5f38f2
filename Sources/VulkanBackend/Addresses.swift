/// The addresses of one operand, one for each operation of a launch.
enum Column {
  case shared(UInt64)
  case strided(UInt64, by: Int)
  case list([UInt64])

  /// So many bytes further on.
  func moved(by bytes: Int) -> Column {
    switch self {
    case .shared(let address): .shared(address + UInt64(bytes))
    case .strided(let address, let step): .strided(address + UInt64(bytes), by: step)
    case .list(let addresses): .list(addresses.map { $0 + UInt64(bytes) })
    }
  }

  func starts(_ count: Int) -> [UInt64] {
    switch self {
    case .shared(let address): Array(repeating: address, count: count)
    case .strided(let address, let step): (0..<count).map { address + UInt64($0 * step) }
    case .list(let addresses): addresses
    }
  }
}

/// The addresses of one operand over the entries of a dispatch, in the simplest form.
struct Addresses {
  let first: UInt64
  let stride: UInt32
  let mode: OperandMode
  let isAligned: Bool
  private let column: Column
  private let count: Int
  private let offsets: [Int]
  private let elementBytes: Int

  /// - Parameters:
  ///   - column: where the operand of each operation begins.
  ///   - offsets: elements, of so many bytes each, from there to each of the operation's entries.
  init(_ column: Column, count: Int, offsets: [Int], elementBytes: Int) {
    self.column = column
    self.count = count
    self.offsets = offsets
    self.elementBytes = elementBytes
    if offsets.count == 1, let simple = Addresses.simple(column, count) {
      first = simple.first + UInt64(offsets[0] * elementBytes)
      stride = simple.stride
      mode = simple.stride == 0 ? .shared : .strided
      isAligned = first % 16 == 0 && simple.stride % 16 == 0
      return
    }
    let starts = column.starts(count)
    first = starts[0] + UInt64((offsets.first ?? 0) * elementBytes)
    var step: UInt64?
    var isUniform = true
    var bits: UInt64 = 0
    var last: UInt64?
    for start in starts {
      for offset in offsets {
        let address = start + UInt64(offset * elementBytes)
        bits |= address
        if let last {
          let difference = address &- last
          if let step, step != difference { isUniform = false }
          step = difference
        }
        last = address
      }
    }
    isAligned = bits % 16 == 0
    if isUniform, step ?? 0 == 0 {
      stride = 0
      mode = .shared
    } else if isUniform, let step, step <= UInt64(UInt32.max) {
      stride = UInt32(step)
      mode = .strided
    } else {
      stride = 0
      mode = .table
    }
  }

  private static func simple(_ column: Column, _ count: Int) -> (first: UInt64, stride: UInt32)? {
    switch column {
    case .shared(let address): (address, 0)
    case .strided(let address, let step):
      count == 1 ? (address, 0) : UInt32(exactly: step).map { (address, $0) }
    case .list(let addresses): addresses.count == 1 ? (addresses[0], 0) : nil
    }
  }

  /// Every entry's address.
  var all: [UInt64] {
    if offsets == [0] { return column.starts(count) }
    return column.starts(count).flatMap { start in offsets.map { start + UInt64($0 * elementBytes) }
    }
  }
}
