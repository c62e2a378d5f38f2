import SwoopCore
import VulkanCompute

/// Where the kernel of a launch reports bad indices, one place for each entry.
struct IndexReports {
  /// As Indices.glsl declares it: 16 digits to the base 4, and a word for each of their values.
  private static let digits = 16
  private static let bytes = digits * 4 * 4
  private static let none = UInt32.max

  private let memory: Allocation
  private let test: IndexTest
  private let submission: VulkanSubmission

  init(_ test: IndexTest, count: Int, _ submission: VulkanSubmission, _ memory: Allocation) {
    (self.test, self.submission, self.memory) = (test, submission, memory)
    memory.contents?.initializeMemory(
      as: UInt8.self, repeating: 0xFF, count: count * IndexReports.bytes)
  }

  static func byteCount(_ entries: Int) -> Int { entries * bytes }

  var address: UInt64 { memory.address }

  subscript(entry: Int) -> any IndexReport {
    Entry(
      memory: memory, offset: entry * IndexReports.bytes, test: test, submission: submission)
  }

  private struct Entry: IndexReport {
    let memory: Allocation
    let offset: Int
    let test: IndexTest
    let submission: VulkanSubmission

    var isFinished: Bool { submission.isKnownDone }

    var error: TensorError? {
      guard let contents = memory.contents else { return nil }
      let words = (contents + offset).assumingMemoryBound(to: UInt32.self)
      let position = (0..<4).reduce(none) { Swift.min($0, words[$1]) }
      if position == none { return nil }
      var index: UInt32 = 0
      for digit in 0..<digits {
        for value in 0..<4 where words[digit * 4 + value] == position {
          index |= UInt32(value) << UInt32(digit * 2)
        }
      }
      return .indexOutOfRange(
        test.operation, index: Int(Int32(bitPattern: index)), position: Int(position),
        size: test.size)
    }
  }
}

extension SignaturePlan {
  /// Places for so many entries, if the operation has indices.
  func indexReports(count: Int, _ submission: VulkanSubmission) throws -> IndexReports? {
    guard let indexTest else { return nil }
    let memory = try submission.allocateReports(byteCount: IndexReports.byteCount(count))
    return IndexReports(indexTest, count: count, submission, memory)
  }
}
