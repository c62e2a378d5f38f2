import Swoop
import SwoopCore
import VulkanBackend
import VulkanCompute

/// The device of the environment, opened once more: its counters, and its faults, are nobody
/// else's.
enum SeparateDevice {
  /// - Parameter edits: changes of its kernels.
  static func make(
    _ options: VulkanDevice.Options = .fromEnvironment, edits: [KernelEdit] = []
  ) -> Device? {
    guard let name = (try? Device.default())?.name, let instance = try? VulkanInstance(),
      let physical = instance.physicalDevices.first(where: { $0.name == name }),
      let backend = try? VulkanBackend(
        physical, of: instance, options: options, edits: edits)
    else { return nil }
    return Device(backend)
  }
}
