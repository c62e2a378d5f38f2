import Glibc
import Testing

@testable import VulkanCompute

/// Validation on, with a log of its own: planted mistakes are not the test run's.
private func validated(_ log: String) throws -> VulkanInstance {
  var options = VulkanInstance.Options()
  options.validation = true
  options.validationLog = log
  return try VulkanInstance(options)
}

private let isInstalled = (try? validated("/dev/null")) != nil

@Suite("Validation", .enabled(if: isInstalled, "needs vulkan-validationlayers"))
struct ValidationTests {
  @Test("A copy out of its buffer is reported and logged")
  func copyOutOfRange() throws {
    var template = Array("/tmp/swoop-validation.XXXXXX".utf8CString)
    close(mkstemp(&template))
    let log = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    defer { unlink(log) }
    let instance = try validated(log)
    do {
      let lab = try Lab(instance)
      let source = try lab.memory.allocate(5 << 20, .upload)
      let target = try lab.memory.allocate(5 << 20, .readback)
      let commands = try CommandBuffer(lab.device)
      try commands.record { $0.copy(from: source, 0, to: target, 0, bytes: 5 << 20) }
      #expect(instance.messages.all == [])
      // Recorded and never submitted.
      try commands.record { $0.copy(from: source, 1 << 20, to: target, 0, bytes: 5 << 20) }
      try commands.record { $0.copy(from: source, -100, to: target, 0, bytes: .min) }
    }
    let messages = instance.messages.all
    #expect(messages.count >= 2)
    #expect(messages.contains { $0.contains("vkCmdCopyBuffer") })
    let file = try #require(fopen(log, "r"))
    defer { fclose(file) }
    var first = [CChar](repeating: 0, count: 4096)
    #expect(fgets(&first, 4096, file) != nil)
    #expect(messages.first?.utf8.first == UInt8(bitPattern: first[0]))
  }

  @Test("A command buffer in flight twice is reported")
  func inFlightTwice() throws {
    let instance = try validated("/dev/null")
    let lab = try Lab(instance)
    let job = try Job(lab)
    job.fill(1)
    job.arguments.rounds = 1_000_000
    try job.record()
    _ = try job.submit(to: lab.queue)
    _ = try job.submit(to: lab.queue)
    try lab.queue.wait(for: lab.queue.last)
    #expect(!instance.messages.all.isEmpty)
  }

  @Test("Correct use is met with silence")
  func silence() throws {
    let instance = try validated("/dev/null")
    do {
      let lab = try Lab(instance, true)
      let jobs = try (0..<10).map { _ in try Job(lab) }
      for (index, job) in jobs.enumerated() {
        job.fill(index)
        try job.commands.record { encoder in
          encoder.barrier()
          job.encode(&encoder)
          encoder.barrier()
          encoder.copy(from: job.result, 0, to: job.a, 0, bytes: 400)
        }
        _ = try lab.queue.submit(
          job.commands, retaining: job,
          accesses: [job.access, MemoryAccess(reads: [job.result.range], writes: [job.a.range])])
      }
      try lab.queue.wait(for: lab.queue.last)
      lab.memory.clearCache()
    }
    #expect(instance.messages.all == [])
  }
}
