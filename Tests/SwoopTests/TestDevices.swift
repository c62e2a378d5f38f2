import Swoop
import Testing

/// The devices that tests run on: the CPU, and the one that the environment chooses.
enum TestDevices {
  /// The Vulkan device of the environment, and the error if there is none.
  static let environment = Result { try Device.default() }

  static let all: [Device] = {
    guard let device = try? environment.get(), device != .cpu else { return [.cpu] }
    return [.cpu, device]
  }()

  /// Those that are not the CPU.
  static let vulkan = all.filter { $0 != .cpu }
}

@Suite struct TestDeviceTests {
  /// Without a Vulkan device the other tests would pass by testing half.
  @Test func theEnvironmentHasADevice() {
    #expect(throws: Never.self) { try TestDevices.environment.get() }
  }
}
