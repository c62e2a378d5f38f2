import FoundationEssentials
import Glibc
import Swoop
import SwoopLab
import VulkanBackend
import VulkanCompute

/// The devices of this machine.
struct DeviceReport: Codable {
  let devices: [Entry]
  /// The name of the default device; nil if there is none.
  let defaultDevice: String?
  /// Why it is the default, or why there is none.
  let reason: String

  struct Entry: Codable {
    let name: String
    /// As `SWOOP_DEVICE` and `--device` take it; nil for devices that Swoop cannot use.
    let index: Int?
    let kind: String
    let driver: String
    /// Vulkan's version; nil for the CPU.
    let vulkan: String?
    /// What Swoop needs and the device lacks.
    let missing: [String]
    /// The element types that tensors may have there.
    let elementTypes: [String]
    /// nil for the CPU.
    let capabilities: DeviceCapabilities?
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  static func captured() throws -> DeviceReport {
    // Without a loader or a driver there is the CPU alone, and the reason says what to install.
    let usable = try Device.all()
    let types = ElementType.allCases.map(\.rawValue)
    var entries: [Entry] = []
    if let instance = try? VulkanInstance() {
      var names: [String: Int] = [:]
      for physical in instance.physicalDevices {
        var name = physical.name
        if physical.missing.isEmpty {
          let count = names[name, default: 0] + 1
          names[name] = count
          if count > 1 { name += " #\(count)" }
        }
        let index = physical.missing.isEmpty ? usable.firstIndex { $0.name == name } : nil
        entries.append(
          Entry(
            name: name, index: index, kind: physical.kind.rawValue, driver: physical.driver,
            vulkan: "\(physical.version.major).\(physical.version.minor)",
            missing: physical.missing, elementTypes: index == nil ? [] : types,
            capabilities: instance.capabilities(of: physical)))
      }
    }
    entries.append(
      Entry(
        name: Device.cpu.name, index: usable.firstIndex(of: .cpu), kind: "processor",
        driver: "OpenBLAS and loops", vulkan: nil, missing: [], elementTypes: types,
        capabilities: nil))
    let (chosen, reason) = choice(usable)
    return DeviceReport(devices: entries, defaultDevice: chosen, reason: reason)
  }

  private static func choice(_ usable: [Device]) -> (String?, String) {
    let wish = getenv("SWOOP_DEVICE").map { String(cString: $0) } ?? ""
    do {
      let device = try Device.default()
      if !wish.isEmpty { return (device.name, "SWOOP_DEVICE is \"\(wish)\"") }
      let others = usable.filter { $0 != device && $0 != .cpu }.count
      let kind = (device.backend as? VulkanBackend)?.device.physical.kind.rawValue ?? "other"
      return (
        device.name,
        others == 0
          ? "the only Vulkan device that can be used"
          : "the first of kind \(kind): discrete comes before integrated, virtual and software"
      )
    } catch {
      return (nil, error.description)
    }
  }
}
