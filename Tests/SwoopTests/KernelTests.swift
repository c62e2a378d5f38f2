import Swoop
import Testing

/// Kernels of the user's own.
@Suite struct KernelTests {
  private static let scale = """
    #version 460
    #extension GL_GOOGLE_include_directive : require
    #include "Common.glsl"
    layout(local_size_x_id = 0) in;
    layout(constant_id = 3) const uint MODE = 0;
    layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };
    void main() {
      Block block = Block(blockAddress);
      uint groups = block.words[1];
      uint group = gl_WorkGroupID.x + gl_NumWorkGroups.x * gl_WorkGroupID.y;
      uint entry = group / groups;
      uint i = group % groups * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
      if (entry >= block.batch || i >= block.words[0]) return;
      Floats x = Floats(entryAddress(block.operands[0], MODE, entry));
      Floats y = Floats(advanced(block.result.address, entry, block.result.stride));
      y.at[i] = x.at[i] * float(block.words[2]);
    }
    """

  @Test(arguments: TestDevices.vulkan) func aKernelRunsOnEveryPath(_ device: Device) throws {
    let kernel = try device.kernel(source: KernelTests.scale, name: "scale.comp")
    let samples = try (0..<10).map { sample in
      try Tensor((0..<100).map { Float($0 + sample) }, shape: [100], on: device)
    }
    func run() throws -> [Tensor] {
      try samples.map { try kernel($0, resultShape: [100], words: [3]) + 1 }
    }
    for results in [
      try device.blockingPerOp(run), try device.blockingRecorded(run),
      try device.blockingBatch(run),
    ] {
      for (sample, result) in results.enumerated() {
        let expected = (0..<100).map { Float(($0 + sample) * 3 + 1) }
        #expect(try result.blockingArray(as: Float.self) == expected)
      }
    }
  }

  @Test(arguments: TestDevices.vulkan) func aGLSLErrorHasFileAndLine(_ device: Device) {
    let source = "#version 460\nvoid main() {\n  float x = nonsense;\n}\n"
    let error = #expect(throws: TensorError.self) {
      try device.kernel(source: source, name: "mine.comp")
    }
    #expect(error?.code == .kernelCompilation)
    #expect(error?.message.contains("mine.comp:3") == true, "\(String(describing: error))")
  }

  @Test func theCPURunsNoKernels() {
    let error = #expect(throws: TensorError.self) {
      try Device.cpu.kernel(source: KernelTests.scale)
    }
    #expect(error?.code == .unsupported)
  }

  @Test(arguments: TestDevices.vulkan) func badArgumentsAreErrors(_ device: Device) throws {
    #expect(throws: TensorError.self) {
      try device.kernel(source: KernelTests.scale, workgroup: 0)
    }
    let kernel = try device.kernel(source: KernelTests.scale)
    let x = try Tensor([1, 2] as [Float], shape: [2], on: device)
    let other = try Tensor([1, 2] as [Float], shape: [2], on: .cpu)
    #expect(throws: TensorError.self) { try kernel(resultShape: [2]) }
    #expect(throws: TensorError.self) { try kernel(other, resultShape: [2]) }
    #expect(throws: TensorError.self) { try kernel(x, resultShape: [-2]) }
    #expect(throws: TensorError.self) { try kernel(x, x, x, x, resultShape: [2]) }
    #expect(throws: TensorError.self) { try kernel(x, resultShape: [2], invocations: -1) }
  }
}
