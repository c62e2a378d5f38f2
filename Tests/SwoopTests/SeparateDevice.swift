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

extension Device {
  /// Dispatches of a program in a batched scope; its results must be bitwise those per operation.
  /// Only of a device that nobody else uses meanwhile.
  func dispatches(of program: () throws -> [Tensor]) throws -> Int {
    let expected = try blockingPerOp(program).map {
      try $0.blockingArray(as: Float.self).map(\.bitPattern)
    }
    let before = counters
    let results = try blockingBatch(program)
    for tensor in results { try tensor.blockingWait() }
    let spent = counters - before
    for (result, expected) in zip(results, expected) {
      #expect(try result.blockingArray(as: Float.self).map(\.bitPattern) == expected)
    }
    return spent.dispatches
  }
}
