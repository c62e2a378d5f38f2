import CVulkan
import Glibc

/// What the validation layer says: counted, kept, and written where it will be seen.
public final class ValidationMessages: Sendable {
  private let texts = Lock<[String]>([])
  private let log: String?

  init(log: String?) { self.log = log }

  /// Everything said so far.
  public var all: [String] { texts.withLock { $0 } }

  func attach(to instance: VkInstance, _ functions: InstanceFunctions) -> VkDebugUtilsMessengerEXT?
  {
    var info = VkDebugUtilsMessengerCreateInfoEXT()
    info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT
    info.messageSeverity =
      VkDebugUtilsMessageSeverityFlagsEXT(
        VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT.rawValue
          | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT.rawValue)
    info.messageType =
      VkDebugUtilsMessageTypeFlagsEXT(
        VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT.rawValue
          | VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT.rawValue)
    // The instance, which outlives its messenger, owns this object.
    info.pUserData = Unmanaged.passUnretained(self).toOpaque()
    info.pfnUserCallback = { _, _, data, user in
      if let user, let text = data?.pointee.pMessage {
        let receiver = Unmanaged<ValidationMessages>.fromOpaque(user).takeUnretainedValue()
        receiver.receive(String(cString: text))
      }
      return 0
    }
    var messenger: VkDebugUtilsMessengerEXT?
    _ = functions.createMessenger?(instance, &info, nil, &messenger)
    return messenger
  }

  private func receive(_ text: String) {
    // What a layer says of its own start-up is no finding.
    if text.contains("GPU-Assisted") && text.contains("Reserving") { return }
    texts.withLock { $0.append(text) }
    let line = text + "\n"
    guard let log, let file = fopen(log, "a") else {
      _ = write(STDERR_FILENO, line, line.utf8.count)
      return
    }
    fputs(line, file)
    fclose(file)
  }
}
