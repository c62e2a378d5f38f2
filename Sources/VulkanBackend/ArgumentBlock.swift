/// The layout of an argument block, as Common.glsl declares it.
package enum ArgumentBlock {
  package static let resultOffset = 32
  package static let operandsOffset = 48
  package static let wordsOffset = 96

  /// Bytes of a block with these words and pointer tables of so many entries altogether.
  package static func byteCount(words: Int, tableEntries: Int) -> Int {
    tablesOffset(words: words) + tableEntries * 8
  }

  /// Tables lie behind the words.
  package static func tablesOffset(words: Int) -> Int { (wordsOffset + words * 4 + 15) & ~15 }

  /// What the operand's address is compared with: Common.glsl's Operand.
  package struct Operand {
    package var address: UInt64
    package var stride: UInt32
    package var extent: UInt32

    package init(address: UInt64, stride: UInt32, extent: UInt32) {
      self.address = address
      self.stride = stride
      self.extent = extent
    }

    package func write(to block: UnsafeMutableRawPointer, at offset: Int) {
      block.storeBytes(of: address, toByteOffset: offset, as: UInt64.self)
      block.storeBytes(of: stride, toByteOffset: offset + 8, as: UInt32.self)
      block.storeBytes(of: extent, toByteOffset: offset + 12, as: UInt32.self)
    }
  }

  package static func writeHeader(
    to block: UnsafeMutableRawPointer, grid: Grid, batch: Int, report: UInt64,
    indexReports: UInt64 = 0
  ) {
    block.storeBytes(of: grid.x, toByteOffset: 0, as: UInt32.self)
    block.storeBytes(of: grid.y, toByteOffset: 4, as: UInt32.self)
    block.storeBytes(of: grid.z, toByteOffset: 8, as: UInt32.self)
    block.storeBytes(of: UInt32(truncatingIfNeeded: batch), toByteOffset: 12, as: UInt32.self)
    block.storeBytes(of: report, toByteOffset: 16, as: UInt64.self)
    block.storeBytes(of: indexReports, toByteOffset: 24, as: UInt64.self)
  }

  package static func writeWords(_ words: [UInt32], to block: UnsafeMutableRawPointer) {
    for (index, word) in words.enumerated() {
      block.storeBytes(of: word, toByteOffset: wordsOffset + index * 4, as: UInt32.self)
    }
  }
}

/// A number of workgroups folded into three dimensions of at most 65,535, the least that every
/// Vulkan device takes. Kernels unfold it and skip what is over.
package struct Grid: Hashable {
  package let x: UInt32
  package let y: UInt32
  package let z: UInt32

  package init(workgroups: Int) {
    let limit = 65_535
    if workgroups <= limit {
      self.init(x: Swift.max(workgroups, 1), y: 1, z: 1)
    } else {
      let rows = (workgroups + limit - 1) / limit
      if rows <= limit {
        self.init(x: limit, y: rows, z: 1)
      } else {
        self.init(x: limit, y: limit, z: Swift.min((rows + limit - 1) / limit, limit))
      }
    }
  }

  private init(x: Int, y: Int, z: Int) {
    self.x = UInt32(x)
    self.y = UInt32(y)
    self.z = UInt32(z)
  }
}
