import ShaderCompiler
import Synchronization
import Testing

@testable import VulkanCompute

/// One kernel serves all tests: `result[i] = a[i] * scale + b[i]`, after as many rounds of
/// useless work as asked for. Specialisation constant 0 is the width of a workgroup.
enum TestKernel {
  static let words = Result {
    try ShaderCompiler(cacheDirectory: .disabled).compile(
      ShaderSource(name: "Test.comp", text: text))
  }

  static let text = """
    #version 460
    #extension GL_EXT_buffer_reference : require
    #extension GL_EXT_buffer_reference_uvec2 : require
    layout(local_size_x_id = 0) in;
    layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer Block {
      uint gridX, gridY, gridZ, count;
      uvec2 a, b, result;
      float scale;
      uint skipped, rounds;
    };
    layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };
    layout(push_constant) uniform Push { uvec2 blockAddress; };
    void main() {
      Block block = Block(blockAddress);
      uint i = gl_GlobalInvocationID.x;
      if (i >= block.count || i == block.skipped) return;
      uint state = i;
      for (uint round = 0; round < block.rounds; round++) {
        state = (state ^ (state >> 15)) * 747796405u + 2891336453u;
      }
      float x = state == 0xFFFFFFFFu ? 1.0 : 0.0;
      Floats(block.result).at[i] =
        Floats(block.a).at[i] * block.scale + Floats(block.b).at[i] + x;
    }
    """

  /// What the kernel reads from its argument block.
  struct Arguments {
    var grid: (UInt32, UInt32, UInt32) = (0, 1, 1)
    var count: UInt32 = 0
    var a: UInt64 = 0
    var b: UInt64 = 0
    var result: UInt64 = 0
    var scale: Float = 1
    var skipped: UInt32 = .max
    var rounds: UInt32 = 0
  }
}

/// A dispatch of the test kernel: its memory, its commands, and what came of it.
final class Job: SubmittedWork {
  let lab: DeviceParts
  let commands: CommandBuffer
  let block: Allocation
  let a: Allocation
  let b: Allocation
  let result: Allocation
  let count: Int
  /// How often the queue said that it is done, and how often the result was there then. Looked
  /// for only if asked to: the owner may have gone on to the next round meanwhile.
  let retired = Atomic<Int>(0)
  let retiredRight = Atomic<Int>(0)

  /// What a job needs of a lab; a job in flight must not hold the device.
  struct DeviceParts: Sendable {
    let pipeline: ComputePipeline
  }

  private let looksWhenRetired: Bool

  init(
    _ lab: Lab, count: Int = 100, a: Allocation? = nil, looksWhenRetired: Bool = false
  ) throws {
    self.looksWhenRetired = looksWhenRetired
    self.lab = DeviceParts(pipeline: lab.pipeline)
    self.count = count
    commands = try CommandBuffer(lab.device)
    block = try lab.memory.allocate(MemoryLayout<TestKernel.Arguments>.size, .upload)
    self.a = try a ?? lab.memory.allocate(count * 4, .upload)
    b = try lab.memory.allocate(count * 4, .upload)
    result = try lab.memory.allocate(count * 4, .readback)
    arguments = TestKernel.Arguments()
  }

  /// The argument block, as the host sees it.
  var arguments: TestKernel.Arguments {
    get { block.contents?.load(as: TestKernel.Arguments.self) ?? TestKernel.Arguments() }
    set {
      var full = newValue
      full.count = UInt32(count)
      full.grid = (UInt32(count + 63) / 64, 1, 1)
      if full.a == 0 { full.a = a.address }
      if full.b == 0 { full.b = b.address }
      if full.result == 0 { full.result = result.address }
      block.contents?.storeBytes(of: full, as: TestKernel.Arguments.self)
    }
  }

  /// Whole numbers, so that every order of rounding gives the same.
  func fill(_ seed: Int) {
    var noise = Noise(seed)
    let (a, b) = (a.words(Float.self), b.words(Float.self))
    for index in 0..<count {
      a[index] = Float(Int.random(in: -1000...1000, using: &noise))
      b[index] = Float(Int.random(in: -1000...1000, using: &noise))
    }
  }

  /// Records this job's dispatch alone.
  func record(indirect: Bool = true) throws {
    try commands.record { encode(&$0, indirect: indirect) }
  }

  func encode(_ encoder: inout CommandEncoder, indirect: Bool = true) {
    if indirect {
      encoder.dispatchIndirect(lab.pipeline, block: block)
    } else {
      encoder.dispatch(
        lab.pipeline, block: block.address, groups: (UInt32(count + 63) / 64, 1, 1))
    }
  }

  /// What the dispatch touches.
  var access: MemoryAccess {
    MemoryAccess(reads: [a.range, b.range], writes: [result.range])
  }

  func submit(to queue: ComputeQueue) throws -> UInt64 {
    try queue.submit(commands, retaining: self, accesses: [access])
  }

  /// Whether the result is what the inputs ask for.
  var isRight: Bool {
    let scale = arguments.scale
    let (a, b, result) = (a.words(Float.self), b.words(Float.self), result.words(Float.self))
    return (0..<count).allSatisfy { result[$0] == a[$0] * scale + b[$0] }
  }

  func retire() {
    retired.wrappingAdd(1, ordering: .relaxed)
    if looksWhenRetired, isRight { retiredRight.wrappingAdd(1, ordering: .relaxed) }
  }
}
