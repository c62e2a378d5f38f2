import Swoop

extension Samples {
  // MARK: Kernels.md

  static func mixed(_ x: Tensor, _ y: Tensor, on device: Device) throws -> Tensor {
    // sample
    let source = """
      #version 460
      #extension GL_GOOGLE_include_directive : require
      #include "Common.glsl"

      layout(local_size_x_id = 0) in;
      layout(constant_id = 3) const uint X_MODE = 0;
      layout(constant_id = 4) const uint Y_MODE = 0;
      layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };

      void main() {
        Block block = Block(blockAddress);
        uint groups = block.words[1];
        uint group = gl_WorkGroupID.x + gl_NumWorkGroups.x * gl_WorkGroupID.y;
        uint entry = group / groups;
        uint i = group % groups * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
        if (entry >= block.batch || i >= block.words[0]) return;

        Floats x = Floats(entryAddress(block.operands[0], X_MODE, entry));
        Floats y = Floats(entryAddress(block.operands[1], Y_MODE, entry));
        Floats result = Floats(advanced(block.result.address, entry, block.result.stride));
        float share = uintBitsToFloat(block.words[2]);
        result.at[i] = mix(x.at[i], y.at[i], share);
      }
      """
    let mix = try device.kernel(source: source, name: "mix.comp")
    let middle = try mix(x, y, resultShape: x.shape, words: [Float(0.5).bitPattern])
    // sample ends
    return middle
  }

  // MARK: Coalescing.md

  static func shared(
    _ sample: Tensor, _ list: [Tensor], weight: Tensor, bias: Tensor, on device: Device
  ) async throws -> [Tensor] {
    let samples = AsyncStream<Tensor> { stream in
      for sample in list { stream.yield(sample) }
      stream.finish()
    }
    // sample
    let coalesced = Coalescer(on: device) { x in try x.linear(weight, bias: bias).relu() }
    let y = try await coalesced(sample)  // suspends until the result is there
    let future = try coalesced.enqueue(sample)  // returns at once; reading it waits
    for try await y in coalesced.results(for: samples, inFlight: 128) {  // in order
      print(try await y.array(as: Float.self))
    }
    await coalesced.shutdown()  // answers what was accepted
    // sample ends
    return [y, future]
  }

  static func scope(
    _ list: [Tensor], on device: Device, decide: @escaping @Sendable (Tensor) async throws -> Void
  ) async throws {
    // sample
    try await device.coalescing {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for sample in list { group.addTask { try await decide(sample) } }
        try await group.waitForAll()
      }
    }
    // sample ends
  }
}
