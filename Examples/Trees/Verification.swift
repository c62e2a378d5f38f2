import Swoop

/// Compares what a device computes with the CPU back end, node by node, and keeps the results that
/// every path must give to the last bit.
///
/// A bound from the words up to the root would grow with every level until it allows anything. So
/// each node is looked at alone: the CPU back end gets the very states that the device computed
/// for the node's children, and both results must be within the bound that `BoundedCell` derives
/// from these inputs; they may then differ by twice the bound. Where every node is right, so is
/// the whole.
struct Verification: Sendable {
  /// The largest difference between device and CPU by its share of what is allowed.
  private(set) var worst = (difference: 0.0, allowed: 0.0, ratio: -1.0)
  /// The largest difference between the two in a sentence's probabilities if each computes the
  /// whole tree by itself: to know, not to judge.
  private(set) var differenceAtRoots = 0.0
  /// The probabilities [5] of each tree.
  private(set) var expected: [[Float]] = []

  private let cell: BoundedCell
  private let device: TreeLSTM
  private let host: TreeLSTM

  struct WrongResults: Error, CustomStringConvertible {
    /// One line for a person.
    let description: String
  }

  /// Computes the forest batched on the network's device and verifies every node of it.
  /// - Throws: `WrongResults`; what a device reports.
  init(_ forest: Forest, _ network: TreeLSTM, _ parameters: Parameters<HostArray>) async throws {
    cell = BoundedCell(parameters: parameters)
    device = network
    host = try TreeLSTM(parameters, on: .cpu)
    for (index, tree) in forest.trees.enumerated() {
      let place = "tree \(index)"
      let (states, classes) = try await network.one.device.batched {
        let states = try Subtree(tree, network)
        return (states, try network.classes(states.state))
      }
      let root = try await verify(states, place)
      let probabilities: [Float] = try await classes.array()
      let h = try Tensor(root.h, shape: [root.h.count], on: .cpu)
      try check(
        probabilities, try await host.classes(.init(h: h, c: h)).array(), cell.classes(root.h),
        place + ", classes")
      let alone: [Float] = try await host(tree).array()
      for (one, other) in zip(probabilities, alone) {
        differenceAtRoots = max(differenceAtRoots, abs(Double(one) - Double(other)))
      }
      expected.append(probabilities)
    }
  }

  /// A tree with the states of all its nodes.
  private indirect enum Subtree: Sendable {
    case word(Int, TreeLSTM.State)
    case pair(Subtree, Subtree, TreeLSTM.State)

    init(_ tree: Tree, _ network: TreeLSTM) throws(TensorError) {
      switch tree {
      case .word(let word): self = .word(word, try network.state(of: tree))
      case .pair(let left, let right):
        let (left, right) = (try Subtree(left, network), try Subtree(right, network))
        self = .pair(left, right, try network.joined(left.state, right.state))
      }
    }

    var state: TreeLSTM.State {
      switch self {
      case .word(_, let state), .pair(_, _, let state): state
      }
    }
  }

  /// Verifies a node and all below it, and returns its state.
  private mutating func verify(
    _ node: Subtree, _ place: String
  ) async throws -> BoundedCell.Values {
    let onHost: TreeLSTM.State
    let bounded: BoundedCell.Expected
    switch node {
    case .word(let word, _):
      onHost = try host.leaf(host.parameters.vectors[word])
      bounded = cell.leaf(cell.parameters.vectors[word].elements)
    case .pair(let left, let right, _):
      let values = (
        left: try await verify(left, place + "l"), right: try await verify(right, place + "r")
      )
      onHost = try host.joined(onHostState(values.left), onHostState(values.right))
      bounded = cell.joined(values.left, values.right)
    }
    let values = BoundedCell.Values(
      h: try await node.state.h.array(), c: try await node.state.c.array())
    try check(values.c, try await onHost.c.array(), bounded.c, place + ", c")
    try check(values.h, try await onHost.h.array(), bounded.h, place + ", h")
    return values
  }

  private func onHostState(_ values: BoundedCell.Values) throws(TensorError) -> TreeLSTM.State {
    .init(
      h: try Tensor(values.h, shape: [values.h.count], on: .cpu),
      c: try Tensor(values.c, shape: [values.c.count], on: .cpu))
  }

  /// - Throws: `WrongResults` if one of the two is not within the bound.
  private mutating func check(
    _ results: [Float], _ onHost: [Float], _ bounded: BoundedVector, _ place: String
  ) throws {
    guard results.count == bounded.elements.count, onHost.count == results.count else {
      throw WrongResults(description: "\(place): \(results.count) elements of \(onHost.count)")
    }
    for (index, exact) in bounded.elements.enumerated() {
      for (name, result) in [("the device", results[index]), ("the CPU", onHost[index])] {
        // Written so that NaN is wrong too.
        guard abs(Double(result) - exact.value) <= exact.error else {
          throw WrongResults(
            description: "\(place): element \(index) is \(result) on \(name), it should be "
              + "\(exact.value), and theory allows an error of \(exact.error)")
        }
      }
      let difference = abs(Double(results[index]) - Double(onHost[index]))
      let ratio = difference / (2 * exact.error)
      if ratio > worst.ratio { worst = (difference, 2 * exact.error, ratio) }
    }
  }

  /// Compares the results of the forest on some path with those that were verified, bit by bit.
  /// - Throws: `WrongResults`.
  func check(_ results: [Tensor], path: String) async throws {
    guard results.count == expected.count else {
      throw WrongResults(description: "\(path): \(results.count) results of \(expected.count)")
    }
    for (index, tensor) in results.enumerated() {
      let found: [Float] = try await tensor.array()
      guard found.map(\.bitPattern) == expected[index].map(\.bitPattern) else {
        throw WrongResults(
          description: "\(path): tree \(index) is \(found), and \(expected[index]) was verified")
      }
    }
  }
}
