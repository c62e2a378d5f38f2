import SwoopCore

extension CPUBackend {
  /// Reading and writing where indices say.
  static let indexingKernels: [TensorOperation: Kernel] = [
    .take: { call throws(TensorError) in try gather(call, isAlong: false) },
    .takeAlong: { call throws(TensorError) in try gather(call, isAlong: true) },
    .oneHot: oneHot,
    .scatter: { scatter($0, Float.self, { $1 }, Int32.self, { $1 }) },
    .scatterAdd: { scatter($0, Float.self, { $0 + $1 }, Int32.self, { $0 &+ $1 }) },
  ]

  /// The element that an index means.
  /// - Throws: `indexOutOfRange`.
  static func resolve(
    _ index: Int32, _ size: Int, at position: Int, _ operation: TensorOperation
  ) throws(TensorError) -> Int {
    let place = index < 0 ? Int(index) + size : Int(index)
    guard place >= 0, place < size else {
      throw .indexOutOfRange(operation.name, index: Int(index), position: position, size: size)
    }
    return place
  }

  private static func gather(_ call: KernelCall, isAlong: Bool) throws(TensorError) {
    if call.operands[0].elementType == .float32 {
      try gather(call, isAlong, Float.self)
    } else {
      try gather(call, isAlong, Int32.self)
    }
  }

  private static func gather<E: TensorElement>(
    _ call: KernelCall, _ isAlong: Bool, _ type: E.Type
  ) throws(TensorError) {
    let axis = call.attributes.axes[0]
    let x = call.operands[0].elements(as: E.self)
    let indices = call.operands[1].elements(as: Int32.self)
    let lines = Lines(call.operands[0].layout, axis: axis)
    let places = Lines.offsets(call.operands[1].layout)
    let result = call.result(as: E.self)
    let width = lines.inner.count
    if call.form.shape.elementCount == 0 { return }
    if isAlong {
      let count = call.form.shape[axis]
      for (position, place) in places.enumerated() {
        let index = try resolve(indices[place], lines.length, at: position, .takeAlong)
        let (line, column) = position.quotientAndRemainder(dividingBy: width)
        result[position] = x[lines.outer[line / count] + lines.inner[column] + index * lines.step]
      }
      return
    }
    var resolved: [Int] = []
    for (position, place) in places.enumerated() {
      resolved.append(
        try resolve(indices[place], lines.length, at: position, .take) * lines.step)
    }
    var next = result
    for outer in lines.outer {
      for offset in resolved {
        for (column, inner) in lines.inner.enumerated() { next[column] = x[outer + offset + inner] }
        next += width
      }
    }
  }

  private static let oneHot: Kernel = { call throws(TensorError) in
    let depth = Int(call.attributes.words[0])
    let count = call.form.shape.elementCount
    if count == 0 { return }
    let indices = call.operands[0].elements(as: Int32.self)
    // The bits of 0 are those of both types.
    call.result.initializeMemory(as: Int32.self, repeating: 0, count: count)
    for (position, place) in Lines.offsets(call.operands[0].layout).enumerated() {
      let at = position * depth + (try resolve(indices[place], depth, at: position, .oneHot))
      if call.form.elementType.isFloatingPoint {
        call.result(as: Float.self)[at] = 1
      } else {
        call.result(as: Int32.self)[at] = 1
      }
    }
  }

  private static func scatter(
    _ call: KernelCall, _ float: Float.Type, _ combineFloats: (Float, Float) -> Float,
    _ integer: Int32.Type, _ combineIntegers: (Int32, Int32) -> Int32
  ) {
    if call.operands[0].elementType == .float32 {
      scatter(call, combineFloats)
    } else {
      scatter(call, combineIntegers)
    }
  }

  /// The pairs are sorted by place, and for one place in the order of the indices.
  private static func scatter<E: TensorElement>(_ call: KernelCall, _ combine: (E, E) -> E) {
    let (x, updates) = (
      call.operands[0].elements(as: E.self), call.operands[1].elements(as: E.self)
    )
    let pairs = call.operands[2].elements(as: Int32.self)
    let axis = call.attributes.axes[0]
    let lines = Lines(call.operands[0].layout, axis: axis)
    let sources = Lines(call.operands[1].layout, axis: axis)
    let (count, width) = (Int(call.attributes.words[1]), lines.inner.count)
    var row = call.result(as: E.self)
    for (line, outer) in lines.outer.enumerated() {
      for (column, inner) in lines.inner.enumerated() {
        for place in 0..<lines.length {
          row[place * width + column] = x[outer + inner + place * lines.step]
        }
        let own =
          call.attributes.words[0] == 1 ? pairs + (line * width + column) * count * 2 : pairs
        let base = sources.outer[line] + sources.inner[column]
        for pair in 0..<count {
          let target = Int(own[pair * 2]) * width + column
          let update = updates[base + Int(own[pair * 2 + 1]) * sources.step]
          row[target] = combine(row[target], update)
        }
      }
      row += lines.length * width
    }
  }
}
