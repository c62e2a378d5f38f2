/// Where tensors live and operations run: a Vulkan device, or the CPU.
public struct Device: Sendable, Hashable, CustomStringConvertible {
  package let backend: any Backend

  package init(_ backend: any Backend) { self.backend = backend }

  /// The name people choose it by.
  public var name: String { backend.name }

  public var description: String { backend.name }

  /// Blocks until everything submitted to this device has finished.
  /// - Throws: what the device reports, for example `deviceLost`.
  @available(*, noasync)
  public func blockingSynchronize() throws(TensorError) { try backend.synchronize() }

  public static func == (a: Device, b: Device) -> Bool { a.backend === b.backend }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(backend)) }
}
