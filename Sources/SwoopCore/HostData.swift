/// Elements on the host, kept until a device wants them: an array's, in the array's own memory.
package struct HostData: @unchecked Sendable {
  /// Keeps the memory.
  let owner: AnyObject?
  private let start: UnsafeRawPointer?
  package let byteCount: Int

  // Without the look-up of types at run time, which every sample of a coalesced call would pay for.
  @_specialize(where E == Float)
  init<E: TensorElement>(_ elements: [E]) {
    // What an array consists of is an object, whose elements stay where they are as long as somebody
    // holds it, and are nobody's to change while two do. An object of our own around the array would
    // take as long as all else of making a tensor.
    owner = elements._owner
    start = elements.withUnsafeBytes { $0.baseAddress }
    byteCount = elements.count * MemoryLayout<E>.stride
  }

  fileprivate init(_ owner: AnyObject?, _ start: UnsafeRawPointer?, _ byteCount: Int) {
    self.owner = owner
    self.start = start
    self.byteCount = byteCount
  }

  package func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    body(UnsafeRawBufferPointer(start: start, count: byteCount))
    withExtendedLifetime(owner) {}
  }

  /// The address of the first byte, as a number.
  fileprivate var address: Int { Int(bitPattern: start) }
}

extension Node {
  /// Host data not yet on the device; only for the evaluation that holds the node.
  package var source: HostData? {
    guard let data, home == nil else { return nil }
    return HostData(data, UnsafeRawPointer(bitPattern: start), described.elementBytes)
  }

  /// Copies the node's host data, if it has any.
  package func copySource(to target: UnsafeMutableRawPointer) {
    guard data != nil, home == nil, let source = UnsafeRawPointer(bitPattern: start) else { return }
    target.copyMemory(from: source, byteCount: described.elementBytes)
  }

  convenience init(source: HostData, form: TensorForm, in table: Unmanaged<SignatureTable>) {
    self.init(SharedForm.lent(form), table, .pending, data: source)
  }

  func keep(_ source: HostData) {
    data = source.owner ?? Node.nothing
    start = source.address
  }

  /// Of an array without elements.
  private static let nothing = Lock(())
}
