import CVulkan
import Glibc

/// The connection to Vulkan: finds the loader, the layers and the devices.
public final class VulkanInstance: @unchecked Sendable {
  /// How to open Vulkan.
  public struct Options: Sendable {
    /// Turns on the Khronos validation layer with synchronization validation.
    public var validation = false
    /// Where validation messages are appended; standard error if nil.
    public var validationLog: String?

    public init() {}

    /// `SWOOP_VALIDATION=1`, and `SWOOP_VALIDATION_LOG` for the file.
    public static var fromEnvironment: Options {
      var options = Options()
      options.validation = environment("SWOOP_VALIDATION") == "1"
      options.validationLog = environment("SWOOP_VALIDATION_LOG")
      return options
    }
  }

  /// The devices, at least one, in the driver's order.
  public let physicalDevices: [PhysicalDevice]
  /// What the validation layer has said.
  public let messages: ValidationMessages

  let handle: VkInstance
  let functions: InstanceFunctions
  private let messenger: VkDebugUtilsMessengerEXT?

  /// - Throws: `loaderMissing`; `incompatibleDriver` if no driver has a device; `layerNotPresent`
  ///   if validation was asked for and is not installed. The message names the package.
  public init(_ options: Options = .fromEnvironment) throws(VulkanError) {
    let global = try GlobalFunctions()
    if options.validation { try VulkanInstance.requireValidationLayer(global) }
    messages = ValidationMessages(log: options.validationLog)
    handle = try VulkanInstance.create(global, options)
    do throws(VulkanError) {
      functions = try InstanceFunctions(handle, global)
    } catch {
      InstanceFunctions.destroy(handle, global)
      throw error
    }
    messenger = options.validation ? messages.attach(to: handle, functions) : nil
    do throws(VulkanError) {
      physicalDevices = try VulkanInstance.findDevices(handle, functions)
    } catch {
      VulkanInstance.destroy(handle, messenger, functions)
      throw error
    }
  }

  deinit { VulkanInstance.destroy(handle, messenger, functions) }

  private static func destroy(
    _ handle: VkInstance, _ messenger: VkDebugUtilsMessengerEXT?, _ functions: InstanceFunctions
  ) {
    if let messenger { functions.destroyMessenger?(handle, messenger, nil) }
    functions.destroyInstance(handle, nil)
  }

  private static func findDevices(
    _ instance: VkInstance, _ functions: InstanceFunctions
  ) throws(VulkanError) -> [PhysicalDevice] {
    var count: UInt32 = 0
    let result = functions.enumeratePhysicalDevices(instance, &count, nil)
    // What the loader says if drivers are installed and none finds a device.
    if result.rawValue == VulkanError.Code.initializationFailed.rawValue {
      throw VulkanError(.incompatibleDriver, noDriver)
    }
    try check(result, "vkEnumeratePhysicalDevices")
    var handles = [VkPhysicalDevice?](repeating: nil, count: Int(count))
    try check(
      functions.enumeratePhysicalDevices(instance, &count, &handles),
      "vkEnumeratePhysicalDevices")
    let devices = handles.prefix(Int(count)).compactMap { $0.map { PhysicalDevice($0, functions) } }
    if devices.isEmpty { throw VulkanError(.incompatibleDriver, noDriver) }
    return devices
  }

  private static func create(
    _ global: GlobalFunctions, _ options: Options
  ) throws(VulkanError) -> VkInstance {
    var application = VkApplicationInfo()
    application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO
    application.apiVersion = 1 << 22 | 3 << 12
    var enabled = [VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT]
    var result = VK_SUCCESS
    var instance: VkInstance?
    let layer = strdup("VK_LAYER_KHRONOS_validation")
    let debugUtils = strdup("VK_EXT_debug_utils")
    let features = strdup("VK_EXT_validation_features")
    defer { for name in [layer, debugUtils, features] { free(name) } }
    let layers = [UnsafePointer(layer)]
    let extensions = [UnsafePointer(debugUtils), UnsafePointer(features)]
    withUnsafePointer(to: &application) { application in
      layers.withUnsafeBufferPointer { layers in
        extensions.withUnsafeBufferPointer { extensions in
          enabled.withUnsafeMutableBufferPointer { enabled in
            var validation = VkValidationFeaturesEXT()
            validation.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT
            // A second layer setting (GPU-assisted) comes from the environment and excludes this.
            validation.enabledValidationFeatureCount =
              environment("VK_LAYER_ENABLES") == nil ? 1 : 0
            validation.pEnabledValidationFeatures = UnsafePointer(enabled.baseAddress)
            withUnsafePointer(to: &validation) { validation in
              var info = VkInstanceCreateInfo()
              info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO
              info.pApplicationInfo = application
              if options.validation {
                info.pNext = UnsafeRawPointer(validation)
                info.enabledLayerCount = 1
                info.ppEnabledLayerNames = layers.baseAddress
                info.enabledExtensionCount = 2
                info.ppEnabledExtensionNames = extensions.baseAddress
              }
              result = global.createInstance(&info, nil, &instance)
            }
          }
        }
      }
    }
    if result.rawValue == VulkanError.Code.incompatibleDriver.rawValue {
      throw VulkanError(.incompatibleDriver, noDriver)
    }
    try check(result, "vkCreateInstance")
    guard let instance else { throw VulkanError(.initializationFailed, "vkCreateInstance") }
    return instance
  }

  /// What to say where no driver is.
  public static let noDriver =
    "no Vulkan driver with a device found; on Debian the package mesa-vulkan-drivers has one that needs no "
    + "graphics card"

  private static func requireValidationLayer(_ global: GlobalFunctions) throws(VulkanError) {
    var count: UInt32 = 0
    _ = global.enumerateInstanceLayerProperties(&count, nil)
    var layers = [VkLayerProperties](repeating: VkLayerProperties(), count: Int(count))
    _ = global.enumerateInstanceLayerProperties(&count, &layers)
    let names = layers.map { string($0.layerName) }
    guard names.contains("VK_LAYER_KHRONOS_validation") else {
      throw VulkanError(
        .layerNotPresent,
        "the validation layer is not installed; on Debian: vulkan-validationlayers")
    }
  }
}

func environment(_ name: String) -> String? {
  guard let value = getenv(name) else { return nil }
  let text = String(cString: value)
  return text.isEmpty ? nil : text
}

/// A C array of characters as a string.
func string<T>(_ characters: T) -> String {
  withUnsafeBytes(of: characters) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
