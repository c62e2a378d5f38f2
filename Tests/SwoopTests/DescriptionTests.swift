import Swoop
import Testing

@Suite struct DescriptionTests {
  private func text(_ tensor: Tensor) -> [String] {
    "\(tensor)".split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
  }

  /// A file of a hundred bytes can say that.
  @Test func manyEmptyBracketsAreOne() throws {
    for shape in [[1 << 29, 0], [1 << 20, 0, 5], [0, 1 << 29]] {
      let x = try Tensor.zeros(Shape(shape), on: .cpu)
      #expect(x.description.hasPrefix("[]\nshape ") && x.description.utf8.count < 100)
    }
    #expect(try Tensor.zeros([2, 0], on: .cpu).description.hasPrefix("[[],\n []]"))
  }

  @Test func scalarsAndVectors() throws {
    #expect(try text(Tensor(3.5, on: .cpu)) == ["3.5", "shape [] float32 on cpu"])
    #expect(
      try text(Tensor([1, -20, 3], on: .cpu)) == ["[  1, -20,   3]", "shape [3] int32 on cpu"])
    #expect(try text(Tensor([] as [Float], on: .cpu)) == ["[]", "shape [0] float32 on cpu"])
  }

  @Test func columnsAreAligned() throws {
    let tensor = try Tensor([[1, 22.5], [-3.25, 4]], on: .cpu)
    #expect(
      text(tensor) == [
        "[[ 1.0 , 22.5 ],", " [-3.25,  4.0 ]]", "shape [2, 2] float32 on cpu",
      ])
    #expect(try text(Tensor([1e-9, 1], on: .cpu))[0] == "[1e-09,   1.0]")
    let special = try Tensor([.nan, .infinity, 1.25], on: .cpu)
    #expect(text(special)[0] == "[nan   , inf   ,   1.25]")
  }

  @Test func blocksAreSeparated() throws {
    let tensor = try Tensor([[[1], [2]], [[3], [4]]], on: .cpu)
    #expect(
      text(tensor) == [
        "[[[1],", "  [2]],", "", " [[3],", "  [4]]]", "shape [2, 2, 1] int32 on cpu",
      ]
    )
  }

  @Test func largeTensorsAreSummarised() throws {
    let exact = try Tensor((0..<1000).map { Int32($0) }, shape: [1000], on: .cpu)
    #expect(!"\(exact)".contains("…"))
    let line = try Tensor((0..<1001).map { Int32($0) }, shape: [1001], on: .cpu)
    #expect(text(line)[0] == "[   0,    1,    2, …,  998,  999, 1000]")
    let matrix = try Tensor((0..<1200).map { Int32($0) }, shape: [300, 4], on: .cpu)
    #expect(
      text(matrix) == [
        "[[   0,    1,    2,    3],", " [   4,    5,    6,    7],", " [   8,    9,   10,   11],",
        " …,", " [1188, 1189, 1190, 1191],", " [1192, 1193, 1194, 1195],",
        " [1196, 1197, 1198, 1199]]", "shape [300, 4] int32 on cpu",
      ])
  }

  @Test func longRowsAreBroken() throws {
    let tensor = try Tensor((0..<100).map { Int32($0) }, shape: [1, 100], on: .cpu)
    let lines = text(tensor)
    #expect(lines.count > 3)
    for line in lines { #expect(line.count <= 100) }
    #expect(lines.joined().filter { $0 == "," }.count == 100)
  }

  @Test func pendingTensorsAreComputedAndFailuresShown() throws {
    let x = try Tensor([1.0, 2], on: .cpu)
    #expect(try text(x + 1)[0] == "[2.0, 3.0]")
    #expect(try text(x.reshaped(2, 1).transposed())[0] == "[[1.0, 2.0]]")
    let failed = try Tensor.make(UnsupportedOperation.row, [x])
    #expect("\(failed)" == "shape [2] float32 on cpu, failed: \(UnsupportedOperation.error)")
  }

  @Test(arguments: TestDevices.all)
  func theDeviceIsNamed(_ device: Device) throws {
    let tensor = try Tensor([1.0, 2], on: device)
    #expect("\(tensor)" == "[1.0, 2.0]\nshape [2] float32 on \(device.name)")
  }
}

/// An operation that no back end has.
enum UnsupportedOperation {
  static let row = TensorOperation(
    "unsupported", .custom(CustomKernel(name: "unsupported", source: "", workgroup: 1)), .unknown
  ) { operands, _, _ in operands[0] }

  static let error = TensorError(
    .unsupported,
    "unsupported has no form for the CPU; kernels in GLSL run on Vulkan devices")
}
