import Synchronization

/// A signature that a back end has met before, with what the back end keeps about it.
package final class InternedSignature: SharedForm, @unchecked Sendable {
  package let signature: Signature
  private let kept = Lock<AnyObject?>(nil)
  private let isForDevice = Atomic<Bool>(false)

  /// Asked for with every operation, hence kept.
  let isProduct: Bool

  package init(_ signature: Signature, isPermanent: Bool = false) {
    self.signature = signature
    if case .product = signature.operation.family { isProduct = true } else { isProduct = false }
    super.init(signature.result, isPermanent: isPermanent)
  }

  /// A reference for a node, which does not count one to what stays anyway.
  var forNode: Unmanaged<InternedSignature> {
    isPermanent ? .passUnretained(self) : .passRetained(self)
  }

  /// Whether the latest result to be used was read by another operation and not by the host: where
  /// to put the next, when nobody has said yet who will read it.
  package var staysOnDevice: Bool {
    get { isForDevice.load(ordering: .relaxed) }
    set {
      // Hardly ever changes, and is set with every use.
      if isForDevice.load(ordering: .relaxed) != newValue {
        isForDevice.store(newValue, ordering: .relaxed)
      }
    }
  }

  /// The back end's plan for the signature, made by the first who asks.
  package func plan<P: AnyObject, E: Error>(_ make: () throws(E) -> P) throws(E) -> P {
    if let plan = kept.withLock({ $0 as? P }) { return plan }
    // Made outside of the lock; two threads may both make it, and one is kept.
    let made = try make()
    return kept.withLock { kept in
      if let plan = kept as? P { return plan }
      kept = made
      return made
    }
  }
}

