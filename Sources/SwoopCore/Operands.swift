/// The tensors that one operation is computed from, which move into its node and are never copied on
/// the way.
///
/// Their references are counted by hand, once for as long as the operands last: each count is an
/// atomic operation, and counting took half of the time of making and submitting an operation.
package struct Operands: ~Copyable, @unchecked Sendable {
  /// One of them; good for as long as the operands are.
  package struct Slot {
    package let node: Unmanaged<Node>
    @usableFromInline let heldView: Unmanaged<Tensor.View>?

    @inline(__always)
    fileprivate init(_ tensor: borrowing Tensor) {
      node = .passUnretained(tensor.node)
      _ = node.retain()
      heldView = tensor.view.map { .passRetained($0) }
    }

    fileprivate func release() {
      node.release()
      heldView?.release()
    }

    /// Another reference.
    fileprivate init(retaining other: Slot) {
      (node, heldView) = (other.node, other.heldView)
      _ = node.retain()
      _ = heldView?.retain()
    }

    package var tensor: Tensor {
      Tensor(node.takeUnretainedValue(), view: heldView?.takeUnretainedValue())
    }

    /// Whether it is the other's node, seen in the same way.
    @inlinable @inline(__always)
    package func isSame(as other: Slot) -> Bool {
      node.toOpaque() == other.node.toOpaque()
        && heldView?.toOpaque() == other.heldView?.toOpaque()
    }

    @inlinable @inline(__always)
    package var hasView: Bool { heldView != nil }

    @inline(__always)
    func look<R>(_ body: (Node, Tensor.View?) -> R) -> R {
      node._withUnsafeGuaranteedRef { node in
        guard let heldView else { return body(node, nil) }
        return heldView._withUnsafeGuaranteedRef { body(node, $0) }
      }
    }
  }

  /// Up to three lie here: a node is made for every operation, and few have more. Not an inline array,
  /// of which all is copied to look at one.
  @usableFromInline var (first, second, third): (Slot?, Slot?, Slot?)
  @usableFromInline var many: UnsafeMutablePointer<Slot>?
  @usableFromInline var number: Int32 = 0

  package init() {}

  @inlinable package var count: Int { Int(number) }

  init(_ only: borrowing Tensor) { append(only) }

  init(_ first: borrowing Tensor, _ second: borrowing Tensor) {
    append(first)
    append(second)
  }

  init(_ first: borrowing Tensor, _ second: borrowing Tensor, _ third: Tensor?) {
    append(first)
    append(second)
    if let third { append(third) }
  }

  package init(_ list: [Tensor]) {
    if list.count > 3 {
      let slots = UnsafeMutablePointer<Slot>.allocate(capacity: list.count)
      for (index, tensor) in list.enumerated() { (slots + index).initialize(to: Slot(tensor)) }
      many = slots
      number = Int32(list.count)
    } else {
      for tensor in list { append(tensor) }
    }
  }

  /// Those of others, which keep theirs; three at most.
  init(_ slots: some Sequence<Slot>) {
    for slot in slots { append(Slot(retaining: slot)) }
  }

  @inline(__always)
  private mutating func append(_ tensor: borrowing Tensor) { append(Slot(tensor)) }

  @inline(__always)
  private mutating func append(_ slot: Slot) {
    switch number {
    case 0: first = slot
    case 1: second = slot
    case 2: third = slot
    default: preconditionFailure("more than three operands")
    }
    number += 1
  }

  @inlinable @inline(__always)
  func few(_ index: Int) -> Slot {
    // What `count` says is there.
    (index == 0 ? first : index == 1 ? second : third).unsafelyUnwrapped
  }

  deinit {
    for index in 0..<count { self[index].release() }
    many?.deallocate()
  }

  var isEmpty: Bool { count == 0 }

  package subscript(index: Int) -> Slot {
    @inlinable @inline(__always) get {
      precondition(index >= 0 && index < count, "no such operand")
      if let many { return many[index] }
      return few(index)
    }
  }

  package var tensors: [Tensor] { (0..<count).map { self[$0].tensor } }

  /// Calls `body` with each and its place.
  @inline(__always)
  func visit<E: Error>(_ body: (Int, Slot) throws(E) -> Void) throws(E) {
    for index in 0..<count { try body(index, self[index]) }
  }

  /// Lets go of all, and hands those nodes on that may hang on others.
  mutating func removeAll(into list: inout [Node]) {
    for index in 0..<count {
      let slot = self[index]
      if slot.node._withUnsafeGuaranteedRef({ $0.hangsOnOthers }) {
        list.append(slot.node.takeRetainedValue())
      } else {
        slot.node.release()
      }
      slot.heldView?.release()
    }
    forget()
  }

  /// Lets go of all.
  mutating func removeAll() {
    let last = count
    number = 0
    for index in 0..<last {
      if let many { many[index].release() } else { few(index).release() }
    }
    forget()
  }

  private mutating func forget() {
    number = 0
    many?.deallocate()
    many = nil
  }
}

/// Nodes that a list keeps alive, to look at without counting references.
package struct LentNodes {
  private let nodes: UnsafeBufferPointer<Unmanaged<Node>>

  fileprivate init(_ nodes: UnsafeBufferPointer<Unmanaged<Node>>) { self.nodes = nodes }

  package var count: Int { nodes.count }
  package var indices: Range<Int> { 0..<nodes.count }

  package subscript(index: Int) -> Unmanaged<Node> {
    @inline(__always) get { nodes[index] }
  }

  @inline(__always)
  package func isNode(at index: Int, _ node: Node) -> Bool {
    nodes[index].toOpaque() == Unmanaged.passUnretained(node).toOpaque()
  }

  /// Calls `body` with each and its place.
  @inline(__always)
  package func look(_ body: (Int, Node) -> Void) {
    for index in indices { nodes[index]._withUnsafeGuaranteedRef { body(index, $0) } }
  }
}

extension [Node] {
  /// Calls `body` with the nodes, which it must not keep.
  @inline(__always)
  package func lend<R, E: Error>(_ body: (LentNodes) throws(E) -> R) throws(E) -> R {
    try withUnsafeBufferPointer { (nodes) throws(E) -> R in
      // A reference is an address.
      let start = UnsafeRawPointer(nodes.baseAddress)?.assumingMemoryBound(
        to: Unmanaged<Node>.self)
      return try body(LentNodes(UnsafeBufferPointer(start: start, count: nodes.count)))
    }
  }

  /// Calls `body` with each and its place.
  @inline(__always)
  package func look(_ body: (Int, Node) -> Void) { lend { $0.look(body) } }
}

extension [Tensor] {
  /// Calls `body` with the node of each and its place.
  @inline(__always)
  package func look(_ body: (Int, Node) -> Void) {
    lend { slots in
      for index in slots.indices { slots[index].node._withUnsafeGuaranteedRef { body(index, $0) } }
    }
  }

  /// Calls `body` with the tensors, which it must not keep.
  @inline(__always)
  package func lend<R, E: Error>(
    _ body: (UnsafeBufferPointer<Operands.Slot>) throws(E) -> R
  ) throws(E) -> R {
    try withUnsafeBufferPointer { (tensors) throws(E) -> R in
      // A tensor is a reference to its node and one to its view, and so is a slot.
      let start = UnsafeRawPointer(tensors.baseAddress)?.assumingMemoryBound(
        to: Operands.Slot.self)
      return try body(UnsafeBufferPointer(start: start, count: tensors.count))
    }
  }
}
