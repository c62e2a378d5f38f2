import Synchronization

/// A model traced once: what it does to one sample, as steps that serve a batch of any size.
package struct Trace: Sendable {
  /// One operation on one sample.
  package struct Step: Sendable {
    package let interned: InternedSignature
    package let operands: [Operand]
    package let byteCount: Int
    package var signature: Signature { interned.signature }
  }

  /// Where a step finds an operand; offsets are in elements.
  package enum Operand: Sendable {
    /// The sample, row-major.
    case input(offset: Int)
    /// The result of an earlier step.
    case step(Int, offset: Int)
    /// A tensor that is the same for all samples.
    case constant(Tensor)
  }

  package let steps: [Step]
  /// Form of the last step's result, and how the model's result is seen in it.
  package let form: SharedForm
  package let view: Tensor.View?

  /// Runs the model on a stand-in for a sample and takes down what it did.
  /// - Throws: what the model throws; `notAvailable` if it reads a value.
  package init(
    _ input: TensorForm, on backend: any Backend, fuses: Bool = true,
    _ model: (Tensor) throws -> Tensor
  ) throws {
    let placeholder = Node(placeholder: input, backend: backend)
    Trace.underWay.wrappingAdd(1, ordering: .relaxed)
    defer { Trace.underWay.wrappingSubtract(1, ordering: .relaxed) }
    var result = try Trace.$isTraced.withValue(true) { try model(Tensor(placeholder)) }
    guard result.node.backend === backend else {
      throw TensorError(
        .deviceMismatch,
        "a coalesced model on \(backend.name) gave a tensor on "
          + result.node.backend.name)
    }
    // What the samples have no part in is one result, wanted once for each.
    if !result.node.isTraced || result.node === placeholder {
      result = try Tensor.make(.copy, [result])
    }
    var steps: [Step] = []
    var places: [ObjectIdentifier: Int] = [:]
    let root = result.node
    var order = Trace.order(root, placeholder)
    // The stand-in and the results in between are nobody's.
    if fuses, backend.fuses { order = Fusion(order) { $0 !== root }.left.map { order[$0] } }
    for node in order {
      guard let interned = node.scheduled else { continue }
      var operands: [Operand] = []
      for operand in node.operands {
        if operand.node === placeholder {
          operands.append(.input(offset: operand.layout.offset))
        } else if let place = places[ObjectIdentifier(operand.node)] {
          operands.append(.step(place, offset: operand.layout.offset))
        } else {
          operands.append(.constant(operand))
        }
      }
      places[ObjectIdentifier(node)] = steps.count
      steps.append(
        Step(interned: interned, operands: operands, byteCount: node.byteCount))
    }
    self.steps = steps
    form = .of(result.node.form)
    view = result.view
    for case .constant(let tensor) in steps.flatMap(\.operands) {
      try Tape.refuse(tensor, in: "a coalesced model")
    }
  }

  /// Whether a model is being traced: coalesced calls inside are then part of the trace.
  package static var isTracing: Bool {
    // What is local to a task takes a while to look up.
    underWay.load(ordering: .relaxed) > 0 && isTraced
  }
  @TaskLocal private static var isTraced = false
  private static let underWay = Atomic<Int>(0)

  /// The constants, which must be on the device before the trace can run.
  package var constants: [Node] {
    steps.flatMap(\.operands).compactMap { operand in
      if case .constant(let tensor) = operand { tensor.node } else { nil }
    }
  }

  /// The nodes that hang on the placeholder, operands first.
  private static func order(_ root: Node, _ placeholder: Node) -> [Node] {
    var order: [Node] = []
    var seen: Set<ObjectIdentifier> = []
    var stack = [(node: root, next: 0)]
    while let top = stack.last {
      let operands = top.node.operands
      if top.next < operands.count {
        stack[stack.count - 1].next += 1
        let node = operands[top.next].node
        if node !== placeholder, node.isTraced, !seen.contains(ObjectIdentifier(node)) {
          stack.append((node, 0))
        }
      } else {
        stack.removeLast()
        if seen.insert(ObjectIdentifier(top.node)).inserted { order.append(top.node) }
      }
    }
    return order
  }
}

/// What a trace gave for a batch: results side by side, one for each sample.
package struct BatchResult: Sendable {
  package let storage: any Storage
  /// Bytes from one sample's result to the next one's.
  package let stride: Int
  package let submission: (any Submission)?
  /// Of each sample's result; empty if nothing can be found out about any.
  package let findings: [Findings?]

  package init(
    storage: any Storage, stride: Int, submission: (any Submission)?, findings: [Findings?] = []
  ) {
    self.storage = storage
    self.stride = stride
    self.submission = submission
    self.findings = findings
  }
}
