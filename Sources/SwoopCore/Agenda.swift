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

  /// Groups nodes that come in dependency order, each knowing its level.
  static func groups(_ nodes: [Node]) -> [OperationGroup] {
    if nodes.count == 1 { return [OperationGroup(nodes[0])] }
    var entries: [Entry] = []
    var classes: [ObjectIdentifier: Int] = [:]
    var signatures: [InternedSignature] = []
    let table = nodes[0].backend.signatures
    var classOf = [Int](repeating: 0, count: nodes.count)
    var waiting = [Int](repeating: 0, count: nodes.count)
    var consumers = [[Int32]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() { node.position = index }
    for (index, node) in nodes.enumerated() {
      let signature = table.intern(node)
      let number = classes[ObjectIdentifier(signature)] ?? entries.count
      if number == entries.count {
        classes[ObjectIdentifier(signature)] = number
        signatures.append(signature)
        entries.append(Entry())
      }
      classOf[index] = number
      entries[number].remaining += 1
      entries[number].depth += node.level
      for operand in node.application?.operands ?? [] where operand.node.level > 0 {
        // Only this evaluation's own operations have a place among these.
        let place = operand.node.position
        guard place < index, nodes[place] === operand.node else { continue }
        consumers[place].append(Int32(index))
        waiting[index] += 1
      }
      if waiting[index] == 0 { entries[number].ready.append(index) }
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
      for part in partition(members.map { nodes[$0] }, signatures[next].signature) {
        groups.append(OperationGroup(signatures[next], nodes: part))
      }
      for index in members {
        for consumer in consumers[index] {
          waiting[Int(consumer)] -= 1
          if waiting[Int(consumer)] == 0 {
            entries[classOf[Int(consumer)]].ready.append(Int(consumer))
          }
        }
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
  private static func partition(_ nodes: [Node], _ signature: Signature) -> [[Node]] {
    var parts = [nodes]
    if case .product = signature.operation.family, nodes.count > 1 {
      var byWeight: [ObjectIdentifier: Int] = [:]
      var split: [[Node]] = []
      for node in nodes {
        guard let weight = node.application?.operands[1].node else { continue }
        let place = byWeight[ObjectIdentifier(weight)] ?? split.count
        if place == split.count {
          byWeight[ObjectIdentifier(weight)] = place
          split.append([])
        }
        split[place].append(node)
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
