/// Puts ready operations of one signature together.
///
/// The order is that of the agenda of Neubig, Goldberg and Dyer, "On-the-fly Operation Batching in
/// Dynamic Computation Graphs" (2017): of the signatures that have ready operations, the one
/// whose operations still to be run lie least deep on average runs next, with all of its
/// operations that are ready. Waiting with a signature that mostly lies deeper lets its early
/// operations meet the late ones, which going by depth alone would not: trees of different
/// shapes have their leaves at different depths. Ties go to the smaller depth of the shallowest
/// ready operation, then to the signature met first, so that the order is the same every time.
struct Agenda {
  private struct Entry {
    var ready: [Int] = []
    var remaining = 0
    var depth = 0
  }

  /// The most bytes the results of one group may take together.
  private static let groupLimit = 128 << 20

  /// The nodes that read each node, all in one array.
  private struct Consumers {
    private var starts: [Int32]
    private var readers: [Int32]
    /// Operands of each node that are among the nodes.
    private(set) var waiting: [Int32]

    init(_ nodes: [Node]) {
      var waiting = [Int32](repeating: 0, count: nodes.count)
      var starts = [Int32](repeating: 0, count: nodes.count + 1)
      var edges: [(from: Int32, to: Int32)] = []
      edges.reserveCapacity(nodes.count * 2)
      nodes.lend { lent in
        lent.look { index, node in
          node.visitOperands { _, operand in
            guard let place = operand.place(among: lent, before: index) else { return }
            edges.append((Int32(place), Int32(index)))
            starts[place + 1] += 1
            waiting[index] += 1
          }
        }
      }
      for index in nodes.indices { starts[index + 1] += starts[index] }
      readers = [Int32](repeating: 0, count: edges.count)
      var next = starts
      for edge in edges {
        readers[Int(next[Int(edge.from)])] = edge.to
        next[Int(edge.from)] += 1
      }
      self.starts = starts
      self.waiting = waiting
    }

    /// Calls `body` with each node that waits for nothing any more once this one is done.
    mutating func release(_ index: Int, _ body: (Int) -> Void) {
      for place in Int(starts[index])..<Int(starts[index + 1]) {
        let reader = Int(readers[place])
        waiting[reader] -= 1
        if waiting[reader] == 0 { body(reader) }
      }
    }
  }

  /// Numbers the signatures that occur. A program repeats few, so a small table in front of the
  /// dictionary nearly always knows.
  private struct Classes {
    private var recent = [(signature: InternedSignature?, number: Int)](
      repeating: (nil, 0), count: 64)
    private var numbers: [ObjectIdentifier: Int] = [:]
    private(set) var signatures: [InternedSignature] = []

    mutating func number(_ signature: InternedSignature) -> Int {
      let slot = Int(bitPattern: Unmanaged.passUnretained(signature).toOpaque()) >> 5 & 63
      if recent[slot].signature === signature { return recent[slot].number }
      let number = numbers[ObjectIdentifier(signature)] ?? signatures.count
      if number == signatures.count {
        numbers[ObjectIdentifier(signature)] = number
        signatures.append(signature)
      }
      recent[slot] = (signature, number)
      return number
    }
  }

  /// Groups nodes that come in dependency order, each knowing its level.
  /// - Parameters:
  ///   - known: the nodes' outline, if it has been made.
  ///   - fuses: whether chains of elementwise operations become one each, where nobody else wants
  ///     the results in between.
  static func groups(
    _ nodes: [Node], _ known: consuming Outline? = nil, fusing fuses: Bool = false
  ) -> [OperationGroup] {
    if nodes.count == 1, let only = nodes[0].scheduled { return [OperationGroup(only, nodes[0])] }
    var outline = known ?? Outline(nodes)
    if fuses { outline.appendPrivate(nodes) }
    if let groups = plans.plan(for: outline)?.groups(of: nodes) { return groups }
    guard fuses else {
      let groups = scheduled(nodes)
      plans.keep(Plan(groups), for: outline)
      return groups
    }
    let fusion = Fusion(nodes) { $0.isPrivate }
    let rest = fusion.left.map { nodes[$0] }
    rest.look { $1.position = $0 }
    let groups = scheduled(rest)
    plans.keep(Plan(groups, fusion), for: outline)
    return groups
  }

  private static let plans = Plans()

  private static func scheduled(_ nodes: [Node]) -> [OperationGroup] {
    var entries: [Entry] = []
    var classes = Classes()
    var consumers = Consumers(nodes)
    var classOf = [Int](repeating: 0, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      guard let signature = node.scheduled else { continue }
      let number = classes.number(signature)
      if number == entries.count { entries.append(Entry()) }
      classOf[index] = number
      entries[number].remaining += 1
      entries[number].depth += node.level
      if consumers.waiting[index] == 0 { entries[number].ready.append(index) }
    }

    var groups: [OperationGroup] = []
    var left = nodes.count
    while left > 0 {
      guard let next = best(entries, nodes) else { break }
      let members = entries[next].ready
      entries[next].ready = []
      entries[next].remaining -= members.count
      for index in members { entries[next].depth -= nodes[index].level }
      left -= members.count
      let signature = classes.signatures[next]
      for part in partition(members.map { nodes[$0] }, signature) {
        groups.append(OperationGroup(signature, nodes: part))
      }
      for index in members {
        consumers.release(index) { entries[classOf[$0]].ready.append($0) }
      }
    }
    return groups
  }

  private static func best(_ entries: [Entry], _ nodes: [Node]) -> Int? {
    var best: (index: Int, average: Double, first: Int)?
    for (index, entry) in entries.enumerated() where !entry.ready.isEmpty {
      let average = Double(entry.depth) / Double(entry.remaining)
      let first = entry.ready.reduce(Int.max) { min($0, nodes[$1].level) }
      if let best, (best.average, best.first) <= (average, first) { continue }
      best = (index, average, first)
    }
    return best?.index
  }

  /// Splits a group where its operations would not share well: products by their right operand,
  /// so that the rows that meet one weight become one matrix product, and anything whose results
  /// together would be too large.
  private static func partition(
    _ nodes: [Node], _ signature: InternedSignature
  ) -> [[Node]] {
    var parts = [nodes]
    if signature.isProduct, nodes.count > 1 {
      var byWeight: [ObjectIdentifier: Int] = [:]
      var split: [[Node]] = []
      var last: (weight: Node, place: Int)?
      for node in nodes {
        let weight = node.operand(1).node
        if let last, last.weight === weight {
          split[last.place].append(node)
          continue
        }
        let place = byWeight[ObjectIdentifier(weight)] ?? split.count
        if place == split.count {
          byWeight[ObjectIdentifier(weight)] = place
          split.append([])
        }
        split[place].append(node)
        last = (weight, place)
      }
      // Where nearly every operation has its own, one dispatch with a table of weights it is.
      if split.count * 2 <= nodes.count { parts = split }
    }
    let limit = max(1, groupLimit / max(nodes[0].byteCount, 1))
    return parts.flatMap { part in
      stride(from: 0, to: part.count, by: limit).map {
        Array(part[$0..<min($0 + limit, part.count)])
      }
    }
  }
}
