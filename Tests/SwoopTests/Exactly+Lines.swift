import SwoopCheck

// Functions along one axis, by definition.
extension Exactly {
  typealias Element = (value: Double, reach: Double)

  /// Each line along an axis becomes another, of `count` elements if not of as many.
  func lines(
    _ axis: Int, count: Int? = nil, _ function: (_ line: [Element]) -> [Element]
  ) -> Exactly {
    var sizes = shape
    sizes[axis] = count ?? shape[axis]
    var result = Exactly(sizes, Array(repeating: 0, count: sizes.reduce(1, *)))
    let sources = Lattice.lines(shape, axis)
    for (source, target) in zip(sources, Lattice.lines(sizes, axis)) {
      for (place, element) in zip(target, function(source.map { (values[$0], reach[$0]) })) {
        (result.values[place], result.reach[place]) = element
      }
    }
    return result
  }

  /// The product, and what it can change by: each factor's reach times the others' magnitudes.
  private static func product(_ factors: some Collection<Element>) -> Element {
    let list = Array(factors)
    let reaches = list.indices.map { place in
      list.indices.reduce(list[place].reach) { $1 == place ? $0 : $0 * abs(list[$1].value) }
    }
    return (list.reduce(1) { $0 * $1.value }, reaches.reduce(0, +))
  }

  func product(_ axis: Int) -> Exactly {
    var result = lines(axis, count: 1) { [Exactly.product($0)] }
    result.shape.remove(at: axis)
    return result
  }

  func cumulativeSum(_ axis: Int) -> Exactly {
    lines(axis) { line in
      line.indices.map { end in
        line[...end].reduce((0, 0)) { ($0.0 + $1.value, $0.1 + $1.reach) }
      }
    }
  }

  func cumulativeProduct(_ axis: Int) -> Exactly {
    lines(axis) { line in line.indices.map { Exactly.product(line[...$0]) } }
  }

  func cumulativeMax(_ axis: Int) -> Exactly {
    lines(axis) { line in
      line.indices.map { end in line[...end].max { $0.value < $1.value } ?? (0, 0) }
    }
  }

  func sorted(_ axis: Int, descending: Bool = false) -> Exactly {
    lines(axis) { line in
      line.sorted { descending ? $0.value > $1.value : $0.value < $1.value }
    }
  }

  /// Negative places count from the end.
  func taking(_ places: [Int], _ axis: Int) -> Exactly {
    lines(axis, count: places.count) { line in
      places.map { line[$0 < 0 ? $0 + line.count : $0] }
    }
  }

  /// With the updates at these places along an axis, one after the other, in place of what is there
  /// or added to it. Each line has places of its own, or all have the first.
  func scattering(
    _ updates: Exactly, at places: [[Int]], _ axis: Int, isAdding: Bool
  ) -> Exactly {
    var result = self
    let targets = Lattice.lines(shape, axis)
    let sources = Lattice.lines(updates.shape, axis)
    for line in targets.indices {
      let own = places[line % places.count]
      for (source, place) in zip(sources[line], own) {
        let target = targets[line][place < 0 ? place + shape[axis] : place]
        result.values[target] = (isAdding ? result.values[target] : 0) + updates.values[source]
        result.reach[target] = (isAdding ? result.reach[target] : 0) + updates.reach[source]
      }
    }
    return result
  }
}
