import Swoop
import SwoopCheck
import SwoopCore
import Testing
import VulkanBackend
import VulkanCompute

/// `swoop check` passes what is right, and finds what is planted. Without checked mode, which would
/// find some of it by itself.
@Suite struct CheckTests {
  /// A wrong kernel, and the operation that it is the kernel of.
  struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    let operation: TensorOperation
    let edit: KernelEdit
    var testDescription: String { name }
  }

  static let faults = [
    Fault(
      name: "off by one tile", operation: .matmul,
      edit: KernelEdit(
        "Matmul.glsl", replacing: "p.quad = (group - tile * columnTiles)",
        by: "p.quad = (group - tile * columnTiles + 1)")),
    Fault(
      name: "missing tail of an elementwise kernel", operation: .add,
      edit: KernelEdit(
        "Elementwise.comp",
        replacing: "storeQuad(result, quad, value, touched(quad, count));",
        by: "if (quad * 4 + 4 <= count) storeQuad(result, quad, value, 4);")),
    Fault(
      name: "missing tail of a reduction", operation: .sum,
      edit: KernelEdit(
        "Reduce.comp", replacing: "if (rest > 0 && length / 4 % LANES == lane)", by: "if (false)")),
    Fault(
      name: "swapped operand", operation: .subtract,
      edit: KernelEdit(
        "Functions.glsl", replacing: "vec4 op_subtract(vec4 a, vec4 b) { return a - b; }",
        by: "vec4 op_subtract(vec4 a, vec4 b) { return b - a; }")),
    Fault(
      name: "stale buffer", operation: .multiply,
      edit: KernelEdit(
        "Elementwise.comp", replacing: "if (entry >= block.batch) return;",
        by: "if (entry >= max(block.batch - 1, 1)) return;")),
    Fault(
      name: "float16 accumulate", operation: .matmul,
      edit: KernelEdit(
        "Matmul.glsl", replacing: "{ return fma(vec4(a), b, sum); }",
        by: """
          {
            vec4 r = fma(vec4(a), b, sum);
            return vec4(unpackHalf2x16(packHalf2x16(r.xy)), unpackHalf2x16(packHalf2x16(r.zw)));
          }
          """)),
    Fault(
      name: "a view read as if it were dense", operation: .negate,
      edit: KernelEdit(
        "Elementwise.comp", replacing: "if (access == DENSE) return index;", by: "return index;")),
    Fault(
      name: "a coefficient in its fifth digit", operation: .tanh,
      edit: KernelEdit("Functions.glsl", replacing: "3.33332819422e-1", by: "3.33342819422e-1")),
  ]

  private func check(
    _ device: Device, _ operations: [TensorOperation], _ types: [ElementType] = [.float32]
  ) -> Check {
    var check = Check(device)
    check.lines = check.lines.filter { operations.contains($0.operation) }
    check.types = types
    check.largestCase = 20_000
    return check
  }

  @Test(arguments: faults) func findsWhatIsPlanted(_ fault: Fault) throws {
    let device = try #require(SeparateDevice.make(VulkanDevice.Options(), edits: [fault.edit]))
    let results = check(device, [fault.operation]).run()
    #expect(!results.passed)
    #expect(results.failures > 0)
    let row = try #require(results.rows.first { !$0.passed })
    #expect(row.operation == fault.operation.name)
    #expect(!row.messages.isEmpty)
    // It goes on behind the first failure.
    #expect(results.cases > row.failures)
  }

  /// The same operations with the kernels as they are.
  @Test func passesWhatIsRight() throws {
    let device = try #require(SeparateDevice.make(VulkanDevice.Options()))
    let operations = Array(Set(Self.faults.map(\.operation)))
    let results = check(device, operations, ElementType.allCases).run()
    #expect(results.passed, "\(results.rows.filter { !$0.passed })")
    #expect(Set(results.rows.map(\.operation)) == Set(operations.map(\.name)))
    #expect(Set(results.rows.map(\.against)) == ["double", "sgemm", "dgemm"])
    for row in results.rows {
      #expect(row.cases > 0)
      if let worst = row.worst { #expect(worst.ratio <= 1) }
    }
  }

  @Test func theCPUIsAReferenceToo() throws {
    let device = try #require(SeparateDevice.make(VulkanDevice.Options()))
    var check = check(device, [.add, .exp, .sum, .matmul])
    check.against = .cpu
    let results = check.run()
    #expect(results.passed, "\(results.rows.filter { !$0.passed })")
    #expect(Set(results.rows.map(\.against)) == ["cpu"])
  }

  /// The seed decides everything; another one gives other errors.
  @Test func theSeedReproducesARun() throws {
    var check = check(.cpu, [.exp, .sum])
    let first = check.run()
    #expect(check.run() == first)
    // Whatever else is checked.
    check.lines = check.lines.filter { $0.operation == .sum }
    #expect(check.run().rows == first.rows.filter { $0.operation == "sum" })
    check.seed = 2
    #expect(check.run().rows != first.rows.filter { $0.operation == "sum" })
  }

  @Test func progressReachesTheEnd() {
    let seen = Lock((completed: [Int](), total: 0, operations: Set<String>()))
    _ = check(.cpu, [.relu], ElementType.allCases).run { progress in
      seen.withLock { seen in
        seen.completed.append(progress.completed)
        seen.total = progress.total
        seen.operations.insert(progress.operation)
      }
    }
    let (completed, total, operations) = seen.withLock { $0 }
    #expect(operations == ["relu"])
    #expect(total > 0 && completed == Array(0..<total))
  }

  @Test func anEditThatFindsNothingIsAnError() throws {
    let instance = try VulkanInstance()
    let physical = try #require(instance.physicalDevices.first)
    #expect(throws: TensorError.self) {
      try VulkanBackend(
        physical, of: instance,
        edits: [KernelEdit("Elementwise.comp", replacing: "no such line", by: "")])
    }
  }

  /// Both in double precision: k roundings of 2⁻⁵³ each.
  @Test func dgemmAgreesWithTheReference() throws {
    var generator = SplitMix(seed: 9)
    for size in [[1, 1, 1], [3, 5, 7], [17, 33, 9]] {
      let operands = [[size[0], size[1]], [size[1], size[2]]].map { shape in
        let values = Values.moderate.elements(shape[0] * shape[1], .float32, &generator).values
        return Exact(shape: shape, values: values, type: .float32)
      }
      let reference = Reference.product(operands, .init())
      let product = try #require(BLASProduct.dgemm.expected(operands, .init()))
      #expect(product.shape == reference.shape)
      for (a, b) in zip(product.elements, reference.elements) {
        #expect(abs(a.value - b.value) <= 0x1p-27 * b.bound)
        #expect(a.bound >= b.bound)
      }
    }
  }
}
