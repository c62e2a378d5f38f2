extension CoalescingQueue {
  /// What a caller hands in: not a type parameter, because code of other modules would then look
  /// up types at run time, which took half of the time of a call.
  package struct Item: Sendable {
    package let sample: Tensor
    /// What the caller is owed; a promise that nobody else has yet.
    package let result: Node
    package init(sample: consuming Tensor, result: consuming Node) {
      self.sample = sample
      self.result = result
    }
  }

  /// What the callers of a batch have handed in, samples apart from results, as who submits them
  /// wants them.
  package struct Items: Sendable {
    package private(set) var samples: BatchSamples
    package private(set) var results: [Node] = []

    init() { samples = BatchSamples(capacity: 0) }

    /// - Parameter expected: how many are likely to come.
    init(expected: Int, in slots: SampleSlots?) {
      samples = slots.map(BatchSamples.init(in:)) ?? BatchSamples(capacity: expected)
      results.reserveCapacity(expected)
    }

    package var count: Int { results.count }
    package var isEmpty: Bool { results.isEmpty }

    /// - Returns: the slot that the caller is to fill, if there is one.
    @inline(__always)
    mutating func append(_ sample: borrowing Tensor, _ result: consuming Node) -> Int? {
      results.append(result)
      return samples.append(sample)
    }

    /// Takes those in that have come through the gate.
    mutating func takeIn(_ gate: inout Gate) {
      samples.takeSlots(gate.entered)
      gate.empty { results.append($0) }
    }

    /// Leaves the others out.
    mutating func keep(where isKept: (Node) -> Bool) {
      let places = results.indices.filter { isKept(results[$0]) }
      samples = samples.at(places)
      results = places.map { results[$0] }
    }

    mutating func forgetSamples() { samples = BatchSamples(capacity: 0) }
  }
}
