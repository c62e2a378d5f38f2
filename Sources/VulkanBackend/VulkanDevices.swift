import SwoopCore
import VulkanCompute

/// The Vulkan devices of this machine, opened once for the life of the process.
package enum VulkanDevices {
  private static let opened = Result<[VulkanBackend], TensorError> { () throws(TensorError) in
    let instance: VulkanInstance
    do throws(VulkanError) {
      instance = try VulkanInstance()
    } catch {
      throw TensorError(error)
    }
    var names: [String: Int] = [:]
    var backends: [VulkanBackend] = []
    for physical in instance.physicalDevices where physical.missing.isEmpty {
      let count = names[physical.name, default: 0] + 1
      names[physical.name] = count
      let name = count == 1 ? physical.name : "\(physical.name) #\(count)"
      // A device that cannot be opened is one that is not there.
      if let backend = try? VulkanBackend(physical, of: instance, name: name) {
        backends.append(backend)
      }
    }
    for backend in backends {
      ProcessEnd.close(backend.device.queue)
      backend.signatures.stay()
    }
    return backends
  }

  /// Every usable device, in the driver's order.
  /// - Throws: `deviceNotFound` if there is no Vulkan at all; the message names the package.
  package static func all() throws(TensorError) -> [VulkanBackend] {
    let backends = try opened.get()
    guard !backends.isEmpty else { throw TensorError(.deviceNotFound, VulkanInstance.noDriver) }
    return backends
  }
}
