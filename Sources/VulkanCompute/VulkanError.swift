import CVulkan

/// A Vulkan call that did not succeed, or a part of Vulkan that is not installed.
public struct VulkanError: Error, Hashable, CustomStringConvertible {
  /// A Vulkan result code. Names are Vulkan's, in Swift's case.
  public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The corresponding result is `VK_TIMEOUT`.
    public static let timeout = Code(rawValue: 2)
    /// The corresponding result is `VK_ERROR_OUT_OF_HOST_MEMORY`.
    public static let outOfHostMemory = Code(rawValue: -1)
    /// The corresponding result is `VK_ERROR_OUT_OF_DEVICE_MEMORY`.
    public static let outOfDeviceMemory = Code(rawValue: -2)
    /// The corresponding result is `VK_ERROR_INITIALIZATION_FAILED`.
    public static let initializationFailed = Code(rawValue: -3)
    /// The corresponding result is `VK_ERROR_DEVICE_LOST`.
    public static let deviceLost = Code(rawValue: -4)
    /// The corresponding result is `VK_ERROR_LAYER_NOT_PRESENT`.
    public static let layerNotPresent = Code(rawValue: -6)
    /// The corresponding result is `VK_ERROR_FEATURE_NOT_PRESENT`.
    public static let featureNotPresent = Code(rawValue: -8)
    /// The corresponding result is `VK_ERROR_INCOMPATIBLE_DRIVER`.
    public static let incompatibleDriver = Code(rawValue: -9)
    /// The corresponding result is `VK_ERROR_TOO_MANY_OBJECTS`.
    public static let tooManyObjects = Code(rawValue: -10)
    /// What was asked for is no valid use of Vulkan. The corresponding result is
    /// `VK_ERROR_VALIDATION_FAILED_EXT`.
    public static let validationFailed = Code(rawValue: -1_000_011_001)
    /// No Vulkan loader could be opened. No Vulkan result corresponds.
    public static let loaderMissing = Code(rawValue: 1_000_001)

    /// Checked mode found two accesses to the same memory that nothing orders. No Vulkan
    /// result corresponds.
    public static let hazard = Code(rawValue: 1_000_002)

    public var description: String {
      switch self {
      case .timeout: "VK_TIMEOUT"
      case .outOfHostMemory: "VK_ERROR_OUT_OF_HOST_MEMORY"
      case .outOfDeviceMemory: "VK_ERROR_OUT_OF_DEVICE_MEMORY"
      case .initializationFailed: "VK_ERROR_INITIALIZATION_FAILED"
      case .deviceLost: "VK_ERROR_DEVICE_LOST"
      case .layerNotPresent: "VK_ERROR_LAYER_NOT_PRESENT"
      case .featureNotPresent: "VK_ERROR_FEATURE_NOT_PRESENT"
      case .incompatibleDriver: "VK_ERROR_INCOMPATIBLE_DRIVER"
      case .tooManyObjects: "VK_ERROR_TOO_MANY_OBJECTS"
      case .validationFailed: "VK_ERROR_VALIDATION_FAILED_EXT"
      case .loaderMissing: "no Vulkan loader"
      case .hazard: "missing barrier"
      default: "VkResult \(rawValue)"
      }
    }

    /// Whether giving memory back may help.
    var isShortage: Bool {
      self == .outOfDeviceMemory || self == .outOfHostMemory || self == .tooManyObjects
    }
  }

  public let code: Code
  /// The call, or what was missing and how to get it.
  public let context: String

  public init(_ code: Code, _ context: String) {
    self.code = code
    self.context = context
  }

  public var description: String { "\(context): \(code)" }
}

/// Throws unless the result is a success.
@inline(__always)
func check(_ result: VkResult, _ function: StaticString) throws(VulkanError) {
  if result.rawValue < 0 {
    throw VulkanError(VulkanError.Code(rawValue: result.rawValue), "\(function)")
  }
}
