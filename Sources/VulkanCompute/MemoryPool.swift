import CVulkan

/// Memory of one type, handed out in size classes from large buffers and taken back.
///
/// Four classes to a doubling waste at most a quarter, and a larger piece that is unused, of up to
/// twice the class, goes before new memory. Small pieces come from shared buffers; pieces above 4 MiB
/// have buffers of their own, kept for the next of their class.
final class MemoryPool: Sendable {
  private struct State {
    var free: [[MemoryPiece]] = Array(repeating: [], count: MemoryPool.classCount)
    var block: DeviceBuffer?
    var used = 0
    var nextBlock = MemoryPool.smallestBlock
    var cachedLarge = 0
    var cacheLimit = MemoryPool.defaultCacheLimit
  }

  static let alignment = 64
  private static let smallLimit = 4 << 20
  private static let smallestBlock = 1 << 20
  private static let largestBlock = 64 << 20
  static let defaultCacheLimit = 1 << 30
  private static let classCount = 160

  let core: DeviceCore
  let options: VulkanDevice.Options
  /// Whether the host reads this memory at full speed.
  let isReadback: Bool
  private let memoryType: UInt32
  /// The largest piece: what the device gives at most.
  private let largest: Int
  private let state = Lock(State())

  init(
    _ core: DeviceCore, memoryType: UInt32, options: VulkanDevice.Options, isReadback: Bool,
    largest: Int? = nil
  ) {
    self.largest = (largest ?? core.physical.maximumAllocation) / Self.alignment * Self.alignment
    self.isReadback = isReadback
    self.core = core
    self.memoryType = memoryType
    self.options = options
  }

  /// The class of a size, and the size of its pieces: alignment × {4, 5, 6, 7} × 2ᵏ, and
  /// 1, 2, 3 times the alignment below that.
  static func sizeClass(_ bytes: Int) -> (index: Int, size: Int) {
    let units = max(1, (bytes + alignment - 1) / alignment)
    if units < 4 { return (units - 1, units * alignment) }
    let shift = Int.bitWidth - 1 - units.leadingZeroBitCount - 2
    let quarter = (units + (1 << shift) - 1) >> shift
    if quarter == 8 { return (3 + (shift + 1) * 4, (4 << (shift + 1)) * alignment) }
    return (3 + shift * 4 + quarter - 4, (quarter << shift) * alignment)
  }

  func allocate(_ bytes: Int) throws(VulkanError) -> Allocation {
    let margin = options.checked ? 2 * Canary.bytes : 0
    // Some drivers would give more than they promise. Not asking keeps all pieces of a class alike:
    // that which the limit cuts in two has pieces of the limit, and no larger ones.
    guard bytes >= 0, bytes < 1 << 40, bytes + margin <= largest else {
      throw VulkanError(
        .outOfDeviceMemory, "\(bytes) bytes at a time, where \(core.physical.name) gives \(largest)"
      )
    }
    let (index, whole) = MemoryPool.sizeClass(bytes + margin)
    let size = min(whole, largest)
    let piece = try take(index, size)
    core.counters.allocated(piece.size)
    return Allocation(piece, bytes: bytes, pool: self)
  }

  private func take(_ index: Int, _ size: Int) throws(VulkanError) -> MemoryPiece {
    guard options.pooled else {
      return MemoryPiece(try buffer(size), offset: 0, size: size, index: index)
    }
    let cached: MemoryPiece? = state.withLock { state in
      // Where sizes vary, as those of batches do, the most that each class ever needed would add up,
      // and grow for as long as the program runs.
      let classes =
        index...(size > MemoryPool.smallLimit ? index : MemoryPool.sizeClass(2 * size).index)
      guard let found = classes.first(where: { !state.free[$0].isEmpty }) else { return nil }
      let piece = state.free[found].removeLast()
      piece.buffer.livePieces += 1
      if piece.size > MemoryPool.smallLimit { state.cachedLarge -= piece.size }
      return piece
    }
    if let cached { return cached }
    if size > MemoryPool.smallLimit {
      let buffer = try buffer(size)
      buffer.livePieces = 1
      return MemoryPiece(buffer, offset: 0, size: size, index: index)
    }
    do {
      return try carve(index, size)
    } catch  where error.code.isShortage {
      clearCache()
      return try carve(index, size)
    }
  }

