import Glibc
import Testing

@testable import VulkanCompute

@Suite("Memory pools")
struct PoolTests {
  @Test("Size classes rise, fit, and waste at most a quarter")
  func sizeClasses() {
    var last = (index: -1, size: 0)
    var sizes = Array(0..<1 << 14)
    for shift in 14..<40 { sizes += (0..<64).map { (1 << shift) + ($0 << (shift - 6)) + $0 % 2 } }
    var wrong: [Int] = []
    for bytes in sizes {
      let found = MemoryPool.sizeClass(bytes)
      // What is lost to the alignment alone does not count.
      let aligned = max(1, (bytes + 63) / 64) * 64
      let isRight =
        found.size >= bytes && found.size % MemoryPool.alignment == 0
        && (found.size - aligned) * 4 <= aligned
        && found.index >= last.index && found.size >= last.size
        && (found.index == last.index) == (found.size == last.size)
      if !isRight { wrong.append(bytes) }
      last = found
    }
    #expect(wrong == [])
    #expect(last.index < 160)
  }

  @Test("No two live allocations share a byte", arguments: [false, true])
  func disjoint(checked: Bool) throws {
    try Lab.open(checked: checked) { lab in
      var noise = Noise(1)
      var live: [(allocation: Allocation, tag: UInt32)] = []
      for step in 0..<10_000 {
        if live.count > 200 || (!live.isEmpty && Int.random(in: 0..<3, using: &noise) == 0) {
          let (allocation, tag) = live.remove(
            at: Int.random(in: 0..<live.count, using: &noise))
          let words = allocation.words(UInt32.self)
          #expect(words.first == tag && words.last == tag)
          continue
        }
        let shift = Int.random(in: 2...(step % 1000 == 0 ? 23 : 15), using: &noise)
        let bytes = Int.random(in: 4...(1 << shift), using: &noise) & ~3
        let placement = Placement.allCases[Int.random(in: 0..<3, using: &noise)]
        let allocation = try lab.memory.allocate(bytes, placement)
        #expect(allocation.byteCount == bytes)
        #expect(allocation.address % 64 == 0)
        #expect(!live.contains { $0.allocation.range.overlaps(allocation.range) })
        let words = allocation.words(UInt32.self)
        if let last = words.indices.last {
          words[0] = UInt32(step)
          words[last] = UInt32(step)
          live.append((allocation, UInt32(step)))
        }
      }
      #expect(live.allSatisfy { $0.allocation.violation() == nil })
      live = []
      #expect(lab.device.counters.liveBytes == 0)
    }
  }

  @Test("Of the class that the device's limit cuts in two every piece is large enough")
  func cutClass() throws {
    try Lab.open { lab in
      let unit = MemoryPool.alignment
      // The class reaches from 5 MiB to 6 MiB, the device gives 5.5.
      let limit = 11 << 19
      let pool = MemoryPool(
        lab.device.core,
        memoryType: UInt32(DeviceBuffer.memoryTypes(lab.device.core).trailingZeroBitCount),
        options: VulkanDevice.Options(), isReadback: true, largest: limit + unit / 2)
      for bytes in [5 << 20, (5 << 20) + 1, limit - 1, limit, (5 << 20) + 1, limit] {
        let allocation = try pool.allocate(bytes)
        #expect(allocation.buffer.size >= bytes && allocation.buffer.size <= limit)
      }
      for bytes in [limit + 1, limit + unit, 6 << 20, 1 << 39, 1 << 40, -1] {
        let error = #expect(throws: VulkanError.self) { try pool.allocate(bytes) }
        #expect(error?.code == .outOfDeviceMemory)
      }
      // Between 5 and 5.5 MiB one buffer serves all.
      let before = lab.device.counters
      for bytes in [(5 << 20) + 1, limit, limit - 100] { _ = try pool.allocate(bytes) }
      #expect((lab.device.counters - before).allocations == 0)
    }
  }

  @Test("A warm pool asks the driver for nothing")
  func reuse() throws {
    try Lab.open { lab in
      let sizes = [1, 64, 100, 1000, 4096, 100_000, 5 << 20]
      var first: Set<UInt64> = []
      do {
        let all = try sizes.map { try lab.memory.allocate($0, .upload) }
        first = Set(all.map(\.address))
      }
      let before = lab.device.counters
      for _ in 0..<100 {
        let again = try sizes.map { try lab.memory.allocate($0, .upload) }
        #expect(Set(again.map(\.address)) == first)
      }
      #expect((lab.device.counters - before).allocations == 0)
    }
  }

