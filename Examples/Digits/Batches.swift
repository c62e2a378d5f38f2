import DigitsData
import Swoop
import SwoopLab

/// Images that are learnt from in one step. They are on the device from the start.
struct Batch {
  let count: Int
  /// The images `[count, 64]`: as they are, and moved by one pixel to the left and to the right.
  /// Nobody writes exactly in the middle; seeing them moved is worth two per cent on the images
  /// of other writers.
  let images: [Tensor]
  /// `[count, 10]`: 1 for the right digit, 0 for the others.
  let targets: Tensor

  /// The batches of a data set, in shuffled order; their sizes differ by one at most.
  static func all(
    of digits: Digits, size: Int, using generator: inout SeededGenerator, on device: Device
  ) throws(TensorError) -> [Batch] {
    let order = generator.shuffled(0..<digits.count)
    let number = (digits.count + size - 1) / size
    var batches: [Batch] = []
    for index in 0..<number {
      let rows = order[(digits.count * index / number)..<(digits.count * (index + 1) / number)]
      batches.append(try Batch(digits, rows, device))
    }
    return batches
  }

  private init(
    _ digits: Digits, _ rows: ArraySlice<Int>, _ device: Device
  ) throws(TensorError) {
    count = rows.count
    var images: [Tensor] = []
    for shift in [0, -1, 1] {
      let pixels = rows.flatMap { digits.image($0, movedBy: shift) }
      images.append(try Tensor(pixels, shape: [count, Digits.pixelCount], on: device))
    }
    self.images = images
    let targets = rows.flatMap { row in
      (0..<Digits.classCount).map { digits.labels[row] == $0 ? Float(1) : 0 }
    }
    self.targets = try Tensor(targets, shape: [count, Digits.classCount], on: device)
  }
}

extension Digits {
  /// One image, moved to the right by so many pixels; paper moves in.
  fileprivate func image(_ row: Int, movedBy shift: Int) -> [Float] {
    let side = Digits.side
    return (0..<Digits.pixelCount).map { pixel in
      let column = pixel % side - shift
      guard (0..<side).contains(column) else { return 0 }
      return pixels[row * Digits.pixelCount + pixel - shift]
    }
  }
}

/// Seeded numbers for shuffling and for the first weights.
struct SeededGenerator {
  private var source: SplitMix64

  init(seed: UInt64) { source = SplitMix64(seed: seed) }

  mutating func next() -> UInt64 { source.next() }

  /// A number from 0 up to the limit.
  mutating func next(below limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// Shuffled by Fisher and Yates; how the standard library shuffles may change with its version.
  mutating func shuffled(_ range: Range<Int>) -> [Int] {
    var list = Array(range)
    for index in list.indices.dropFirst().reversed() {
      list.swapAt(index, next(below: index + 1))
    }
    return list
  }
}
