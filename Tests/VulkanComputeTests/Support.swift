import Glibc
import Synchronization
import Testing

@testable import VulkanCompute

/// An open device and what it takes to run the test kernel on it.
struct Lab: Sendable {
  let instance: VulkanInstance
  let device: VulkanDevice
  let pipeline: ComputePipeline

  var queue: ComputeQueue { device.queue }
  var memory: MemoryPools { device.memory }

  /// Opens the first device, runs the body, closes everything, and expects silence from the
  /// validation layer if it is on.
  static func open<R>(
    checked: Bool = false, pooled: Bool = true, _ body: (Lab) throws -> R
  ) throws -> R {
    let instance = try VulkanInstance()
    let result = try body(Lab(instance, checked, pooled))
    #expect(instance.messages.all == [])
    return result
  }

  static func open<R: Sendable>(
    checked: Bool = false, pooled: Bool = true, _ body: @Sendable (Lab) async throws -> R
  ) async throws -> R {
    let instance = try VulkanInstance()
    let result = try await body(Lab(instance, checked, pooled))
    #expect(instance.messages.all == [])
    return result
  }

  init(_ instance: VulkanInstance, _ checked: Bool = false, _ pooled: Bool = true) throws {
    var options = VulkanDevice.Options()
    options.checked = checked
    options.pooled = pooled
    self.instance = instance
    device = try VulkanDevice(
      #require(instance.physicalDevices.first), of: instance, options: options)
    pipeline = try ComputePipeline(device, spirv: TestKernel.words.get(), constants: [64])
  }
}

/// Runs the body in that many threads, and returns when all are done.
func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
  final class Context: Sendable {
    let index: Int
    let body: @Sendable (Int) throws -> Void
    init(_ index: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
      self.index = index
      self.body = body
    }
    func run() {
      do { try body(index) } catch { failures.wrappingAdd(1, ordering: .relaxed) }
    }
    let failures = Atomic<Int>(0)
  }
  let contexts = (0..<count).map { Context($0, body) }
  let threads = contexts.map { context in
    var thread = pthread_t()
    let created = pthread_create(
      &thread, nil,
      { raw in
        if let raw { Unmanaged<Context>.fromOpaque(raw).takeRetainedValue().run() }
        return nil
      }, Unmanaged.passRetained(context).toOpaque())
    #expect(created == 0)
    return thread
  }
  for thread in threads { pthread_join(thread, nil) }
  #expect(contexts.allSatisfy { $0.failures.load(ordering: .relaxed) == 0 })
}

/// Numbers that are the same in every run.
struct Noise: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: Int) { state = UInt64(truncatingIfNeeded: seed) }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension Allocation {
  /// The memory as numbers of this type.
  func words<T>(_: T.Type) -> UnsafeMutableBufferPointer<T> {
    let start = contents?.bindMemory(to: T.self, capacity: byteCount / MemoryLayout<T>.stride)
    return UnsafeMutableBufferPointer(
      start: start, count: start == nil ? 0 : byteCount / MemoryLayout<T>.stride)
  }

  /// All of it, for the hazard checker.
  var range: Range<UInt64> { address..<address + UInt64(byteCount) }
}
