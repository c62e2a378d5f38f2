import Glibc
import Swoop
import SwoopCore
import Testing
import VulkanBackend
import VulkanCompute

/// The device of the environment, opened once more: its counters, and its faults, are nobody
/// else's.
enum SeparateDevice {
  /// - Parameter edits: changes of its kernels.
  static func make(
    _ options: VulkanDevice.Options = .fromEnvironment, edits: [KernelEdit] = []
  ) -> Device? {
    if getenv("SWOOP_VALIDATION") != nil, getenv("SWOOP_TEST_OPENING") == nil {
      Issue.record("this test opens a device: it belongs into OPENING, in the Makefile")
      return nil
    }
    guard let name = (try? Device.default())?.name, let instance = try? VulkanInstance(),
      let physical = instance.physicalDevices.first(where: { $0.name == name }),
      let backend = try? VulkanBackend(
        physical, of: instance, options: options, edits: edits)
    else { return nil }
    return Device(backend)
  }
}
