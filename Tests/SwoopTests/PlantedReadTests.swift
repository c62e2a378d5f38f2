import Glibc
import Swoop
import Testing

/// For the job with GPU-assisted validation, which must be able to fail: a read far beyond a buffer.
@Suite struct PlantedReadTests {
  @Test(.enabled(if: getenv("SWOOP_PLANT_READ") != nil))
  func readsBeyondItsBuffer() throws {
    let kernel = try Device.default().kernel(
      source: """
        #version 460
        #extension GL_GOOGLE_include_directive : require
        #include "Common.glsl"
        layout(local_size_x_id = 0) in;
        layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };
        void main() {
          Block block = Block(blockAddress);
          if (gl_GlobalInvocationID.x >= block.words[0]) return;
          Floats(block.result.address).at[gl_GlobalInvocationID.x] =
            Floats(block.operands[0].address).at[gl_GlobalInvocationID.x + 4096];
        }
        """)
    let x = try Tensor([1, 2, 3, 4] as [Float], shape: [4], on: .default())
    _ = try kernel(x, resultShape: x.shape).blockingArray(as: Float.self)
  }
}
