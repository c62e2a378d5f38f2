/// An array of numbers of one element type on one device.
///
/// A tensor is a value: it never changes. It may be the promise of one: operations run when a
/// result is read, when the scope they were made in ends, or at once on the per-op path.
public struct Tensor: Sendable {
  package let node: Node
  /// Where the elements lie if not row-major from the start of the node's storage.
  package let view: View?

  package final class View: Sendable {
    let layout: Layout
    package init(_ layout: Layout) { self.layout = layout }

    /// Whether no axis runs backwards.
    var isUpright: Bool { layout.origin == 0 }
  }

  package init(_ node: Node, view: View? = nil) {
    self.node = node
    self.view = view
  }

  /// The sizes of the dimensions, outermost first.
  public var shape: Shape { view?.layout.shape ?? node.form.shape }

  /// The type of the elements.
  public var elementType: ElementType { node.form.elementType }

  /// Where the tensor lives, and operations on it run.
  public var device: Device { Device(node.backend) }

  package var layout: Layout { view?.layout ?? Layout(node.form.shape) }

  /// Elements from the start of the node's slice to the one that lies lowest in memory: to the
  /// first, unless axes run backwards.
  package var offset: Int {
    guard let view else { return 0 }
    return view.layout.offset - view.layout.origin
  }

  /// Whether it is all of a node of this form, as it lies, on the device of these signatures.
  package func isWhole(_ form: SharedForm, in table: Unmanaged<SignatureTable>) -> Bool {
    view == nil && node.table.toOpaque() == table.toOpaque()
      && (node.described === form || node.described.form == form.form)
  }

  /// Whether a contiguous tensor is all of its node.
  package var isWhole: Bool {
    guard let view else { return true }
    return view.layout.offset == 0
      && view.layout.shape.elementCount == node.form.shape.elementCount
  }

  /// A tensor of host data; the bytes go to the device when an operation needs them.
  package init<E: TensorElement>(
    _ elements: [E], shape: Shape, backend: any Backend
  ) throws(TensorError) {
    // Its node keeps it from here on.
    defer { withExtendedLifetime(backend) {} }
    try self.init(elements, shape: shape, in: backend.lentSignatures)
  }

  /// The same on the device of these signatures, without counting references.
  package init<E: TensorElement>(
    _ elements: [E], shape: Shape, in table: Unmanaged<SignatureTable>
  ) throws(TensorError) {
    try shape.check()
    guard elements.count == shape.elementCount else {
      throw TensorError(
        .shapeMismatch,
        "\(elements.count) elements were given for shape \(shape), which takes "
          + "\(shape.elementCount)")
    }
    node = Node(
      source: HostData(elements), form: TensorForm(shape, E.elementType), in: table)
    view = nil
  }

  /// Makes one operation on these operands: checks them, and hands the node to the scope.
  /// - Parameter isNoted: whether gradients go back through it.
  package static func make(
    _ operation: TensorOperation, _ operands: [Tensor], _ attributes: Attributes,
    isNoted: Bool = true
  ) throws(TensorError) -> Tensor {
    try make(operation, Operands(operands), attributes, isNoted: isNoted)
  }

  package static func make(
    _ operation: TensorOperation, _ operands: [Tensor]
  ) throws(TensorError) -> Tensor {
    try make(operation, Operands(operands))
  }

  static func make(
    _ operation: TensorOperation, _ operands: consuming Operands,
    _ attributes: Attributes, isNoted: Bool = true
  ) throws(TensorError) -> Tensor {
    try check(operands, operation)
    let table = operands[0].node._withUnsafeGuaranteedRef { $0.table }
    let signature = try table.takeUnretainedValue().signature(operation, operands, attributes)
    return finish(signature, operands, isNoted ? (operation, attributes) : nil)
  }

  /// The same without attributes but for the activation: what most operations are.
  static func make(
    _ operation: TensorOperation, _ operands: consuming Operands, activation: Activation = .none
  ) throws(TensorError) -> Tensor {
    try check(operands, operation)
    let table = operands[0].node._withUnsafeGuaranteedRef { $0.table }
    let call = SignatureTable.Call(operation, operands, activation)
    let known = table._withUnsafeGuaranteedRef { $0.known(call) }
    let signature: Unmanaged<InternedSignature>
    if let known {
      signature = known
    } else {
      signature = try table.takeUnretainedValue()
        .signature(call, operation, operands, activation).forNode
    }
    // Looked up once for both: what is local to a task is not to be had for nothing.
    let scope = Scope.current
    if scope?.tape != nil {
      let held = signature.takeUnretainedValue()
      if !held.isPermanent { signature.release() }
      return finish(held, operands, (operation, held.signature.attributes))
    }
    let node = Node(signature, operands, in: table)
    hand(node, to: scope)
    return Tensor(node)
  }

  /// - Throws: `deviceMismatch` if the operands are not all on one device.
  @inline(__always)
  private static func check(
    _ operands: borrowing Operands, _ operation: TensorOperation
  ) throws(TensorError) {
    let first = operands[0].node._withUnsafeGuaranteedRef { $0.table.toOpaque() }
    for index in 1..<Swift.max(operands.count, 1) {
      let other = operands[index].node._withUnsafeGuaranteedRef { $0.table.toOpaque() }
      if other == first { continue }
      let names = (operands[0].tensor.node.backend.name, operands[index].tensor.node.backend.name)
      throw TensorError(
        .deviceMismatch,
        "\(operation.name) was given tensors on \(names.0) and \(names.1); copied(to:) moves a "
          + "tensor")
    }
  }

  /// - Parameter noted: what a gradient writes down; nil for what none goes back through.
  private static func finish(
    _ signature: InternedSignature, _ operands: consuming Operands,
    _ noted: (operation: TensorOperation, attributes: Attributes)?
  ) -> Tensor {
    let scope = Scope.current
    let tape = noted == nil ? nil : scope?.tape
    let tensors = tape == nil ? [] : operands.tensors
    let backend = operands[0].tensor.node.backend
    let node = Node(signature, operands, backend: backend)
    if let noted { tape?.note(noted.operation, noted.attributes, tensors, node) }
    hand(node, to: scope)
    return Tensor(node)
  }

  @inline(__always)
  private static func hand(_ node: Node, to scope: Scope?) {
    // What a model does while it is traced is nobody's to run.
    if node.isTraced { return }
    if let scope, scope.takes(node.table) {
      scope.add(node)
    } else if let scope = scope?.active(for: node.backend) {
      scope.add(node)
    } else if node.isLong {
      Evaluator.evaluate([node], path: .batched)
    }
  }
}
