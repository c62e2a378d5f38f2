import Swoop
import Testing

/// Kernels that a driver might crash on, or that cannot work: refused before it sees them.
@Suite struct KernelRefusalTests {
  struct Bad: Sendable, CustomTestStringConvertible {
    let what: String
    var declarations = ""
    var main = ""
    var layout = "layout(local_size_x_id = 0) in;"
    var include = "#include \"Common.glsl\""
    /// What the message has to say.
    let says: String
    var code = TensorError.Code.kernelCompilation
    var testDescription: String { what }

    var source: String {
      """
      #version 460
      #extension GL_GOOGLE_include_directive : require
      \(include)
      \(layout)
      layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };
      \(declarations)
      void main() {
        \(main)
      }
      """
    }
  }

  /// Writes something that depends on `x`, so that no optimiser removes it.
  private static func writing(_ x: String) -> String {
    "Block block = Block(blockAddress); Floats(block.result.address).at[0] = float(\(x));"
  }

  static let bad = [
    Bad(
      what: "a storage buffer",
      declarations: "layout(set = 0, binding = 3) buffer Data { float values[]; } data;",
      main: writing("data.values[0]"), says: "set 0, binding 3"),
    Bad(
      what: "a uniform buffer",
      declarations: "layout(set = 1, binding = 0) uniform Data { vec4 value; } data;",
      main: writing("data.value.x"), says: "descriptor (set 1, binding 0"),
    Bad(
      what: "an image", declarations: "layout(binding = 0, r32f) uniform image2D picture;",
      main: writing("imageLoad(picture, ivec2(0)).x"), says: "descriptor"),
    Bad(
      what: "a sampler", declarations: "layout(binding = 0) uniform sampler2D picture;",
      main: writing("textureLod(picture, vec2(0), 0).x"), says: "descriptor"),
    Bad(
      what: "a megabyte of shared memory", declarations: "shared float cache[262144];",
      main: "cache[gl_LocalInvocationID.x] = 1; barrier(); " + writing("cache[words()]"),
      says: "1048576 bytes of shared memory", code: .unsupported),
    Bad(
      what: "shared memory that grows with the workgroup",
      declarations: "shared vec4 cache[gl_WorkGroupSize.x * 8192 + 1];",
      main: "cache[gl_LocalInvocationID.x] = vec4(1); barrier(); " + writing("cache[words()].x"),
      says: "8388624 bytes of shared memory", code: .unsupported),
    Bad(
      what: "a workgroup of its own",
      main: writing("1"), layout: "layout(local_size_x = 32) in;", says: "workgroups of 32 × 1 × 1"),
    Bad(
      what: "a workgroup that is too large", main: writing("1"),
      layout: "layout(local_size_x = 1024, local_size_y = 8) in;",
      says: "workgroups of 1024 × 8 × 1"),
    Bad(
      what: "two dimensions", main: writing("1"),
      layout: "layout(local_size_x_id = 0, local_size_y = 2) in;", says: "workgroups of 64 × 2 × 1"),
    Bad(
      what: "push constants that do not fit",
      declarations: "layout(push_constant) uniform Mine { uvec2 address; uvec2 more; };",
      main: "Floats(address).at[0] = float(more.x);", include: plain,
      says: "16 bytes of push constants"),
    Bad(
      what: "push constants far out",
      declarations: "layout(push_constant) uniform Mine { layout(offset = 96) uvec2 address; };",
      main: "Floats(address).at[0] = 1;", include: plain, says: "104 bytes of push constants"),
    Bad(what: "no look at the block", says: "never looks at the argument block"),
    Bad(
      what: "no contract at all", include: plain, says: "never looks at the argument block"),
    Bad(
      what: "another entry point",
      declarations: "void start() { \(writing("1")) }\n#define main other",
      main: writing("1"), says: ""),
    Bad(
      what: "much memory an invocation",
      main: """
        Block block = Block(blockAddress);
        float own[65536];
        for (uint i = 0; i < block.words[0]; i++) own[i * 7919u % 65536u] = float(i);
        Floats(block.result.address).at[0] = own[block.words[1]];
        """, says: "bytes of variables an invocation"),
    Bad(
      what: "a capability that is not enabled",
      declarations:
        "#extension GL_KHR_memory_scope_semantics : require\n#pragma use_vulkan_memory_model",
      main: writing("1"), says: "VulkanMemoryModel", code: .unsupported),
  ]

  private static let plain =
    "#extension GL_EXT_buffer_reference : require\n#extension GL_EXT_buffer_reference_uvec2 : require"

  @Test(arguments: TestDevices.vulkan, bad) func isRefused(_ device: Device, _ bad: Bad) throws {
    let source = bad.source.replacing("words()", with: "Block(blockAddress).words[1] % 64u")
    let error = #expect(throws: TensorError.self) {
      try device.kernel(source: source, name: "bad.comp")
    }
    #expect(error?.code == bad.code, "\(String(describing: error))")
    #expect(error?.message.contains("bad.comp") == true, "\(String(describing: error))")
    if !bad.says.isEmpty {
      #expect(error?.message.contains(bad.says) == true, "\(String(describing: error))")
    }
  }

  /// What stands beside the refused: within the limits, and it runs.
  @Test(arguments: TestDevices.vulkan) func sharedMemoryWithinTheLimitsRuns(
    _ device: Device
  ) throws {
    let good = Bad(
      what: "good", declarations: "shared vec4 cache[gl_WorkGroupSize.x * 2];",
      main: """
        Block block = Block(blockAddress);
        uint i = gl_LocalInvocationID.x;
        cache[2u * i] = vec4(Floats(block.operands[0].address).at[i]);
        barrier();
        Floats(block.result.address).at[i] = cache[2u * (31u - i)].w;
        """, says: "")
    let kernel = try device.kernel(source: good.source, workgroup: 32)
    let x = try Tensor((0..<32).map { Float($0) }, shape: [32], on: device)
    let y = try kernel(x, resultShape: [32])
    #expect(try y.blockingArray(as: Float.self) == (0..<32).map { Float(31 - $0) })
  }

  /// A push constant of one's own will do, if it is the address.
  @Test(arguments: TestDevices.vulkan) func aBlockOfOnesOwnRuns(_ device: Device) throws {
    let good = Bad(
      what: "good",
      declarations: """
        layout(buffer_reference, std430, buffer_reference_align = 16) readonly buffer Mine {
          uvec4 grid; uvec4 report; uvec2 result; uvec2 rest;
        };
        layout(push_constant) uniform Push { uvec2 address; };
        """, main: "Floats(Mine(address).result).at[gl_LocalInvocationID.x] = 7;",
      include: KernelRefusalTests.plain, says: "")
    let kernel = try device.kernel(source: good.source, workgroup: 4)
    let x = try Tensor([0] as [Float], shape: [1], on: device)
    #expect(
      try kernel(x, resultShape: [4]).blockingArray(as: Float.self) == [7, 7, 7, 7] as [Float])
  }
}
