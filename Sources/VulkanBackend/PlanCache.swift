import Kernels
import ShaderCompiler
import SwoopCore
import VulkanCompute

/// Makes plans, which their signatures keep, and pipelines, each once a device.
final class PlanCache: Sendable {
  private let compiler = ShaderCompiler()
  private let device: VulkanDevice
  let target: KernelTarget
  private let pipelines = Lock<[PipelineKey: ReplayablePipeline]>([:])

  // What the source of a choice is made of: to hash all the files that it may include would take a
  // third of a millisecond, for every new size of a batch.
  private struct PipelineKey: Hashable {
    let file: String
    let source: String?
    let definitions: [String: String]
    let constants: [UInt32]
  }

  /// The GLSL by file.
  let files: [String: String]

  init(_ device: VulkanDevice, files: [String: String] = KernelSource.all) {
    self.device = device
    self.files = files
    let isSoftware = device.physical.kind == .software
    target = KernelTarget(
      isSoftware: isSoftware,
      // The tests of every access make a large tile too much for lavapipe as well.
      compilesSlowly: isSoftware
        && (device.options.checked || device.physical.name.contains("SwiftShader")),
      hasFloat64: device.physical.supportsFloat64)
  }

  func plan(for interned: InternedSignature) throws(TensorError) -> SignaturePlan {
    try interned.plan { () throws(TensorError) in
      SignaturePlan(try makePlan(interned.signature, target), interned.signature, cache: self)
    }
  }

  func pipeline(for choice: KernelChoice) throws -> ReplayablePipeline {
    let key = PipelineKey(
      file: choice.file, source: choice.source, definitions: choice.definitions,
      constants: choice.constants)
    if let pipeline = pipelines.withLock({ $0[key] }) { return pipeline }
    let spirv = try ProcessEnd.heldOff { try self.spirv(of: choice) }
    // Sizes may depend on the operand modes, which are known only here.
    if choice.source != nil { try check(choice, spirv) }
    let made = ReplayablePipeline(
      try ComputePipeline(device, spirv: spirv, constants: choice.constants))
    return pipelines.withLock { pipelines in
      if let pipeline = pipelines[key] { return pipeline }
      pipelines[key] = made
      return made
    }
  }

  /// What the driver is given for a kernel.
  func spirv(of choice: KernelChoice) throws(ShaderError) -> [UInt32] {
    let spirv = try compiler.compile(source(of: choice))
    // A chain in one kernel gives bitwise what its operations give in several.
    return choice.file == "Elementwise.comp" ? withoutContraction(spirv) : spirv
  }

  /// Refuses a user's kernel that the driver must not be given.
  func check(_ choice: KernelChoice, _ spirv: [UInt32]) throws(TensorError) {
    let obstacle = device.physical.obstacle(
      to: spirv, constants: choice.constants, workgroup: Int(choice.constants[0]))
    guard let obstacle else { return }
    throw TensorError(
      obstacle.isOfDevice ? .unsupported : .kernelCompilation, "\(choice.file) \(obstacle.text)")
  }

  func source(of choice: KernelChoice) -> ShaderSource {
    var definitions = choice.definitions
    var text = choice.source ?? files[choice.file] ?? ""
    if device.options.checked {
      definitions["CHECKED"] = "1"
      if choice.source == nil {
        definitions["CHECKED_AT_THE_END"] = "1"
        text += "\n#include \"CheckedMain.glsl\"\n"
      }
    }
    if target.loadsWide { definitions["WIDE_LOADS"] = "1" }
    // Software drivers do so unasked, and SwiftShader gets sums over several axes wrong if asked.
    if device.physical.keepsNaNs, device.physical.kind != .software {
      definitions["KEEP_NANS"] = "1"
    }
    return ShaderSource(
      name: choice.file, text: text, includes: files, definitions: definitions)
  }
}

/// The plan of one signature, with the kernels chosen so far for its variants.
final class SignaturePlan: Sendable {
  let plan: any KernelPlan
  // Asked for with every operation, hence kept.
  let entryOffsets: [[Int]]
  let extents: [Int]
  let resultExtent: Int
  let gathersOperands: Bool
  /// Bytes of an element of each operand, and of the result.
  let elementBytes: [Int]
  let resultBytes: Int
  let indexTest: IndexTest?
  private unowned let cache: PlanCache
  private let launches = Lock<[UInt64: Launch]>([:])

  init(_ plan: any KernelPlan, _ signature: Signature, cache: PlanCache) {
    self.plan = plan
    entryOffsets = plan.entryOffsets
    extents = plan.extents
    resultExtent = plan.resultExtent
    gathersOperands = plan.gathersOperands
    elementBytes = signature.operands.map(\.elementType.byteCount)
    indexTest = plan.indexTest
    resultBytes = signature.result.elementType.byteCount
    self.cache = cache
  }

