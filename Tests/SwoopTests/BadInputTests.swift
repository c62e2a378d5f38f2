import Testing

@testable import Swoop

/// Whatever is wrong with the input, a typed error says so, and says what.
@Suite struct BadInputTests {
  /// One mistake, and the error it must give.
  struct Mistake: Sendable, CustomStringConvertible {
    let description: String
    let code: TensorError.Code
    /// What the message must hold, so that the reader knows what was given.
    let parts: [String]
    let make: @Sendable (Device) throws -> Void

    init(
      _ description: String, _ code: TensorError.Code, _ parts: String...,
      make: @escaping @Sendable (Device) throws -> Void
    ) {
      self.description = description
      self.code = code
      self.parts = parts
      self.make = make
    }
  }

  @Test(arguments: TestDevices.all, shapeMistakes + axisMistakes + typeMistakes + creationMistakes)
  func throwsTheRightError(_ device: Device, _ mistake: Mistake) {
    do {
      try mistake.make(device)
      Issue.record("\(mistake) threw nothing on \(device)")
    } catch let error as TensorError {
      #expect(error.code == mistake.code, "\(error)")
      for part in mistake.parts { #expect(error.message.contains(part), "\(error)") }
    } catch {
      Issue.record("\(mistake) threw \(error), which is no TensorError")
    }
  }

  private static func ones(_ shape: Shape, _ device: Device) throws -> Tensor {
    try .ones(shape, on: device)
  }

  private static let shapeMistakes = [
    Mistake("add", .shapeMismatch, "add", "[2, 3]", "[2, 4]") {
      _ = try ones([2, 3], $0) + ones([2, 4], $0)
    },
    Mistake("multiply with an empty tensor", .shapeMismatch, "multiply", "[0]", "[3]") {
      _ = try ones([0], $0) * ones([3], $0)
    },
    Mistake("a broadcast beyond the limit", .invalidShape, "[65536, 65536]") {
      _ = try ones([65_536, 1], $0) + ones([65_536], $0)
    },
    Mistake("matmul", .shapeMismatch, "matmul", "[2, 3]", "[2, 3]") {
      _ = try ones([2, 3], $0).matmul(ones([2, 3], $0))
    },
    Mistake("matmul of batches", .shapeMismatch, "matmul", "[2]", "[3]") {
      _ = try ones([2, 3, 4], $0).matmul(ones([3, 4, 5], $0))
    },
    Mistake("matmul of a scalar", .shapeMismatch, "matmul", "[]") {
      _ = try ones([], $0).matmul(ones([1, 1], $0))
    },
    Mistake("matmul of vectors", .shapeMismatch, "matmul", "[3]", "[4]") {
      _ = try ones([3], $0).matmul(ones([4], $0))
    },
    Mistake("matmul beyond the limit", .invalidShape, "[65536, 65536]") {
      _ = try ones([65_536, 1], $0).matmul(ones([1, 65_536], $0))
    },
    Mistake("linear", .shapeMismatch, "linear", "[2, 3]", "[4, 5]") {
      _ = try ones([2, 3], $0).linear(ones([4, 5], $0))
    },
    Mistake("a bias of another size", .shapeMismatch, "linear", "[4]") {
      _ = try ones([2, 3], $0).linear(ones([3, 5], $0), bias: ones([4], $0))
    },
    Mistake("a bias of two dimensions", .shapeMismatch, "linear", "[1, 5]") {
      _ = try ones([2, 3], $0).linear(ones([3, 5], $0), bias: ones([1, 5], $0))
    },
    Mistake("a bias beside a weight of one column", .shapeMismatch, "linear", "[3]") {
      _ = try ones([2, 3], $0).linear(ones([3], $0), bias: ones([3], $0))
    },
    Mistake("reshaped", .shapeMismatch, "[4]", "[2, 3]") { _ = try ones([2, 3], $0).reshaped(4) },
    Mistake("reshaped with two open sizes", .shapeMismatch, "[-1, -1]") {
      _ = try ones([2, 3], $0).reshaped(-1, -1)
    },
    Mistake("reshaped with a size that does not divide", .shapeMismatch, "[4, -1]") {
      _ = try ones([2, 3], $0).reshaped(4, -1)
    },
    Mistake("reshaped with a negative size", .shapeMismatch, "[-2, -3]") {
      _ = try ones([2, 3], $0).reshaped(-2, -3)
    },
    Mistake("reshaped with sizes that overflow", .shapeMismatch) {
      _ = try ones([2, 3], $0).reshaped(.max, .max, -1)
    },
    Mistake("reshaped with the smallest size", .shapeMismatch) {
      _ = try ones([2, 3], $0).reshaped(.min, -1)
    },
    Mistake("reshaped to nine dimensions", .invalidShape) {
      _ = try ones([1], $0).reshaped(1, 1, 1, 1, 1, 1, 1, 1, 1)
    },
    Mistake("an open size of an empty tensor", .shapeMismatch, "[0, -1]") {
      _ = try ones([0, 3], $0).reshaped(0, -1)
    },
    Mistake("scalar of many", .shapeMismatch, "[3]") {
      _ = try ones([3], $0).blockingScalar(as: Float.self)
    },
    Mistake("scalar of none", .shapeMismatch, "[0]") {
      _ = try ones([0], $0).blockingScalar(as: Float.self)
    },
    Mistake("a vector read as a matrix", .shapeMismatch, "[3]") {
      _ = try ones([3], $0).blockingNested(as: [[Float]].self)
    },
  ]

  private static let axisMistakes = [
    Mistake("sum", .invalidAxis, "sum", "2", "[2, 3]") { _ = try ones([2, 3], $0).sum(2) },
    Mistake("mean", .invalidAxis, "mean", "-3") { _ = try ones([2, 3], $0).mean(-3) },
    Mistake("an axis twice", .invalidAxis, "max", "1") { _ = try ones([2, 3], $0).max(1, 1) },
    Mistake("an axis twice under two names", .invalidAxis, "sum", "-1") {
      _ = try ones([2, 3], $0).sum(1, -1)
    },
    Mistake("the last axis there is", .invalidAxis) { _ = try ones([2, 3], $0).sum(.max) },
    Mistake("the first axis there is", .invalidAxis) { _ = try ones([2, 3], $0).sum(.min) },
    Mistake("argmax", .invalidAxis, "argmax", "5") { _ = try ones([2, 3], $0).argmax(5) },
    Mistake("softmax", .invalidAxis, "softmax", "2") { _ = try ones([2, 3], $0).softmax(2) },
    Mistake("softmax of a scalar", .invalidAxis, "softmax") { _ = try ones([], $0).softmax() },
    Mistake("sum of a scalar", .invalidAxis, "sum") { _ = try ones([], $0).sum(0) },
    Mistake("too few axes", .invalidAxis, "transposed") { _ = try ones([2, 3], $0).transposed(0) },
    Mistake("too many axes", .invalidAxis, "transposed") {
      _ = try ones([2, 3], $0).transposed(0, 1, 2)
    },
    Mistake("transposed with an axis twice", .invalidAxis, "transposed") {
      _ = try ones([2, 3], $0).transposed(1, 1)
    },
    Mistake("transposed out of range", .invalidAxis, "transposed") {
      _ = try ones([2, 3], $0).transposed(0, 2)
    },
    Mistake("max of nothing", .emptyReduction, "max", "[0]") { _ = try ones([0], $0).max() },
    Mistake("max over an empty axis", .emptyReduction, "max", "[2, 0]") {
      _ = try ones([2, 0], $0).max(1)
    },
    Mistake("mean of nothing", .emptyReduction, "mean") { _ = try ones([0, 3], $0).mean() },
    Mistake("argmax of nothing", .emptyReduction, "argmax") { _ = try ones([0], $0).argmax() },
    Mistake("argmax over an empty axis", .emptyReduction, "argmax") {
      _ = try ones([3, 0], $0).argmax(1)
    },
  ]

  private static let typeMistakes = [
    Mistake("float32 read as int32", .elementTypeMismatch, "float32", "int32") {
      _ = try ones([2], $0).blockingArray(as: Int32.self)
    },
    Mistake("int32 read as float32", .elementTypeMismatch, "int32", "float32") {
      _ = try Tensor([1, 2], on: $0).blockingArray(as: Float.self)
    },
    Mistake("a scalar of another type", .elementTypeMismatch) {
      _ = try Tensor(1, on: $0).blockingScalar(as: Float.self)
    },
    Mistake("an Int beside int32 that int32 cannot hold", .invalidArgument, "int32") {
      _ = try Tensor([1, 2], on: $0) + (1 << 40)
    },
  ]

  private static let creationMistakes = [
    Mistake("a negative size", .invalidShape, "[2, -1]") { _ = try Tensor.zeros([2, -1], on: $0) },
    Mistake("the smallest size", .invalidShape) { _ = try Tensor.zeros([.min, 2], on: $0) },
    Mistake("a count that overflows", .invalidShape) {
      _ = try Tensor.ones([.max, .max, 2], on: $0)
    },
    Mistake("a count that is too large", .invalidShape) {
      _ = try Tensor.full([1 << 20, 1 << 20], 1.5, on: $0)
    },
    Mistake("a count that overflows beside a 0", .invalidShape) {
      _ = try Tensor.random([.max, 0, .max], seed: 1, on: $0)
    },
    Mistake("nine dimensions", .invalidShape) {
      _ = try Tensor.zeros([1, 1, 1, 1, 1, 1, 1, 1, 1], on: $0)
    },
    Mistake("a negative size for elements", .invalidShape) {
      _ = try Tensor([1 as Float], shape: [-1], on: $0)
    },
    Mistake("Shape of a negative size", .invalidShape) { _ in _ = try Shape([3, -4]) },
    Mistake("Shape of nine dimensions", .invalidShape) { _ in
      _ = try Shape([Int](repeating: 1, count: 9))
    },
    Mistake("too few elements", .shapeMismatch, "2 elements", "[3]") {
      _ = try Tensor([1, 2] as [Float], shape: [3], on: $0)
    },
    Mistake("elements for an empty shape", .shapeMismatch, "[0]") {
      _ = try Tensor([1, 2] as [Float], shape: [0], on: $0)
    },
    Mistake("ragged arrays", .shapeMismatch, "2", "1") { _ = try Tensor([[1, 2], [3]], on: $0) },
    Mistake("arrays ragged inside", .shapeMismatch, "depth 2") {
      _ = try Tensor([[[1.0], [2]], [[3], [4, 5]]], on: $0)
    },
    Mistake("an empty array beside a full one", .shapeMismatch) {
      _ = try Tensor([[1.0], []], on: $0)
    },
    Mistake("arrays nested nine deep", .invalidShape, "9") {
      _ = try Tensor([[[[[[[[[1]]]]]]]]], on: $0)
    },
    Mistake("an Int that int32 cannot hold", .invalidArgument, "3000000000", "int32") {
      _ = try Tensor([1, 3_000_000_000], on: $0)
    },
    Mistake("full of such an Int", .invalidArgument, "int32") {
      _ = try Tensor.full([2], 1 << 31, on: $0)
    },
    Mistake("a range without end", .invalidArgument, "finite") {
      _ = try Tensor.random([2], in: 0 ... .infinity, seed: 1, on: $0)
    },
  ]
}
