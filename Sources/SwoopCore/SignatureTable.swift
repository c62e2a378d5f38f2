/// A signature that a back end has met before, with what the back end keeps about it.
package final class InternedSignature: Sendable {
  package let signature: Signature
  private let kept = Lock<AnyObject?>(nil)

  package init(_ signature: Signature) { self.signature = signature }

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

/// The signatures a back end has met, found without building or hashing a `Signature`: this is
/// asked once for every operation.
package final class SignatureTable: Sendable {
  private let entries = Lock<[UInt: [InternedSignature]]>([:])
  /// Forget everything beyond this many: programs of ever new shapes must not grow for ever.
  private static let limit = 16_384

  package init() {}

  /// The signature of an operation that its evaluation holds.
  package func intern(_ node: Node) -> InternedSignature {
    let key = node.signatureKey
    return entries.withLock { entries in
      if let bucket = entries[key], let found = bucket.first(where: { $0.signature.fits(node) }) {
        return found
      }
      if entries.count >= SignatureTable.limit { entries.removeAll() }
      let made = InternedSignature(Signature(node))
      entries[key, default: []].append(made)
      return made
    }
  }
}

extension Signature {
  /// Whether the node's signature is this one.
  fileprivate func fits(_ node: Node) -> Bool {
    guard let application = node.application, application.operation === operation,
      application.operands.count == operands.count, node.form == result
    else { return false }
    for (tensor, form) in zip(application.operands, operands) {
      guard tensor.node.form.elementType == form.elementType else { return false }
      if let view = tensor.view {
        guard view.layout == form.layout else { return false }
      } else {
        guard form.layout.isContiguous, form.layout.shape == tensor.node.form.shape else {
          return false
        }
      }
    }
    return application.attributes == attributes
  }
}

extension Node {
  /// Equal for equal signatures; mixed by multiplication, since every operation needs it.
  fileprivate var signatureKey: UInt {
    guard let application else { return 0 }
    var key = UInt(bitPattern: ObjectIdentifier(application.operation).hashValue)
    func mix(_ value: Int) {
      key = (key ^ UInt(bitPattern: value)) &* 0x9E37_79B9_7F4A_7C15
      key ^= key >> 29
    }
    mix(form.shape.elementCount)
    for axis in application.attributes.axes { mix(axis) }
    mix(Int(application.attributes.activation.rawValue))
    for word in application.attributes.words { mix(Int(word)) }
    for tensor in application.operands {
      let shape = tensor.view?.layout.shape ?? tensor.node.form.shape
      mix(shape.rank)
      for axis in 0..<shape.rank { mix(shape[axis]) }
      if let layout = tensor.view?.layout, !layout.isContiguous {
        for axis in 0..<shape.rank { mix(layout.strides[axis]) }
      }
    }
    return key
  }
}
