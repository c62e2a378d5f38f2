import Swoop
import Testing

/// Sorting and what is made of it.
@Suite struct SortingTests {
  /// The order in which a stable sort puts the elements: NaN last either way.
  private static func order(_ line: [Int], _ values: [Float], descending: Bool) -> [Int] {
    line.indices.sorted { a, b in
      let (x, y) = (values[line[a]], values[line[b]])
      if x.isNaN || y.isNaN { return x.isNaN == y.isNaN ? a < b : y.isNaN }
      if x == y { return a < b }
      return descending ? x > y : x < y
    }
  }

  @Test(arguments: TestDevices.all, [false, true])
  func sortsAreStable(_ device: Device, _ descending: Bool) throws {
    for (index, (shape, axis)) in Lattice.shapes.enumerated() {
      for isView in [false, true] where !isView || shape.count > 1 {
        let x = Lattice(shape, seed: UInt64(index + 1), special: true)
        let tensor = try x.tensor(on: device, isView: isView)
        let indices = try tensor.argsort(axis, descending: descending)
        let sorted = try tensor.sorted(axis, descending: descending)
        #expect(Array(indices.shape) == shape && indices.elementType == .int32)
        let places = try indices.blockingArray(as: Int32.self)
        let values = try sorted.blockingArray(as: Float.self)
        for line in Lattice.lines(shape, axis) {
          let order = Self.order(line, x.values, descending: descending)
          #expect(line.map { Int(places[$0]) } == order, "\(shape) along \(axis), \(isView)")
          // The sign of a zero comes along.
          #expect(
            line.map { values[$0].comparableBits }
              == order.map { x.values[line[$0]].comparableBits })
        }
      }
    }
  }

  @Test(arguments: TestDevices.all, ElementType.allCases)
  func everyTypeIsSorted(_ device: Device, _ type: ElementType) throws {
    let x = try Lattice([3, 100], seed: 5).tensor(on: device, as: type)
    for descending in [false, true] {
      let sorted = try x.sorted(descending: descending)
      #expect(sorted.elementType == type)
      let before = try x.cast(to: .float32).blockingArray(as: Float.self)
      let after = try sorted.cast(to: .float32).blockingArray(as: Float.self)
      for row in 0..<3 {
        let own = before[row * 100..<row * 100 + 100]
        let expected = descending ? own.sorted(by: >) : own.sorted()
        #expect(Array(after[row * 100..<row * 100 + 100]) == expected)
      }
    }
    let limits: [Int32] = [.max, 0, .min, -1, .max - 1, .min + 1]
    let integers = try Tensor(limits, shape: [6], on: device)
    #expect(try integers.sorted().blockingArray(as: Int32.self) == limits.sorted())
    #expect(
      try integers.sorted(descending: true).blockingArray(as: Int32.self) == limits.sorted(by: >))
  }

  @Test(arguments: TestDevices.all) func topKIsTheBeginning(_ device: Device) throws {
    let x = Lattice([4, 50], seed: 9, special: true)
    let tensor = try x.tensor(on: device)
    for (count, largest) in [(0, true), (1, true), (5, true), (50, false), (3, false)] {
      let top = try tensor.topK(count, largest: largest)
      #expect(Array(top.values.shape) == [4, count] && Array(top.indices.shape) == [4, count])
      let indices = try top.indices.blockingArray(as: Int32.self)
      let values = try top.values.blockingArray(as: Float.self)
      for (row, line) in Lattice.lines(x.shape, 1).enumerated() {
        let order = Self.order(line, x.values, descending: largest).prefix(count)
        #expect(indices[row * count..<(row + 1) * count].map { Int($0) } == Array(order))
        #expect(
          values[row * count..<(row + 1) * count].map(\.comparableBits)
            == order.map { x.values[line[$0]].comparableBits })
      }
    }
    let byColumn = try tensor.topK(2, axis: 0)
    #expect(byColumn.values.shape == [2, 50])
    #expect(throws: TensorError.self) { try tensor.topK(51) }
    #expect(throws: TensorError.self) { try tensor.topK(-1) }
  }

  @Test(arguments: TestDevices.all) func uniqueElementsAreCounted(_ device: Device) async throws {
    for (count, special) in [(0, false), (1, false), (7, true), (500, true), (500, false)] {
      let x = Lattice([count], seed: UInt64(count + 3), special: special)
      let keys = Set(x.values.map(\.key))
      let tensor = try x.tensor(on: device)
      let found = try await tensor.uniqueCount().scalar(as: Int32.self)
      #expect(Int(found) == keys.count)
      let unique = try await tensor.unique().array(as: Float.self)
      #expect(unique.map(\.key).count == keys.count && Set(unique.map(\.key)) == keys)
      let numbers = unique.filter { !$0.isNaN }
      #expect(numbers == numbers.sorted())
      #expect(unique.dropLast().allSatisfy { !$0.isNaN })
    }
  }

  @Test(arguments: TestDevices.all) func searchingFindsBothSides(_ device: Device) throws {
    for count in [0, 1, 2, 33, 1000] {
      let sorted = Lattice([count], seed: UInt64(count + 1)).values.sorted() + [.infinity, .nan]
      let values = Lattice([6, 7], seed: 77, special: true)
      let line = try Tensor(sorted, shape: [count + 2], on: device)
      let wanted = try values.tensor(on: device, isView: true)
      let left = try line.searchSorted(wanted).blockingArray(as: Int32.self)
      let right = try line.searchSorted(wanted, side: .right).blockingArray(as: Int32.self)
      for (index, value) in values.values.enumerated() {
        let before = sorted.filter { value.isNaN ? !$0.isNaN : $0 < value }.count
        let upTo = sorted.filter { value.isNaN ? true : $0 <= value }.count
        #expect(Int(left[index]) == before && Int(right[index]) == upTo, "\(value)")
      }
    }
    #expect(throws: TensorError.self) {
      try Tensor.ones([2, 2], on: device).searchSorted(Tensor.ones([2], on: device))
    }
  }
}
