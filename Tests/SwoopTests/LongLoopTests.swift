import Swoop
import Testing

/// lavapipe ends the loops of an invocation after 65,535 turns in all, and says nothing.
@Suite struct LongLoopTests {
  @Test(arguments: TestDevices.all) func reductionsOverSeveralAxesAreWhole(
    _ device: Device
  ) throws {
    for (shape, axes) in [([200, 2, 200], [0, 2]), ([40, 3, 40, 2, 40], [0, 2, 4])] {
      let kept = shape.indices.filter { !axes.contains($0) }.reduce(1) { $0 * shape[$1] }
      let length = axes.reduce(1) { $0 * shape[$1] }
      let x = try Tensor.ones(Shape(shape), on: device)
      let sum = try axes.count == 2 ? x.sum(axes[0], axes[1]) : x.sum(axes[0], axes[1], axes[2])
      let expected = [Float](repeating: Float(length), count: kept)
      #expect(try sum.blockingArray(as: Float.self) == expected)
    }
  }

  @Test(arguments: TestDevices.all) func manyUpdatesOfOnePlaceAllCount(_ device: Device) throws {
    for count in [100_000, 300_000] {
      let indices = try Tensor([Int32](repeating: 1, count: count), shape: [count], on: device)
      let updates = try Tensor.ones([count], on: device)
      let sum = try Tensor.zeros([3], on: device).scatterAdding(updates, at: indices)
      #expect(try sum.blockingArray(as: Float.self) == [0, Float(count), 0])
      let bad = try Tensor(
        [Int32](repeating: 0, count: count - 1) + [3], shape: [count], on: device)
      do {
        _ = try Tensor.zeros([3], on: device).scatterAdding(updates, at: bad)
          .blockingArray(as: Float.self)
        Issue.record("nothing was thrown")
      } catch {
        #expect(error.code == .indexOutOfRange && error.message.contains("position \(count - 1) "))
      }
    }
  }

  @Test(arguments: TestDevices.all) func longScansAreWhole(_ device: Device) throws {
    let count = 300_000
    let x = try Tensor.ones([count], on: device)
    let sums = try x.cumulativeSum(0).blockingArray(as: Float.self)
    #expect(sums.indices.allSatisfy { sums[$0] == Float($0 + 1) })
  }
}
