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
  package struct Items: Sendable, RandomAccessCollection {
    package private(set) var samples: [Tensor] = []
    package private(set) var results: [Node] = []

    init(capacity: Int) {
      samples.reserveCapacity(capacity)
      results.reserveCapacity(capacity)
    }

    mutating func append(_ sample: consuming Tensor, _ result: consuming Node) {
      samples.append(sample)
      results.append(result)
    }

    /// Leaves the others out.
    mutating func keep(where isKept: (Node) -> Bool) {
      let places = results.indices.filter { isKept(results[$0]) }
      (samples, results) = (places.map { samples[$0] }, places.map { results[$0] })
    }

    mutating func forgetSamples() { samples = [] }

    package var startIndex: Int { 0 }
    package var endIndex: Int { results.count }
    package subscript(index: Int) -> Item {
      Item(sample: samples[index], result: results[index])
    }
  }
}
