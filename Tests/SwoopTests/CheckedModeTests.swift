import Swoop
import SwoopCore
import Testing
import VulkanBackend
import VulkanCompute

/// Checked mode must be able to fail: every fault it is there for is planted once.
@Suite struct CheckedModeTests {
  private static let head = """
    #version 460
    #extension GL_GOOGLE_include_directive : require
    #include "Common.glsl"
    layout(local_size_x_id = 0) in;
    layout(constant_id = 3) const uint MODE = 0;
    layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };
    void main() {
      Block block = Block(blockAddress);
      uint i = gl_GlobalInvocationID.x;
      if (i >= block.words[0]) return;
      Floats x = Floats(entryAddress(block.operands[0], MODE, 0));
      Floats y = Floats(block.result.address);

    """

  /// A device of its own, checked whatever the environment says, and not the one of the others:
  /// a planted fault must not end up in their log.
  private static let device: Device? = {
    var options = VulkanDevice.Options.fromEnvironment
    options.checked = true
    return SeparateDevice.make(options)
  }()

  private func run(_ body: String, count: Int = 100) throws -> [Float] {
    let device = try #require(CheckedModeTests.device)
    let kernel = try device.kernel(source: CheckedModeTests.head + body + "}\n", name: "planted")
    let x = try Tensor((0..<count).map { Float($0) }, shape: [count], on: device)
    return try kernel(x, resultShape: [count]).blockingArray()
  }

  private func expectViolation(_ body: String, _ words: String) {
    do {
      _ = try run(body)
      Issue.record("nothing was noticed")
    } catch let error as TensorError {
      #expect(error.code == .memoryViolation)
      #expect(error.message.contains(words), "\(error)")
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func aGoodKernelPasses() throws {
    #expect(try run("y.at[i] = x.at[i] * 2;") == (0..<100).map { Float(2 * $0) })
  }

  @Test func aWriteBehindTheEndIsFound() {
    expectViolation("y.at[i] = 1; if (i == 99) y.at[100 + 4] = 1;", "wrote")
  }

  @Test func aWriteBeforeTheStartIsFound() {
    expectViolation(
      "y.at[i] = 1; if (i == 0) { uvec2 a = block.result.address; a.x -= 8; Floats(a).at[0] = 1; }",
      "wrote")
  }

  @Test func anUnwrittenElementIsFound() {
    expectViolation("if (i != 57) y.at[i] = x.at[i];", "element 57")
  }

  @Test func aReadOfUnwrittenMemoryIsFound() {
    // The padding behind the result has the poison that nobody overwrites; adding keeps it.
    expectViolation("y.at[i] = x.at[i]; if (i == 3) y.at[i] = y.at[60] + 1;", "element")
  }

  @Test func aBadIndexIsFoundInTheKernel() throws {
    expectViolation(
      """
      y.at[i] = x.at[i];
      if (i == 7) { if (permitted(0, 1234, 1)) y.at[i] = x.at[1234]; }
      """, "index 1234 of operand 0, which has 100 elements")
  }

  /// The record that the hazard checker sees is the back end's own; a missing barrier in it is
  /// refused before anything is submitted.
  @Test func aMissingBarrierIsRefused() throws {
    let device = try #require(CheckedModeTests.device)
    let backend = try #require(device.backend as? VulkanBackend)
    let x = try Tensor([1, 2, 3, 4] as [Float], shape: [4], on: device)
    backend.omitsBarriers.store(true, ordering: .relaxed)
    defer { backend.omitsBarriers.store(false, ordering: .relaxed) }
    let error = #expect(throws: TensorError.self) {
      _ = try device.blockingRecorded { try (x + 1) * x }.blockingArray(as: Float.self)
    }
    #expect(error?.code == .memoryViolation)
    #expect(error?.message.contains("read after write") == true, "\(String(describing: error))")
  }
}
