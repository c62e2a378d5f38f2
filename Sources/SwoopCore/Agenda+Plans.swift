import Synchronization

/// The plans of programs that come again, as those in a loop do: with the outline of a program
/// goes the order in which the agenda would take its operations.
extension Agenda {
  /// All that the agenda looks at: of each operation its signature, where among the others its
  /// operands are, and of a product which earlier one has the same right operand.
  struct Outline {
    fileprivate private(set) var words: [UInt] = []
    fileprivate private(set) var hash: UInt = 0

    /// - Parameter nodes: of one evaluation, each with its place in the list as its position.
    init(_ nodes: [Node]) {
      words.reserveCapacity(nodes.count * 5)
      var rights = Rights()
      nodes.lend { lent in
        lent.look { index, node in
          guard let interned = node.scheduled else { return }
          append(UInt(bitPattern: Unmanaged.passUnretained(interned).toOpaque()))
          let isProduct = interned.isProduct
          node.visitOperands { place, operand in
            // Of others it does not matter which they are.
            append(UInt(operand.place(among: lent, before: index) ?? lent.count))
            if isProduct, place == 1 { append(UInt(rights.first(with: operand, at: index))) }
          }
        }
      }
    }

    private mutating func append(_ word: UInt) {
      words.append(word)
      hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
  }

  /// Which operation was the first with a right operand. Most programs have few.
  private struct Rights {
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
  struct Plan {
    fileprivate struct Group {
      /// Held, so that no other takes its place in an outline.
      let signature: InternedSignature
      let members: [Int]
    }
    private let parts: [Group]

    init(_ groups: [OperationGroup]) {
      parts = groups.map { Group(signature: $0.interned, members: $0.nodes.map(\.position)) }
    }

    func groups(of nodes: [Node]) -> [OperationGroup] {
      parts.map { part in
        OperationGroup(part.signature, nodes: part.members.map { nodes[$0] })
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