/// The signatures a back end has met, found without building or hashing a `Signature`, and
/// without inferring a form: this is asked once for every operation.
package final class SignatureTable: Sendable {
  struct Entries {
    /// The latest of each low key, so that a program in a loop finds its signatures at once.
    var recent = [InternedSignature?](repeating: nil, count: SignatureTable.recentCount)
    var all: [UInt: [InternedSignature]] = [:]
    /// How often everything has been forgotten.
    var generation = 0
    var calls = [KnownCall?](repeating: nil, count: SignatureTable.recentCount)
  }
  static let recentCount = 1024
  /// Forget everything beyond this many: programs of ever new shapes must not grow for ever.
  private static let limit = 16_384

  let entries = Lock(Entries())
  /// If the back end stays, each slot's first call, for good: who looks needs no lock and counts no
  /// reference, which are the same for operations of all tasks.
  nonisolated(unsafe) let kept: UnsafeMutablePointer<Atomic<UInt>>

  // What nodes ask of their back end, without counting references to it: they have the table's address
  // alone. Said before there are nodes.
  private nonisolated(unsafe) unowned(unsafe) var served: (any Backend)?
  private(set) nonisolated(unsafe) var lentBackend: Unmanaged<AnyObject>?
  /// Whether the back end stays for the life of the process, so that nodes need not keep it.
  private(set) nonisolated(unsafe) var isPermanent = false

  /// Where the host can read what lies so many bytes into a residence, if it is known that it is
  /// there by now.
  package typealias KnownAddress = @Sendable (_ home: Residence, _ offset: Int) -> UnsafeRawPointer?
  private(set) nonisolated(unsafe) var knownAddress: KnownAddress?

  package init() {
    kept = .allocate(capacity: SignatureTable.recentCount)
    for slot in 0..<SignatureTable.recentCount { (kept + slot).initialize(to: Atomic(0)) }
  }

  deinit {
    for slot in 0..<SignatureTable.recentCount {
      SignatureTable.keptCall(kept[slot].load(ordering: .acquiring))?.release()
    }
    kept.deinitialize(count: SignatureTable.recentCount)
    kept.deallocate()
  }

  /// Says whose signatures these are.
  /// - Parameter knownAddress: a function, not a closure.
  package func serve(_ backend: any Backend, knownAddress: KnownAddress? = nil) {
    served = backend
    lentBackend = .passUnretained(backend)
    self.knownAddress = knownAddress
  }

  /// Says that the back end stays for the life of the process.
  package func stay() { isPermanent = true }

  /// The back end whose signatures these are.
  @inline(__always)
  var backend: any Backend {
    guard let served else { preconditionFailure("a back end has not said which signatures it has") }
    return served
  }

  /// The signature of an operation on these operands, which checks them if it is new.
  /// - Parameter stays: whether one that is new stays for the life of the process.
  package func signature(
    _ operation: TensorOperation, _ operands: borrowing Operands, _ attributes: Attributes,
    stays: Bool = false
  ) throws(TensorError) -> InternedSignature {
    let key = SignatureTable.key(operation, operands, attributes)
    let slot = Int(truncatingIfNeeded: key) & (SignatureTable.recentCount - 1)
    let known: InternedSignature? = entries.withLock { entries in
      if let recent = entries.recent[slot],
        recent.fits(operation, operands, attributes)
      {
        return recent
      }
      let found = entries.all[key]?.first { $0.fits(operation, operands, attributes) }
      if let found { entries.recent[slot] = found }
      return found
    }
    if let known { return known }
    let made = InternedSignature(
      try Signature(operation, operands, attributes), isPermanent: stays)
    return entries.withLock { entries in
      if let found = entries.all[key]?.first(where: { $0.signature == made.signature }) {
        return found
      }
      if entries.all.count >= SignatureTable.limit {
        // But for those that stay.
        entries.all = entries.all.compactMapValues { same in
          let staying = same.filter(\.isPermanent)
          return staying.isEmpty ? nil : staying
        }
        entries.generation += 1
        // Two objects for one signature would keep equal operations apart.
        for slot in entries.calls.indices { entries.calls[slot] = nil }
        for slot in entries.recent.indices { entries.recent[slot] = nil }
      }
      entries.all[key, default: []].append(made)
      entries.recent[slot] = made
      return made
    }
  }

  /// Equal for equal signatures; mixed by multiplication, since every operation needs it.
  private static func key(
    _ operation: TensorOperation, _ operands: borrowing Operands, _ attributes: Attributes
  ) -> UInt {
    var key = UInt(bitPattern: Unmanaged.passUnretained(operation).toOpaque())
    func mix(_ value: Int) {
      key = (key ^ UInt(bitPattern: value)) &* 0x9E37_79B9_7F4A_7C15
      key ^= key >> 29
    }
    for axis in attributes.axes { mix(axis) }
    mix(Int(attributes.activation.rawValue))
    for word in attributes.words { mix(Int(word)) }
    if let shape = attributes.resultShape { for size in shape { mix(size) } }
    operands.visit { _, slot in
      slot.look { node, view in
        let shape = view?.layout.shape ?? node.form.shape
        mix(shape.rank)
        for axis in 0..<shape.rank { mix(shape[axis]) }
        if let layout = view?.layout, !layout.isContiguous {
          for axis in 0..<shape.rank { mix(layout.strides[axis]) }
        }
      }
    }
    return key
  }
}

extension Signature {
  /// - Throws: what the operation's inference finds wrong with the operands.
  init(
    _ operation: TensorOperation, _ operands: borrowing Operands, _ attributes: Attributes
  ) throws(TensorError) {
    let tensors = operands.tensors
    self.init(
      operation: operation, attributes: attributes,
      operands: tensors.map { OperandForm(layout: $0.layout, elementType: $0.elementType) },
      result: try operation.infer(
        tensors.map { TensorForm($0.shape, $0.elementType) }, attributes, operation.name))
  }
}

extension InternedSignature {
  /// Whether it is the signature of an operation on these operands.
  fileprivate func fits(
    _ operation: TensorOperation, _ tensors: borrowing Operands, _ attributes: Attributes
  ) -> Bool {
    // Field by field: a copy of the signature would count references.
    guard operation === signature.operation, tensors.count == signature.operands.count else {
      return false
    }
    var isSame = true
    tensors.visit { index, slot in
      let known = signature.operands[index]
      slot.look { node, view in
        if node.form.elementType != known.elementType {
          isSame = false
        } else if let view {
          if view.layout != known.layout { isSame = false }
        } else if !known.layout.isContiguous || known.layout.shape != node.form.shape {
          isSame = false
        }
      }
    }
    return isSame && attributes == signature.attributes
  }
}
