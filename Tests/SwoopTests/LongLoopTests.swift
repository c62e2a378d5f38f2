import Foundation
import Swoop
import Testing

/// lavapipe ends the loops of an invocation after 65,535 turns in all, and says nothing.
@Suite(.serialized) struct LongLoopTests {
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

  @Test(arguments: TestDevices.all) func reductionsOfManyMoreAreWhole(_ device: Device) throws {
    // Prime, so not done in blocks.
    let count = 68_000_003
    var numbers = [UInt8](repeating: 1, count: count)
    numbers[count - 1] = 2
    let x = try Tensor(numbers, shape: [count], on: device)
    #expect(try x.argmax().blockingScalar(as: Int32.self) == Int32(count - 1))
    #expect(try x.sum().blockingScalar(as: Int32.self) == Int32(count + 1))
  }

  @Test(arguments: TestDevices.all) func reductionsOverEightAxesAreWhole(_ device: Device) throws {
    let x = try Tensor.ones([4, 4, 4, 4, 4, 2, 2, 2], on: device).transposed()
    #expect(try x.sum().blockingScalar(as: Float.self) == 8192)
  }

  @Test(arguments: TestDevices.all) func scansOfMillionsAreWhole(_ device: Device) throws {
    let count = 9_000_000
    let sums = try Tensor.ones([count], on: device).cumulativeSum(0)
    try sums.withBlockingElements(as: Float.self) { sums in
      #expect(sums.indices.allSatisfy { sums[$0] == Float($0 + 1) })
    }
  }

  @Test(arguments: TestDevices.all) func longRowsAreNormalizedWhole(_ device: Device) throws {
    let count = 22_600_004
    let x = try Tensor.ones([count], on: device)
    let last = { (tensor: Tensor) in try tensor[-1].blockingScalar(as: Float.self) }
    let share = 1 / Float(count)
    #expect(try (last(x.softmax()) / share - 1).magnitude < 1e-5)
    #expect(try (last(x.logSoftmax()) + log(Float(count))).magnitude < 1e-4)
    #expect(try last(x.layerNorm()).magnitude < 1e-5)
  }

  @Test(arguments: TestDevices.all) func longProductsAreWhole(_ device: Device) throws {
    for depth in [262_144, 300_007] {
      let a = (0..<2).map { row in (0..<depth).map { Float((row + $0) % 3) } }
      // A row for each column.
      let b = (0..<3).map { column in (0..<depth).map { Float(($0 + 2 * column) % 4) } }
      func sum(_ row: Int, _ column: Int) -> Float {
        var sum: Float = 0
        for k in 0..<depth { sum += a[row][k] * b[column][k] }
        return sum
      }
      let all = (0..<6).map { sum($0 / 3, $0 % 3) }
      let left = try Tensor(a, on: device)
      let right = try Tensor(b, on: device).transposed()
      #expect(try values(left.matmul(right)) == all)
      let whole = try left.cast(to: .int32).matmul(right.cast(to: .int32))
      #expect(try values(whole.cast(to: .float32)) == all)
      #expect(try values(left[0].dot(right.transposed()[1])) == [all[1]])
      #expect(try values(left.matmul(right.transposed()[2])) == [all[2], all[5]])
      // Rows that meet one right factor, and products of their own.
      let apart = try left.reshaped(2, 1, depth)
      #expect(try values(apart.matmul(right)) == all)
      let factors = try Tensor.stacked([right, right.flipped(1)])
      #expect(
        try values(apart.matmul(factors)) == [all[0], all[1], all[2], all[5], all[4], all[3]])
      let deepest = try apart.reshaped(1, 1, 1, 2, 1, 1, 1, depth)
      let crossed = try deepest.matmul(factors.reshaped(1, 2, 1, 1, 1, 1, depth, 3))
      #expect(try values(crossed) == all + [2, 1, 0, 5, 4, 3].map { all[$0] })
      let bias = try Tensor([1, -1e7, 2] as [Float], on: device)
      let layer = try left.linear(right, bias: bias, activation: .relu)
      #expect(try values(layer) == [all[0] + 1, 0, all[2] + 2, all[3] + 1, 0, all[5] + 2])
    }
    let long = try Tensor.ones([2, 300_000], on: device)
    #expect(throws: TensorError.self) { try long.matmul(long) }
  }

  @Test(arguments: TestDevices.all) func gradientsOfLongProductsAreWhole(_ device: Device) throws {
    let count = 300_007
    let samples = try Tensor((0..<2 * count).map { Float($0 % 3) }, shape: [count, 2], on: device)
    var sums: [Float] = [0, 0]
    for place in 0..<2 * count { sums[place % 2] += Float(place % 3) }
    let weights = try Tensor.ones([2, 2], on: device)
    let slopes = try gradient(at: weights) { try samples.matmul($0).sum() }
    #expect(try values(slopes) == [sums[0], sums[0], sums[1], sums[1]])
    // Of the factors of a long product themselves.
    let parts = try gradient(at: [samples.transposed(), samples]) { try $0[0].matmul($0[1]).sum() }
    var rows: [Float] = []
    for row in 0..<count { rows.append(Float(2 * row % 3 + (2 * row + 1) % 3)) }
    var twice: [Float] = []
    for row in rows { twice += [row, row] }
    #expect(try values(parts[0]) == rows + rows)
    #expect(try values(parts[1]) == twice)
  }

  @Test(arguments: TestDevices.all) func longWindowsAreFoldedWhole(_ device: Device) throws {
    let x = try Tensor.ones([1, 1, 8, 10_000], on: device)
    let slopes = try gradient(at: x) { try $0.averagePool2d([1, 10_000]).sum() * 10_000 }
    #expect(try values(slopes) == [Float](repeating: 1, count: 80_000))
  }

  /// Which windows a place is in is worked out; on planes where every case comes up.
  @Test(arguments: TestDevices.all) func windowsAreFoldedByThoseThatCoverAPlace(
    _ device: Device
  ) throws {
    for kernel in 1...3 {
      for stride in 1...4 {
        for dilation in 1...4 {
          for padding in 0...2 {
            let x = try Tensor.zeros([1, 1, 1, 13], on: device)
            let weight = try Tensor((1...kernel).map { Float($0) }, on: device)
            let slopes = try gradient(at: x) {
              try $0.conv2d(
                weight.reshaped(1, 1, 1, kernel), stride: [1, stride],
                padding: [0, padding], dilation: [1, dilation]
              ).sum()
            }
            var expected = [Float](repeating: 0, count: 13)
            for first in Swift.stride(from: -padding, to: 13 + padding, by: stride) {
              guard first + (kernel - 1) * dilation < 13 + padding else { break }
              for place in 0..<kernel where expected.indices.contains(first + place * dilation) {
                expected[first + place * dilation] += Float(place + 1)
              }
            }
            #expect(try values(slopes) == expected, "\([kernel, stride, dilation, padding])")
          }
        }
      }
    }
  }

  private func values(_ tensor: Tensor) throws -> [Float] {
    try tensor.blockingArray(as: Float.self)
  }
}
