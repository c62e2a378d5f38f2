import Synchronization

/// The plans of programs that come again, as those in a loop do: with the outline of a program
/// goes the order in which the agenda would take its operations.
extension Agenda {
  /// All that the agenda looks at: of each operation its signature, where among the others its
  /// operands are, and of a product which earlier one has the same right operand.
  struct Outline: Sendable {
    fileprivate private(set) var words: [UInt] = []
    fileprivate private(set) var hash: UInt = 0
    /// Only while it is written.
    fileprivate var rights = Rights()

    /// To be filled with so many operations.
    init(of count: Int) { words.reserveCapacity(count * 4) }

    /// - Parameter nodes: of one evaluation; each is given its place in the list as its position.
    init(_ nodes: [Node]) {
      self.init(of: nodes.count)
      nodes.look { $1.position = $0 }
      nodes.lend { lent in lent.look { index, node in append(node, at: index, among: lent) } }
    }

    /// The next node, which knows its level; all before have their places as positions.
    @inline(__always)
    mutating func append(_ node: Node, at index: Int, among nodes: LentNodes) {
      guard node.isOperation else { return }
      let (address, isProduct) = node.lentScheduled
      append(address)
      for place in 0..<node.operandCount {
        let slot = node.operandSlot(place)
        slot.node._withUnsafeGuaranteedRef { operand in
          // Of others it does not matter which they are.
          let found = operand.place(among: nodes, before: index) ?? Outline.elsewhere
          append(UInt(found) << 1 | (slot.hasView ? 1 : 0))
          if place == 1, isProduct { append(UInt(rights.first(with: operand, at: index))) }
        }
      }
    }

    private static let elsewhere = Int(Int32.max)

    /// Which results only their readers want.
    mutating func appendPrivate(_ nodes: [Node]) {
      var bits: UInt = 1
      nodes.look { index, node in
        bits = bits << 1 | (node.isPrivate ? 1 : 0)
        guard index % 32 == 31 else { return }
        append(bits)
        bits = 1
      }
      append(bits)
    }

    private mutating func append(_ word: UInt) {
      words.append(word)
      hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
  }

  /// Which operation was the first with a right operand. Most programs have few.
  fileprivate struct Rights {
    private var recent: [(node: ObjectIdentifier, index: Int)] = []
    private var all: [ObjectIdentifier: Int] = [:]

    mutating func first(with node: Node, at index: Int) -> Int {
      let identity = ObjectIdentifier(node)
      for known in recent where known.node == identity { return known.index }
      if recent.count < 8 {
        recent.append((identity, index))
        return index
      }
      if let known = all[identity] { return known }
      all[identity] = index
      return index
    }
  }

  /// The groups of a program, by the places of their operations.
  struct Plan: Sendable {
    private struct Group {
      /// Held, so that no other takes its place in an outline.
      let signature: InternedSignature
      let members: [Int]
      let isResult: Bool
      /// Of each member what it is computed from; empty where that is its own operands.
      let parts: [Fusion.Part]
    }
    private let groups: [Group]
    /// The only group's members are all the operations in order.
    private let isWhole: Bool
    /// The operations that have become part of others.
    private let gone: [Int]
    /// The signatures that outlines have, where they are not the groups'.
    private let held: [InternedSignature]

    init(_ groups: [OperationGroup]) {
      self.groups = groups.map {
        Group(
          signature: $0.interned, members: $0.nodes.map(\.position), isResult: $0.isResult,
          parts: [])
      }
      isWhole = groups.count == 1 && self.groups[0].members == Array(groups[0].nodes.indices)
      gone = []
      held = []
    }

    /// Of operations some of which have become part of others.
    /// - Parameter groups: of what is left, by their positions in that.
    init(_ groups: [OperationGroup], _ fusion: Fusion) {
      self.groups = groups.map { group in
        let members = group.nodes.map { fusion.left[$0.position] }
        let parts = members.compactMap { fusion.parts[$0] }
        return Group(
          signature: group.interned, members: members, isResult: group.isResult,
          parts: parts.count == members.count ? parts : [])
      }
      isWhole = false
      let left = Set(fusion.left)
      gone = (0..<fusion.count).filter { !left.contains($0) }
      held = fusion.signatures
    }

    /// The groups of other operations; nil if they read the same where these did not.
    func groups(of nodes: [Node]) -> [OperationGroup]? {
      if isWhole {
        return [OperationGroup(groups[0].signature, nodes: nodes, isResult: groups[0].isResult)]
      }
      for group in groups {
        for part in group.parts where !part.alike.isEmpty && !part.fits(nodes) { return nil }
      }
      for group in groups {
        for (index, part) in group.parts.enumerated() {
          nodes[group.members[index]].run(as: group.signature, on: part.operands(among: nodes))
        }
      }
      // All parts have theirs by now.
      for place in gone { nodes[place].forgetOperands() }
      return groups.map { group in
        OperationGroup(
          group.signature, nodes: group.members.map { nodes[$0] }, isResult: group.isResult)
      }
    }
  }

  /// The latest plans.
  final class Plans: Sendable {
    private struct Kept {
      let outline: Outline
      let plan: Plan
    }
    /// Programs larger than this are scheduled anew: their plans would take megabytes.
    private static let wordLimit = 1 << 17
    private static let count = 64
    private let kept = Lock([Kept?](repeating: nil, count: Plans.count))

    private static func slot(_ outline: Outline) -> Int {
      Int(truncatingIfNeeded: outline.hash) & (count - 1)
    }

    func plan(for outline: Outline) -> Plan? {
      let found = kept.withLock { $0[Plans.slot(outline)] }
      // Compared outside of the lock.
      guard let found, found.outline.hash == outline.hash, found.outline.words == outline.words
      else { return nil }
      return found.plan
    }

    func keep(_ plan: Plan, for outline: Outline) {
      guard outline.words.count <= Plans.wordLimit else { return }
      var outline = outline
      outline.rights = Rights()
      let replaced = kept.withLock { kept in
        let slot = Plans.slot(outline)
        defer { kept[slot] = Kept(outline: outline, plan: plan) }
        return kept[slot]
      }
      withExtendedLifetime(replaced) {}
    }
  }
}

extension Node {
  /// Where it is among these nodes, which have their places as positions; nil if it is not among
  /// those before `index`.
  @inline(__always)
  func place(among nodes: LentNodes, before index: Int) -> Int? {
    // Only the evaluation's own operations have a place among these, or those of a model that is
    // traced, which know no level; what a trace takes for constants may be another evaluation's.
    let isReaderTraced = nodes[index]._withUnsafeGuaranteedRef { $0.isTraced }
    guard isTraced == isReaderTraced, isTraced || level > 0 else { return nil }
    let place = position
    return place < index && nodes.isNode(at: place, self) ? place : nil
  }

  func place(in nodes: [Node], before index: Int) -> Int? {
    nodes.lend { place(among: $0, before: index) }
  }
}
