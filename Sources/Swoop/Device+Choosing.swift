import CPUBackend
import Glibc
import SwoopCore
import VulkanBackend

extension Device {
  /// The CPU: OpenBLAS for matrix products, loops for the rest. Operations run at once, in the
  /// thread that submits them.
  public static let cpu = Device(CPUBackend.shared)

  /// Every device there is: the usable Vulkan devices in the driver's order, then the CPU.
  public static func all() throws(TensorError) -> [Device] {
    do {
      return try VulkanDevices.all().map { Device($0) } + [.cpu]
    } catch {
      if error.code == .deviceNotFound { return [.cpu] }
      throw error
    }
  }

  /// The device that tensors are made on where none is named: what the environment variable
  /// `SWOOP_DEVICE` says, as `named(_:)` takes it; else the best Vulkan device (discrete before
  /// integrated, virtual and software). It is chosen once for the life of the process.
  /// - Throws: `deviceNotFound` if there is no Vulkan device, and the message names the package
  ///   to install; or if there is none of the name in `SWOOP_DEVICE`.
  public static func `default`() throws(TensorError) -> Device {
    try chosen.withLock { (device: inout Device?) throws(TensorError) in
      if let device { return device }
      let found = try choose(getenv("SWOOP_DEVICE").map { String(cString: $0) })
      device = found
      return found
    }
  }

  private static let chosen = Lock<Device?>(nil)

  /// The default device under a value of `SWOOP_DEVICE`; an empty one counts as none.
  package static func choose(_ wish: String?) throws(TensorError) -> Device {
    if let wish, !wish.isEmpty { return try named(wish) }
    var best: VulkanBackend?
    for backend in try VulkanDevices.all() where backend.rank < best?.rank ?? .max {
      best = backend
    }
    guard let best else {
      throw TensorError(
        .deviceNotFound,
        "there is no Vulkan device; the Debian package mesa-vulkan-drivers has one in software")
    }
    return Device(best)
  }

  /// The device of this name: the whole name, its index in `all()`, or a part of the name that
  /// fits one device alone, in any case.
  /// - Throws: `deviceNotFound` if there is none, or more than one; the message lists them.
  public static func named(_ name: String) throws(TensorError) -> Device {
    if name == Device.cpu.name { return .cpu }
    return try pick(name, from: try all())
  }

  static func pick(_ name: String, from devices: [Device]) throws(TensorError) -> Device {
    if let exact = devices.first(where: { $0.name == name }) { return exact }
    if let index = Int(name) {
      guard devices.indices.contains(index) else {
        throw notFound("no device has the index \(index)", devices)
      }
      return devices[index]
    }
    let wanted = name.lowercased()
    let isBlank = wanted.allSatisfy { $0.isWhitespace }
    let matches = devices.filter { !isBlank && $0.name.lowercased().contains(wanted) }
    guard let match = matches.first else {
      throw notFound("no device is named \"\(name)\"", devices)
    }
    guard matches.count == 1 else {
      throw notFound("\"\(name)\" is a part of the names of \(matches.count) devices", devices)
    }
    return match
  }

  private static func notFound(_ problem: String, _ devices: [Device]) -> TensorError {
    let list = devices.enumerated().map { "\($0): \($1.name)" }.joined(separator: ", ")
    return TensorError(.deviceNotFound, "\(problem); there are \(list)")
  }
}
