/// What random numbers are made from: the same key gives the same numbers, on every device and
/// in whatever order they are made. A key is used once; `split` makes as many as are needed, which
/// have nothing to do with each other or with the numbers of the key they come from.
///
/// A key is a place in the sequence of Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel
/// random numbers: as easy as 1, 2, 3", 2011): its key and the upper half of its counter. Not for
/// secrets.
public struct RandomKey: Sendable, Hashable {
  /// Philox's key, then words 2 and 3 of its counter. Word 0 counts the blocks of four numbers,
  /// word 1 says what a block is for.
  package let words: SIMD4<UInt32>

  package init(words: SIMD4<UInt32>) { self.words = words }

  /// The key of a number: every one has another.
  public init(seed: UInt64) {
    words = SIMD4(
      UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32), 0, 0)
  }

  // What a block is for: numbers, more bits of the same numbers, keys, orders.
  package static let (numbers, moreBits, keys, orders) = (
    UInt32(0), UInt32(1), UInt32(2), UInt32(3)
  )

  /// Two new keys.
  public func split() -> (RandomKey, RandomKey) { (child(0), child(1)) }

  /// New keys, none for a number of 0 or less. The first ones are those that `split()` gives.
  public func split(_ count: Int) -> [RandomKey] {
    (0..<Swift.max(count, 0)).map { child(UInt32(truncatingIfNeeded: $0)) }
  }

  private func child(_ index: UInt32) -> RandomKey {
    RandomKey(words: block(index, RandomKey.keys))
  }

  /// Four random words.
  package func block(_ index: UInt32, _ purpose: UInt32) -> SIMD4<UInt32> {
    RandomKey.philox(
      SIMD4(index, purpose, words[2], words[3]), key: SIMD2(words[0], words[1]))
  }

  /// Philox4x32-10 of a counter.
  package static func philox(
    _ counter: SIMD4<UInt32>, key: SIMD2<UInt32>
  ) -> SIMD4<UInt32> {
    var (counter, key) = (counter, key)
    for _ in 0..<10 {
      let first = (0xD251_1F53 as UInt32).multipliedFullWidth(by: counter[0])
      let second = (0xCD9E_8D57 as UInt32).multipliedFullWidth(by: counter[2])
      counter = SIMD4(
        second.high ^ counter[1] ^ key[0], second.low, first.high ^ counter[3] ^ key[1], first.low)
      key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return counter
  }

  /// A number below `limit`, from 64 bits: likelier than others by `limit` · 2⁻⁶⁴ at most.
  package static func number(below limit: UInt64, _ high: UInt32, _ low: UInt32) -> UInt64 {
    (UInt64(high) << 32 | UInt64(low)).multipliedFullWidth(by: limit).high
  }
}
