import SwoopCore
import VulkanCompute

/// Collects the operands of one launch, and chooses the kernel for them.
struct LaunchBuilder {
  var dependencies = Dependencies()
  /// Where the kernel reports bad indices; 0 for operations without.
  var indexReports: UInt64 = 0
  private let plan: SignaturePlan
  private let count: Int
  private let isChecked: Bool
  private var key: VariantKey
  private var operands = InlineArray<3, ArgumentBlock.Operand>(
    repeating: ArgumentBlock.Operand(address: 0, stride: 0, extent: 0))
  private var operandCount = 0
  private var tables: [(operand: Int, addresses: [UInt64])] = []
  private var reads: [Range<UInt64>] = []
  /// The addresses of operands that the kernel finds in one table, operand by operand.
  private var gathered: [[UInt64]] = []

  /// - Parameter count: operations that share the launch.
  init(_ plan: SignaturePlan, count: Int, isChecked: Bool) {
    self.plan = plan
    self.count = count
    self.isChecked = isChecked
    key = VariantKey(entries: count * plan.plan.entriesPerOperation)
  }

  mutating func append(_ column: Column) {
    let addresses = Addresses(
      column, count: count, offsets: plan.entryOffsets[operandCount],
      elementBytes: plan.elementBytes[operandCount])
    let extent = plan.extents[operandCount]
    if isChecked {
      let bytes = UInt64(extent * plan.elementBytes[operandCount])
      reads += addresses.all.map { $0..<$0 + bytes }.filter { !$0.isEmpty }
    }
    if plan.gathersOperands {
      gathered.append(addresses.all)
      operandCount += 1
      return
    }
    key.append(addresses.mode, isAligned: addresses.isAligned)
    operands[operandCount] = ArgumentBlock.Operand(
      address: addresses.first, stride: addresses.stride,
      extent: UInt32(truncatingIfNeeded: extent))
    if addresses.mode == .table { tables.append((operandCount, addresses.all)) }
    operandCount += 1
  }

  /// The table of all operands: of the first operation, then of the next.
  private mutating func gather() {
    let isAligned = gathered.allSatisfy { $0.allSatisfy { $0 % 16 == 0 } }
    key.append(.table, isAligned: isAligned)
    let entries = (0..<count).flatMap { entry in gathered.map { $0[entry] } }
    tables = [(0, entries)]
    operandCount = 1
    gathered = []
  }

  func build(_ output: Allocation, entryBytes: Int) throws -> PreparedLaunch {
    if !gathered.isEmpty {
      var whole = self
      whole.gather()
      return try whole.build(output, entryBytes: entryBytes)
    }
    let stride =
      plan.plan.entriesPerOperation == 1 ? entryBytes : plan.resultExtent * plan.resultBytes
    let end = output.address + UInt64(entryBytes * count)
    return PreparedLaunch(
      launch: try plan.launch(for: key), operands: operands, operandCount: operandCount,
      tables: tables, output: output,
      result: ArgumentBlock.Operand(
        address: output.address, stride: UInt32(truncatingIfNeeded: stride),
        extent: UInt32(truncatingIfNeeded: plan.resultExtent)),
      dependencies: dependencies, indexReports: indexReports,
      access: MemoryAccess(reads: reads, writes: isChecked ? [output.address..<end] : []))
  }
}

extension SignaturePlan {
  /// Bytes from one operation's result to the next one's in a launch. A batched product is
  /// several entries, and the entries of all operations must be evenly spaced.
  func resultStride(padded: Int) -> Int {
    plan.entriesPerOperation == 1 || resultExtent == 0
      ? padded : plan.entriesPerOperation * resultExtent * resultBytes
  }
}
