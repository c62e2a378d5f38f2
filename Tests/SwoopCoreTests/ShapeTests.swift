import Testing

@testable import SwoopCore

@Suite struct ShapeTests {
  @Test func countsAndSizes() throws {
    let shape: Shape = [2, 3, 4]
    #expect(shape.rank == 3 && shape.elementCount == 24 && Array(shape) == [2, 3, 4])
    #expect(([] as Shape).elementCount == 1)
    #expect(([5, 0] as Shape).elementCount == 0)
    #expect(shape == (try Shape([2, 3, 4])) && shape != [2, 3] && shape != [2, 3, 4, 1])
    #expect(shape.hashValue == (try Shape([2, 3, 4])).hashValue)
    #expect("\(shape)" == "[2, 3, 4]")
    #expect(try Shape([Int](repeating: 2, count: 8)).elementCount == 256)
    #expect(try Shape([Shape.maximumElementCount]).elementCount == Shape.maximumElementCount)
  }

  @Test(arguments: [
    [-1], [2, -3], [.min], [Shape.maximumElementCount + 1], [1 << 32, 1 << 32], [.max, .max],
    [0, .max, .max], [1, 1, 1, 1, 1, 1, 1, 1, 1],
  ])
  func malformedShapesThrow(_ sizes: [Int]) {
    #expect {
      _ = try Shape(sizes)
    } throws: {
      ($0 as? TensorError)?.code == .invalidShape
    }
    let literal = Shape(unchecked: sizes)
    #expect(literal.defect != .none)
  }

  @Test(
    arguments: [
      ([], [3], [3]), ([2, 1], [3], [2, 3]), ([2, 1, 4], [3, 1], [2, 3, 4]), ([1], [0], [0]),
      ([0, 1], [5], [0, 5]), ([7], [7], [7]),
    ] as [([Int], [Int], [Int])])
  func broadcasting(_ a: [Int], _ b: [Int], _ result: [Int]) throws {
    let (left, right) = (try Shape(a), try Shape(b))
    #expect(Array(try Shape.broadcast(left, right, operation: "test")) == result)
    #expect(Array(try Shape.broadcast(right, left, operation: "test")) == result)
  }

  @Test func layoutsOfViews() throws {
    let dense = Layout([2, 3, 4])
    #expect(dense.isContiguous && dense.extent == 24)
    let turned = dense.permuted([2, 0, 1])
    #expect(turned.shape == [4, 2, 3] && !turned.isContiguous && turned.extent == 24)
    #expect((0..<3).map { turned.strides[$0] } == [1, 12, 4])
    // An axis of one element may go anywhere.
    #expect(Layout([2, 1, 4]).permuted([1, 0, 2]).isContiguous)
    let wide = Layout([3, 1]).broadcast(to: [2, 3, 4])
    #expect((0..<3).map { wide.strides[$0] } == [0, 1, 0])
    #expect(wide.extent == 3)
  }
}