  @Test("Pieces of many sizes need no more memory than as many of the largest")
  func sizesThatVary() throws {
    try Lab.open { lab in
      func hold(_ count: Int, of bytes: Int) throws {
        let held = try (0..<count).map { _ in try lab.memory.allocate(bytes, .upload) }
        #expect(lab.device.counters.liveBytes >= count * bytes)
        withExtendedLifetime(held) {}
      }
      try hold(100, of: 64 << 10)
      let before = lab.device.counters
      for kibibytes in stride(from: 63, through: 33, by: -1) { try hold(100, of: kibibytes << 10) }
      #expect((lab.device.counters - before).allocations == 0)
      #expect(lab.device.counters.liveBytes == 0)
      // What is more than twice as large as a piece of the class is not broken into.
      let small = try lab.memory.allocate(16 << 10, .upload)
      #expect(lab.device.counters.liveBytes <= 32 << 10)
      withExtendedLifetime(small) {}
    }
  }

  @Test("The counters follow what is allocated")
  func counters() throws {
    try Lab.open { lab in
      #expect(lab.device.counters.bytes == 0)
      var piece: Allocation? = try lab.memory.allocate(6 << 20, .device)
      let held = lab.device.counters
      #expect(held.allocations == 1 && held.bytes == 6 << 20 && held.liveBytes == 6 << 20)
      #expect(piece?.byteCount == 6 << 20)
      piece = nil
      #expect(lab.device.counters.liveBytes == 0)
      #expect(lab.device.counters.bytes == 6 << 20)
      lab.memory.clearCache()
      #expect(lab.device.counters.bytes == 0)
    }
  }

  @Test("Clearing gives back what nothing uses, whatever else is in use")
  func clearCache() throws {
    try Lab.open { lab in
      let weight = try lab.memory.allocate(100, .device)
      weight.words(UInt32.self)[0] = 7
      do { _ = try (0..<100).map { _ in try lab.memory.allocate(1 << 20, .device) } }
      let before = lab.device.counters.bytes
      #expect(before > 100 << 20)
      lab.memory.clearCache()
      #expect(lab.device.counters.bytes == 1 << 20)
      #expect(weight.words(UInt32.self)[0] == 7)
      let more = try (0..<100).map { _ in try lab.memory.allocate(1000, .device) }
      #expect(!more.contains { $0.range.overlaps(weight.range) })
    }
  }

  @Test("Without the pool each allocation is a buffer, freed at once")
  func unpooled() throws {
    try Lab.open(pooled: false) { lab in
      do {
        let pieces = try (0..<10).map { _ in try lab.memory.allocate(100, .device) }
        #expect(lab.device.counters.allocations == 10)
        #expect(Set(pieces.map { ObjectIdentifier($0.buffer) }).count == 10)
      }
      #expect(lab.device.counters.bytes == 0 && lab.device.counters.liveBytes == 0)
    }
  }

  @Test("Too much is an error", arguments: [1 << 39, 1 << 50, Int.max, -1, Int.min])
  func tooMuch(bytes: Int) throws {
    try Lab.open { lab in
      for placement in Placement.allCases {
        let error = #expect(throws: VulkanError.self) {
          try lab.memory.allocate(bytes, placement)
        }
        #expect(error?.code == .outOfDeviceMemory)
      }
      #expect(lab.device.counters.liveBytes == 0)
    }
  }

  @Test("No byte at all is an allocation too")
  func empty() throws {
    try Lab.open { lab in
      let piece = try lab.memory.allocate(0, .device)
      #expect(piece.byteCount == 0 && piece.contents != nil)
    }
  }

  @Test("Exhausted memory is an error, and comes back")
  func exhaustion() async {
    // Software drivers have what the process has; hence a process of its own, with a limit.
    await #expect(processExitsWith: .success) {
      try Lab.open { lab in
        setAddressSpaceLimit(3 << 30)
        var held: [Allocation] = []
        func fill() -> VulkanError.Code? {
          while held.count < 200 {
            do throws(VulkanError) {
              held.append(try lab.memory.allocate(128 << 20, .device))
            } catch {
              return error.code
            }
          }
          return nil
        }
        guard let code = fill(), code.isShortage, held.count > 4 else { exit(2) }
        // A small one is still to be had, with what the pool keeps for later given back.
        let most = held.count
        held.removeLast(2)
        guard (try? lab.memory.allocate(1000, .device)) != nil else { exit(3) }
        held.removeAll()
        guard fill() == code, held.count >= most - 1 else { exit(4) }
        held.removeAll()
        lab.memory.clearCache()
        let counters = lab.device.counters
        if counters.liveBytes != 0 || counters.bytes != 0 { exit(5) }
      }
    }
  }
}

/// What the process has now and this much more.
private func setAddressSpaceLimit(_ more: UInt) {
  var pages: UInt = 0
  if let file = fopen("/proc/self/statm", "r") {
    var line = [CChar](repeating: 0, count: 100)
    if fgets(&line, 100, file) != nil { pages = strtoul(line, nil, 10) }
    fclose(file)
  }
  var limit = rlimit()
  getrlimit(__rlimit_resource_t(9), &limit)
  limit.rlim_cur = pages * 4096 + more
  setrlimit(__rlimit_resource_t(9), &limit)
}
