import SwoopCore

private let lanes = 16
/// Results side by side in memory that are worked on together.
private let columns = 64

func reduce<F: ReductionForm>(
  _ form: F.Type, _ operand: Operand, axes: [Int], _ result: UnsafeMutablePointer<F.Result>
) {
  let layout = operand.layout
  let start = operand.elements(as: F.Element.self)
  let over = Walk(layout, axes: axes)
  let kept = Walk(layout, axes: (0..<layout.shape.rank).filter { !axes.contains($0) })
  let count = axes.reduce(1) { $0 * layout.shape[$1] }
  // Where the elements of one result lie apart and those of its neighbours together, going
  // through many results at once reads memory in order.
  let isByColumn = kept.step == 1 && over.step != 1 && kept.length >= 8
  let width = isByColumn ? columns : 1

  withUnsafeTemporaryAllocation(of: F.Partial.self, capacity: lanes * width) { buffer in
    guard let partials = buffer.baseAddress else { return }
    var next = result
    kept.forEachRow { offset, _ in
      var column = 0
      while column < kept.length {
        let part = Swift.min(width, kept.length - column)
        let first = start + offset + column * kept.step
        partials.initialize(repeating: F.identity, count: lanes * part)
        if isByColumn {
          includeColumns(F.self, first, over, part, partials)
        } else {
          includeRow(F.self, first, over, partials)
        }
        join(F.self, partials, part)
        for index in 0..<part { next[index] = F.finish(partials[index], count: count) }
        next += part
        column += part
      }
    }
  }
}

/// All elements of one result.
private func includeRow<F: ReductionForm>(
  _ form: F.Type, _ first: UnsafePointer<F.Element>, _ over: Walk,
  _ partials: UnsafeMutablePointer<F.Partial>
) {
  var index = 0
  let (length, step) = (over.length, over.step)
  over.forEachRow { offset, _ in
    let row = first + offset
    var position = 0
    while position < length, index % lanes != 0 {
      F.include(row[position &* step], at: index, in: &partials[index % lanes])
      index += 1
      position += 1
    }
    if step == 1 {
      while position + lanes <= length {
        for lane in 0..<lanes {
          F.include(row[position &+ lane], at: index &+ lane, in: &partials[lane])
        }
        index += lanes
        position += lanes
      }
    }
    while position < length {
      F.include(row[position &* step], at: index, in: &partials[index % lanes])
      index += 1
      position += 1
    }
  }
}

/// All elements of `width` results that lie side by side; lane by lane, `width` partials each.
private func includeColumns<F: ReductionForm>(
  _ form: F.Type, _ first: UnsafePointer<F.Element>, _ over: Walk, _ width: Int,
  _ partials: UnsafeMutablePointer<F.Partial>
) {
  var index = 0
  over.visit { offset, _ in
    let row = first + offset
    let lane = partials + index % lanes * width
    for column in 0..<width { F.include(row[column], at: index, in: &lane[column]) }
    index += 1
  }
}

private func join<F: ReductionForm>(
  _ form: F.Type, _ partials: UnsafeMutablePointer<F.Partial>, _ width: Int
) {
  var half = lanes / 2
  while half > 0 {
    for index in 0..<half * width { F.join(partials[index + half * width], into: &partials[index]) }
    half /= 2
  }
}
