// Most operations have no attributes but perhaps an activation, and are made on values whose forms
// are objects that have met before. Their signatures are found by comparing addresses.

extension SignatureTable {
  /// An operation on the forms of its operands.
  struct Call {
    private let operation: UInt
    private var forms = InlineArray<3, UInt>(repeating: 0)
    private let activation: UInt32
    /// Where the table looks; negative if an operand is seen through a view, or there are many.
    let slot: Int

    @inline(__always)
    init(_ operation: TensorOperation, _ operands: borrowing Operands, _ activation: Activation) {
      self.operation = UInt(bitPattern: Unmanaged.passUnretained(operation).toOpaque())
      self.activation = activation.rawValue
      var key = self.operation ^ UInt(activation.rawValue)
      var isPlain = operands.count <= 3
      if isPlain {
        for index in 0..<operands.count {
          let operand = operands[index]
          if operand.hasView { isPlain = false }
          let form = operand.node._withUnsafeGuaranteedRef {
            UInt(bitPattern: Unmanaged.passUnretained($0.described).toOpaque())
          }
          forms[index] = form
          key = (key ^ form) &* 0x9E37_79B9_7F4A_7C15
          key ^= key >> 29
        }
      }
      slot = isPlain ? Int(truncatingIfNeeded: key) & (SignatureTable.recentCount - 1) : -1
    }

    @inline(__always)
    fileprivate func isSame(as other: Call) -> Bool {
      operation == other.operation && activation == other.activation
        && forms[0] == other.forms[0] && forms[1] == other.forms[1]
        && forms[2] == other.forms[2]
    }
  }

  /// A call that has been made, with its signature. Holds what it has the addresses of.
  final class KnownCall: Sendable {
    private let call: Call
    private let operation: TensorOperation
    private let forms: [SharedForm]
    private let signature: InternedSignature

    fileprivate init(
      _ call: Call, _ operation: TensorOperation, _ operands: borrowing Operands,
      _ signature: InternedSignature
    ) {
      self.call = call
      self.operation = operation
      forms = operands.tensors.map(\.node.described)
      self.signature = signature
    }

    @inline(__always)
    fileprivate func signature(_ call: Call) -> Unmanaged<InternedSignature>? {
      self.call.isSame(as: call) ? signature.forNode : nil
    }
  }

  static func keptCall(_ word: UInt) -> Unmanaged<KnownCall>? {
    UnsafeRawPointer(bitPattern: word).map { Unmanaged.fromOpaque($0) }
  }

  /// The signature of a call that has been made before, as `forNode` gives it; nil if it is not known.
  @inline(__always)
  func known(_ call: Call) -> Unmanaged<InternedSignature>? {
    let slot = call.slot
    if slot < 0 { return nil }
    if let kept = SignatureTable.keptCall(kept[slot].load(ordering: .acquiring)),
      let found = kept._withUnsafeGuaranteedRef({ $0.signature(call) })
    {
      return found
    }
    entries.lock()
    defer { entries.unlock() }
    return entries.locked.pointee.calls[slot]?.signature(call)
  }

  /// The signature of a call that is not known, which checks the operands if it is new.
  func signature(
    _ call: Call, _ operation: TensorOperation, _ operands: borrowing Operands,
    _ activation: Activation
  ) throws(TensorError) -> InternedSignature {
    var attributes = Attributes()
    attributes.activation = activation
    let stays =
      isPermanent && call.slot >= 0 && kept[call.slot].load(ordering: .relaxed) == 0
      && SignatureTable.canComeAgain(operands)
    let generation = entries.withLock { $0.generation }
    let found = try signature(operation, operands, attributes, stays: stays)
    if call.slot >= 0 {
      let made = KnownCall(call, operation, operands, found)
      if stays, found.isPermanent, keep(made, in: call.slot) {
        return found
      }
      entries.withLock { entries in
        // The signature may have been forgotten meanwhile, and made anew.
        if entries.generation == generation { entries.calls[call.slot] = made }
      }
    }
    return found
  }

  /// Forms that found no place among those that stay are objects of one tensor.
  private static func canComeAgain(_ operands: borrowing Operands) -> Bool {
    var can = true
    operands.visit { _, slot in
      slot.node._withUnsafeGuaranteedRef { node in
        if !node.isOperation, !node.described.isPermanent { can = false }
      }
    }
    return can
  }

  /// False if another is there.
  private func keep(_ call: KnownCall, in slot: Int) -> Bool {
    let held = Unmanaged.passRetained(call)
    let isFirst = kept[slot].compareExchange(
      expected: 0, desired: UInt(bitPattern: held.toOpaque()), ordering: .acquiringAndReleasing
    ).exchanged
    if !isFirst { held.release() }
    return isFirst
  }
}
