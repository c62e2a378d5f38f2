import SwoopCore

extension CPUBackend {
  /// Sorting by keys: elements as integers of the same order.
  static let sortingKernels: [TensorOperation: Kernel] = [
    .sortRuns: sortRuns, .mergeRuns: mergeRuns, .searchSorted: searchSorted,
  ]

  private static let highestKey = Int32.max

  /// NaN is above all, and the two zeros are one.
  private static func key(_ x: Float) -> Int32 {
    if x.isNaN { return highestKey }
    let bits = Int32(bitPattern: x.bitPattern)
    if bits & Int32.max == 0 { return 0 }
    return bits < 0 ? bits ^ Int32.max : bits
  }

  private static func keys(
    _ operand: Operand, _ offset: Int, _ lines: Lines
  ) -> [Int32] {
    if operand.elementType == .float32 {
      let x = operand.elements(as: Float.self) + offset
      return (0..<lines.length).map { key(x[$0 * lines.step]) }
    }
    let x = operand.elements(as: Int32.self) + offset
    return (0..<lines.length).map { x[$0 * lines.step] }
  }

  private static let sortRuns: Kernel = { call throws(TensorError) in
    let words = call.attributes.words
    let order = TensorOperation.SortOrder(rawValue: words[0]) ?? .ascending
    let operand = call.operands[0]
    let lines = Lines(operand.layout, axis: call.attributes.axes[0])
    let result = call.result(as: Int32.self)
    if order == .indices { try test(call, size: Int(words[1])) }
    var next = 0
    for outer in lines.outer {
      for inner in lines.inner {
        var keys = keys(operand, outer + inner, lines)
        switch order {
        case .ascending: break
        case .descending:
          let isFloat = operand.elementType == .float32
          keys = keys.map { isFloat && $0 == highestKey ? $0 : ~$0 }
        case .indices: keys = keys.map { $0 < 0 ? $0 + Int32(words[1]) : $0 }
        }
        for first in stride(from: 0, to: lines.length, by: TensorOperation.sortedRun) {
          let run = first..<Swift.min(first + TensorOperation.sortedRun, lines.length)
          let sorted = run.sorted { (keys[$0], $0) < (keys[$1], $1) }
          for place in sorted {
            result[next] = keys[place]
            result[next + 1] = Int32(place)
            next += 2
          }
        }
      }
    }
  }

  /// The first bad index, row-major.
  private static func test(_ call: KernelCall, size: Int) throws(TensorError) {
    let indices = call.operands[0].elements(as: Int32.self)
    let operation = TensorOperation.indexed(by: call.attributes)
    for (position, place) in Lines.offsets(call.operands[0].layout).enumerated() {
      _ = try resolve(indices[place], size, at: position, operation)
    }
  }

  private static let mergeRuns: Kernel = { call throws(TensorError) in
    let (length, run) = (Int(call.attributes.words[0]), Int(call.attributes.words[1]))
    let pairs = call.operands[0].elements(as: Int32.self)
    let result = call.result(as: Int32.self)
    let count = call.form.shape.elementCount / 2
    var next = 0
    func take(_ pair: Int) {
      result[next] = pairs[pair * 2]
      result[next + 1] = pairs[pair * 2 + 1]
      next += 2
    }
    guard length > 0 else { return }
    for line in stride(from: 0, to: count, by: length) {
      for first in stride(from: 0, to: length, by: run * 2) {
        var left = line + first
        let middle = line + Swift.min(first + run, length)
        var right = middle
        let end = line + Swift.min(first + run * 2, length)
        while left < middle || right < end {
          if right == end || left < middle && pairs[left * 2] <= pairs[right * 2] {
            take(left)
            left += 1
          } else {
            take(right)
            right += 1
          }
        }
      }
    }
  }

  private static let searchSorted: Kernel = { call throws(TensorError) in
    let (sorted, values) = (call.operands[0], call.operands[1])
    let line = keys(sorted, 0, Lines(sorted.layout, axis: 0))
    let isBehind = call.attributes.words[0] == 1
    let result = call.result(as: Int32.self)
    for (index, offset) in Lines.offsets(values.layout).enumerated() {
      let value =
        values.elementType == .float32
        ? key(values.elements(as: Float.self)[offset]) : values.elements(as: Int32.self)[offset]
      var (low, high) = (0, line.count)
      while low < high {
        let middle = (low + high) / 2
        if isBehind ? line[middle] <= value : line[middle] < value {
          low = middle + 1
        } else {
          high = middle
        }
      }
      result[index] = Int32(low)
    }
  }
}