  /// The next piece of the newest shared buffer.
  private func carve(_ index: Int, _ size: Int) throws(VulkanError) -> MemoryPiece {
    try state.withLock { state throws(VulkanError) in
      if state.block == nil || state.used + size > state.block?.size ?? 0 {
        let wanted = max(state.nextBlock, size)
        // Should it fail, a small one may still be had.
        state.nextBlock = MemoryPool.smallestBlock
        state.block = try DeviceBuffer(core, size: wanted, memoryType: memoryType)
        state.used = 0
        state.nextBlock = min(wanted * 2, MemoryPool.largestBlock)
      }
      guard let block = state.block else { throw VulkanError(.outOfDeviceMemory, "\(size) bytes") }
      block.livePieces += 1
      defer { state.used += size }
      return MemoryPiece(block, offset: state.used, size: size, index: index)
    }
  }

  private func buffer(_ size: Int) throws(VulkanError) -> DeviceBuffer {
    do {
      return try DeviceBuffer(core, size: size, memoryType: memoryType)
    } catch  where error.code.isShortage {
      // What the cache holds may be enough.
      clearCache()
      return try DeviceBuffer(core, size: size, memoryType: memoryType)
    }
  }

  func giveBack(_ piece: MemoryPiece) {
    core.counters.liveBytes.wrappingSubtract(piece.size, ordering: .relaxed)
    guard options.pooled else { return }
    // The evicted piece's buffer is freed after the lock is.
    let evicted: MemoryPiece? = state.withLock { state in
      piece.buffer.livePieces -= 1
      if piece.size > MemoryPool.smallLimit {
        guard piece.size <= state.cacheLimit - state.cachedLarge else { return piece }
        state.cachedLarge += piece.size
      }
      state.free[piece.index].append(piece)
      return nil
    }
    withExtendedLifetime(evicted) {}
  }

  /// The most bytes of unused pieces with buffers of their own that are kept for the next.
  var cacheLimit: Int {
    get { state.withLock { $0.cacheLimit } }
    set {
      var doomed: [MemoryPiece] = []
      state.withLock { state in
        state.cacheLimit = Swift.max(newValue, 0)
        // The largest first.
        for index in state.free.indices.reversed() {
          while state.cachedLarge > state.cacheLimit, let piece = state.free[index].last,
            piece.size > MemoryPool.smallLimit
          {
            state.free[index].removeLast()
            state.cachedLarge -= piece.size
            doomed.append(piece)
          }
        }
      }
      withExtendedLifetime(doomed) {}
    }
  }

  /// Frees the buffers of which no piece is in use.
  func clearCache() {
    // Freed when the lock is no longer held.
    var doomed: [DeviceBuffer] = []
    state.withLock { state in
      for index in state.free.indices {
        state.free[index].removeAll { piece in
          guard piece.buffer.livePieces == 0 else { return false }
          doomed.append(piece.buffer)
          return true
        }
      }
      state.cachedLarge = 0
      if let block = state.block, block.livePieces == 0 {
        doomed.append(block)
        state.block = nil
        state.nextBlock = MemoryPool.smallestBlock
      }
    }
    withExtendedLifetime(doomed) {}
  }
}

/// A piece of a buffer, as the pool keeps it.
struct MemoryPiece: Sendable {
  let buffer: DeviceBuffer
  let offset: Int
  let size: Int
  let index: Int

  init(_ buffer: DeviceBuffer, offset: Int, size: Int, index: Int) {
    self.buffer = buffer
    self.offset = offset
    self.size = size
    self.index = index
  }
}