  func launch(for key: VariantKey) throws -> Launch {
    if let launch = launches.withLock({ $0[key.bits] }) { return launch }
    let variant = key.variant
    let choice = plan.choice(for: variant)
    let made = Launch(choice, variant, pipeline: try cache.pipeline(for: choice))
    return launches.withLock { launches in
      if let launch = launches[key.bits] { return launch }
      if launches.count >= 1024 { launches.removeAll() }
      launches[key.bits] = made
      return made
    }
  }
}

/// A variant in 64 bits: mode and alignment of up to three operands, and the entries.
struct VariantKey {
  private(set) var bits: UInt64
  private var count = 0

  init(entries: Int) { bits = UInt64(UInt32(truncatingIfNeeded: entries)) << 32 }

  mutating func append(_ mode: OperandMode, isAligned: Bool) {
    let operand = UInt64(mode.rawValue) << 1 | (isAligned ? 1 : 0)
    // A leading one for each, so that the number of operands counts.
    bits |= (operand | 8) << UInt64(count * 4)
    count += 1
  }

  var variant: Variant {
    var variant = Variant(modes: [], aligned: [], entries: Int(bits >> 32))
    for index in 0..<count {
      let operand = bits >> UInt64(index * 4)
      variant.modes.append(OperandMode(rawValue: UInt32(operand >> 1 & 3)) ?? .table)
      variant.aligned.append(operand & 1 == 1)
    }
    return variant
  }
}

/// A pipeline with the words and the grid of one variant.
final class Launch: Sendable {
  let pipeline: ReplayablePipeline
  let words: [UInt32]
  let grid: Grid
  let entries: Int
  /// Bytes from the block's start to each operand's table; nil for operands without.
  let tableOffsets: [Int?]
  let byteCount: Int

  init(_ choice: KernelChoice, _ variant: Variant, pipeline: ReplayablePipeline) {
    self.pipeline = pipeline
    words = choice.words
    grid = Grid(workgroups: choice.workgroups)
    entries = variant.entries
    var offset = ArgumentBlock.tablesOffset(words: choice.words.count)
    var tables: [Int?] = []
    for mode in variant.modes {
      tables.append(mode == .table ? offset : nil)
      if mode == .table { offset += variant.entries * choice.tableWidth * 8 }
    }
    tableOffsets = tables
    byteCount = offset
  }
}

/// A pipeline with command buffers that launch it, recorded once. Grid and arguments lie in
/// memory, so any of them serves every launch whose block is no larger.
final class ReplayablePipeline: Sendable {
  let compute: ComputePipeline
  private let slots = Lock<[Key: [ReplaySlot]]>([:])

  private struct Key: Hashable {
    let capacity: Int
    let isFenced: Bool
  }

  init(_ compute: ComputePipeline) { self.compute = compute }

  /// A command buffer that nobody uses, or a new one.
  func takeSlot(
    bytes: Int, fenced: Bool, on device: VulkanDevice
  ) throws(VulkanError) -> ReplaySlot {
    var capacity = 512
    while capacity < bytes { capacity *= 2 }
    let key = Key(capacity: capacity, isFenced: fenced)
    if let slot = slots.withLock({ $0[key]?.popLast() }) { return slot }
    return try ReplaySlot(compute, capacity: capacity, fenced: fenced, on: device)
  }

  func giveBack(_ slot: ReplaySlot) {
    let key = Key(capacity: slot.block.byteCount, isFenced: slot.isFenced)
    slots.withLock { $0[key, default: []].append(slot) }
  }
}

/// A command buffer recorded once, with the argument block that it reads.
final class ReplaySlot: Sendable {
  let commands: CommandBuffer
  let block: Allocation
  /// Whether it begins with a barrier against what was submitted before.
  let isFenced: Bool

  init(
    _ pipeline: ComputePipeline, capacity: Int, fenced: Bool, on device: VulkanDevice
  ) throws(VulkanError) {
    isFenced = fenced
    let block = try device.memory.allocate(capacity, .upload)
    self.block = block
    commands = try CommandBuffer(device)
    try commands.record { encoder in
      if fenced { encoder.barrier() }
      encoder.dispatchIndirect(pipeline, block: block)
    }
  }
}

/// Command buffers that are recorded anew each time.
final class RecorderPool: Sendable {
  private let device: VulkanDevice
  private let free = Lock<[CommandBuffer]>([])

  init(_ device: VulkanDevice) { self.device = device }

  func take() throws(VulkanError) -> CommandBuffer {
    if let buffer = free.withLock({ $0.popLast() }) { return buffer }
    return try CommandBuffer(device)
  }

  /// Keeps it for the next; of a recording of thousands of dispatches, which holds megabytes in
  /// the driver, only the handle.
  func giveBack(_ buffer: CommandBuffer) {
    if buffer.dispatches >= 1024 { buffer.trim() }
    free.withLock { $0.append(buffer) }
  }

  func clear() { free.withLock { $0 = [] } }
}
