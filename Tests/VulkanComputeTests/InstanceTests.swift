import Glibc
import Testing

@testable import VulkanCompute

@Suite("Instance and devices")
struct InstanceTests {
  @Test("Devices have a name, a driver, and what Swoop needs")
  func devices() throws {
    try Lab.open { lab in
      for physical in lab.instance.physicalDevices {
        #expect(!physical.name.isEmpty)
        #expect(!physical.driver.isEmpty)
        #expect(PhysicalDevice.Kind.allCases.contains(physical.kind))
      }
      let physical = lab.device.physical
      #expect(physical.missing == [])
      #expect((physical.version.major, physical.version.minor) >= (1, 3))
      #expect(physical.maximumInvocations >= 128)
      #expect(physical.maximumSharedMemory >= 16 << 10)
      #expect(physical.maximumAllocation >= 1 << 30)
      #expect([4, 8, 16, 32, 64, 128].contains(physical.subgroupSize))
      #expect(physical.memoryBytes > 0)
    }
  }

  // The loader reads its environment when it is opened, so each has a process of its own.

  @Test("Without a driver the error names the package")
  func noDriver() async {
    await #expect(processExitsWith: .success) {
      setenv("VK_DRIVER_FILES", "/nonexistent", 1)
      expectFailure(.incompatibleDriver, "mesa-vulkan-drivers")
    }
  }

  @Test("A driver without a device is as good as none")
  func noDevice() async {
    await #expect(processExitsWith: .success) {
      setenv("VK_DRIVER_FILES", "/usr/share/vulkan/icd.d/radeon_icd.x86_64.json", 1)
      // Where there is such a card this is no test.
      let instance = try? VulkanInstance()
      if instance == nil { expectFailure(.incompatibleDriver, "mesa-vulkan-drivers") }
    }
  }

  @Test("Without a loader the error names the package")
  func noLoader() async {
    await #expect(processExitsWith: .success) {
      // A process that may open no file finds no library either.
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(7), &limit)
      limit.rlim_cur = 0
      setrlimit(__rlimit_resource_t(7), &limit)
      expectFailure(.loaderMissing, "libvulkan1")
    }
  }

  @Test("Without the validation layer the error names the package")
  func noLayer() async {
    await #expect(processExitsWith: .success) {
      setenv("VK_LAYER_PATH", "/nonexistent", 1)
      var options = VulkanInstance.Options()
      options.validation = true
      expectFailure(.layerNotPresent, "vulkan-validationlayers", options)
    }
  }

  @Test("Codes are written as Vulkan writes them")
  func codes() {
    #expect("\(VulkanError(.deviceLost, "vkX"))" == "vkX: VK_ERROR_DEVICE_LOST")
    #expect(VulkanError.Code(rawValue: -5).description == "VkResult -5")
    #expect(VulkanError.Code(rawValue: -2) == .outOfDeviceMemory)
  }

  @Test("What is no SPIR-V is an error, not a crash of the driver", arguments: [[], [1, 2, 3]])
  func notSPIRV(words: [UInt32]) throws {
    try Lab.open { lab in
      let error = #expect(throws: VulkanError.self) {
        try ComputePipeline(lab.device, spirv: words)
      }
      #expect(error?.code == .validationFailed)
    }
  }
}

/// Ends the process unless opening Vulkan fails in this way.
private func expectFailure(
  _ code: VulkanError.Code, _ package: String,
  _ options: VulkanInstance.Options = VulkanInstance.Options()
) {
  do throws(VulkanError) {
    _ = try VulkanInstance(options)
    exit(2)
  } catch {
    if error.code != code || !error.description.contains(package) { exit(3) }
  }
}
