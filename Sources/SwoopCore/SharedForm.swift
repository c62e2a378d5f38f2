import Synchronization

/// Shape and element type of values, as an object that they share: nodes stay small, and two forms
/// are mostly equal because they are one.
package class SharedForm: @unchecked Sendable {
  package final let form: TensorForm
  /// The bytes of the elements.
  package final let elementBytes: Int
  /// The same rounded up to whole vectors of 16.
  package final let byteCount: Int
  /// Whether it stays for the life of the process, so that nobody need count references to it: on
  /// many cores at once, counting costs more than all else of making a node.
  final let isPermanent: Bool

  package init(_ form: TensorForm, isPermanent: Bool = false) {
    self.form = form
    self.isPermanent = isPermanent
    elementBytes = form.shape.elementCount * form.elementType.byteCount
    byteCount = (elementBytes + 15) & ~15
  }

  /// Forms met before, each at a place that follows from it. They stay for the life of the process, so
  /// that who looks needs no lock.
  private nonisolated(unsafe) static let known: UnsafeMutablePointer<Atomic<UInt>> = {
    let places = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: knownCount)
    for place in 0..<knownCount { (places + place).initialize(to: Atomic(0)) }
    return places
  }()
  private static let knownCount = 1024

  /// One for a form: that of others of the same, unless there are too many different ones.
  package static func of(_ form: TensorForm) -> SharedForm {
    let found = lent(form)
    let isPermanent = found._withUnsafeGuaranteedRef { $0.isPermanent }
    return isPermanent ? found.takeUnretainedValue() : found.takeRetainedValue()
  }

  /// The same as a reference that is the caller's, unless it stays anyway.
  static func lent(_ form: TensorForm) -> Unmanaged<SharedForm> {
    var key = UInt(form.elementType.byteCount)
    for axis in 0..<form.shape.rank {
      key = (key ^ UInt(bitPattern: form.shape[axis])) &* 0x9E37_79B9_7F4A_7C15
      key ^= key >> 29
    }
    let places = known
    for probe in 0..<4 {
      let place = places + (Int(truncatingIfNeeded: key &+ UInt(probe)) & (knownCount - 1))
      var word = place.pointee.load(ordering: .acquiring)
      if word == 0 {
        let made = Unmanaged.passRetained(SharedForm(form, isPermanent: true))
        let (isFirst, other) = place.pointee.compareExchange(
          expected: 0, desired: UInt(bitPattern: made.toOpaque()),
          ordering: .acquiringAndReleasing)
        if isFirst { return made }
        made.release()
        word = other
      }
      guard let address = UnsafeRawPointer(bitPattern: word) else { continue }
      let found = Unmanaged<SharedForm>.fromOpaque(address)
      let isSame = found._withUnsafeGuaranteedRef { $0.form == form }
      if isSame { return found }
    }
    return .passRetained(SharedForm(form))
  }
}
