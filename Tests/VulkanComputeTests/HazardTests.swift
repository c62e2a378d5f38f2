import Testing

@testable import VulkanCompute

@Suite("The hazard checker")
struct HazardTests {
  private typealias Entry = CommandBuffer.Entry

  private static func reading(_ range: Range<UInt64>) -> MemoryAccess {
    MemoryAccess(reads: [range], writes: [])
  }
  private static func writing(_ range: Range<UInt64>) -> MemoryAccess {
    MemoryAccess(reads: [], writes: [range])
  }

  /// Two accesses to overlapping memory, and what is wrong without a barrier between them.
  static let pairs: [(earlier: MemoryAccess, later: MemoryAccess, kind: String?)] = [
    (writing(0..<100), reading(99..<200), "read after write"),
    (reading(0..<100), writing(50..<60), "write after read"),
    (writing(50..<60), writing(0..<100), "write after write"),
    (reading(0..<100), reading(0..<100), nil),
    (writing(0..<100), reading(100..<200), nil),
    (writing(100..<200), writing(0..<100), nil),
    (writing(50..<50), reading(0..<100), nil),
    (
      MemoryAccess(reads: [0..<10, 20..<30], writes: [40..<50]),
      MemoryAccess(reads: [10..<20, 45..<46], writes: [60..<70]), "read after write"
    ),
  ]

  @Test("Within a submission, and not across a barrier", arguments: pairs.indices)
  func withinSubmission(index: Int) {
    let pair = Self.pairs[index]
    var checker = HazardChecker()
    let found = checker.add(
      [.dispatch, .dispatch], [pair.earlier, pair.later], value: 1, finished: 0)
    #expect((found == nil) == (pair.kind == nil))
    if let kind = pair.kind { #expect(found?.contains(kind) == true) }

    var separated = HazardChecker()
    #expect(
      separated.add(
        [.dispatch, .barrier, .dispatch], [pair.earlier, pair.later], value: 1, finished: 0)
        == nil)
  }

  @Test("Across submissions in flight", arguments: pairs.indices)
  func acrossSubmissions(index: Int) {
    let pair = Self.pairs[index]
    var checker = HazardChecker()
    #expect(checker.add([.dispatch], [pair.earlier], value: 1, finished: 0) == nil)
    let before = checker
    let found = checker.add([.dispatch], [pair.later], value: 2, finished: 0)
    #expect((found == nil) == (pair.kind == nil))
    if let kind = pair.kind {
      #expect(found?.contains(kind) == true)
      #expect(found?.contains("submission 1") == true)
    }

    checker = before
    #expect(checker.add([.dispatch], [pair.later], value: 2, finished: 1) == nil)
    checker = before
    #expect(checker.add([.barrier, .dispatch], [pair.later], value: 2, finished: 0) == nil)
    checker = before
    #expect(checker.add([.barrier], [], value: 2, finished: 0) == nil)
    #expect(checker.add([.dispatch], [pair.later], value: 3, finished: 0) == nil)
  }

  @Test("A barrier at the end of a submission serves the next; one after a dispatch does not it")
  func barrierPlaces() {
    var checker = HazardChecker()
    let write = Self.writing(0..<10)
    #expect(checker.add([.dispatch, .barrier], [write], value: 1, finished: 0) == nil)
    #expect(checker.add([.dispatch, .barrier], [write], value: 2, finished: 0) == nil)
    #expect(checker.add([.barrier, .dispatch], [write], value: 3, finished: 0) == nil)
    #expect(checker.add([.dispatch, .barrier], [write], value: 4, finished: 0) != nil)
  }

  @Test("What was refused leaves no trace")
  func refused() {
    var checker = HazardChecker()
    let write = Self.writing(0..<10)
    let other = Self.writing(10..<20)
    #expect(checker.add([.dispatch], [write], value: 1, finished: 0) == nil)
    #expect(checker.add([.dispatch, .dispatch], [other, write], value: 2, finished: 0) != nil)
    #expect(checker.add([.dispatch], [other], value: 2, finished: 0) == nil)
  }

  @Test("Only what has finished is forgotten")
  func forgetting() {
    var checker = HazardChecker()
    for value in 1...10 as ClosedRange<UInt64> {
      let access = Self.writing(value * 10..<value * 10 + 10)
      #expect(checker.add([.dispatch], [access], value: value, finished: 0) == nil)
    }
    let five = checker.add([.dispatch], [Self.reading(50..<51)], value: 11, finished: 5)
    #expect(five == nil)
    let six = checker.add([.dispatch], [Self.reading(60..<61)], value: 12, finished: 5)
    #expect(six?.contains("submission 6") == true)
  }

  @Test("An access in one dispatch is no conflict with itself")
  func inPlace() {
    var checker = HazardChecker()
    let access = MemoryAccess(reads: [0..<10], writes: [0..<10])
    #expect(checker.add([.dispatch], [access], value: 1, finished: 0) == nil)
  }
}
