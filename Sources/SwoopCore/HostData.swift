/// Elements on the host, kept until a device wants them.
package class HostData: @unchecked Sendable {
  package final let byteCount: Int

  fileprivate init(byteCount: Int) { self.byteCount = byteCount }

  // Without the look-up of types at run time, which every sample of a coalesced call would pay for.
  @_specialize(where E == Float)
  package static func of<E: TensorElement>(_ elements: [E]) -> HostData { HostArray(elements) }

  package func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {}
}

private final class HostArray<E: TensorElement>: HostData, @unchecked Sendable {
  private let elements: [E]

  init(_ elements: [E]) {
    self.elements = elements
    super.init(byteCount: elements.count * MemoryLayout<E>.stride)
  }

  override func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    elements.withUnsafeBytes { body($0) }
  }
}
