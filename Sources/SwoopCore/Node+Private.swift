extension Node {
  /// Finds out which of these nodes nobody else holds: nodes that the caller has claimed, in
  /// dependency order and in no other list.
  static func markPrivate(_ nodes: inout [Node]) {
    nodes.look { $1.position = $0 }
    // Without the references that the nodes have to each other, the list is all that is left.
    var lent: [Unmanaged<Node>] = []
    nodes.lend { nodes in
      nodes.look { reader, node in
        node.visitOperands { _, operand in
          let place = operand.position
          guard place < reader, nodes.isNode(at: place, operand) else { return }
          lent.append(.passUnretained(operand))
        }
      }
    }
    for operand in lent { operand.release() }
    for index in nodes.indices {
      let isOnly = isKnownUniquelyReferenced(&nodes[index])
      nodes[index].isOwn = isOnly
    }
    for operand in lent { _ = operand.retain() }
  }
}
