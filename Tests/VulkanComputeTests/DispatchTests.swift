import Testing

@testable import VulkanCompute

@Suite("Dispatches and copies")
struct DispatchTests {
  @Test("Direct and indirect dispatches compute", arguments: [true, false], [1, 63, 64, 65, 5000])
  func dispatch(indirect: Bool, count: Int) throws {
    try Lab.open { lab in
      let job = try Job(lab, count: count)
      job.fill(count)
      job.arguments.scale = 3
      try job.record(indirect: indirect)
      try lab.queue.wait(for: job.submit(to: lab.queue))
      #expect(job.isRight)
      let counters = lab.device.counters
      #expect(counters.submissions == 1 && counters.dispatches == 1 && counters.barriers == 0)
      #expect(counters.recordings == 1 && counters.pipelines == 1)
    }
  }

  @Test("A recording replays with what lies in memory then")
  func replay() throws {
    try Lab.open { lab in
      let job = try Job(lab)
      let other = try Job(lab)
      try job.record()
      for round in 0..<200 {
        job.fill(round)
        other.fill(-round)
        job.arguments.scale = Float(round)
        // Every third time other operands.
        job.arguments.a = round % 3 == 0 ? other.a.address : job.a.address
        try lab.queue.wait(for: job.submit(to: lab.queue))
        let a = (round % 3 == 0 ? other : job).a.words(Float.self)
        let (b, result) = (job.b.words(Float.self), job.result.words(Float.self))
        #expect((0..<100).allSatisfy { result[$0] == a[$0] * Float(round) + b[$0] })
      }
      #expect(lab.device.counters.recordings == 1)
      #expect(lab.device.counters.submissions == 200)
    }
  }

  @Test("A block need not begin its allocation")
  func blockOffset() throws {
    try Lab.open { lab in
      let job = try Job(lab)
      job.fill(1)
      let table = try lab.memory.allocate(4096, .upload)
      table.contents?.storeBytes(
        of: job.arguments, toByteOffset: 1024, as: TestKernel.Arguments.self)
      try job.commands.record {
        $0.dispatchIndirect(lab.pipeline, block: table, offset: 1024)
      }
      try lab.queue.wait(for: job.submit(to: lab.queue))
      #expect(job.isRight)
    }
  }

  @Test("Copies copy, between their bytes only")
  func copy() throws {
    try Lab.open(checked: true) { lab in
      let source = try lab.memory.allocate(1000, .upload)
      let target = try lab.memory.allocate(1000, .readback)
      for (index, byte) in source.words(UInt8.self).indices.enumerated() {
        source.words(UInt8.self)[byte] = UInt8(truncatingIfNeeded: index &* 37)
        target.words(UInt8.self)[byte] = 255
      }
      let job = try Job(lab)
      try job.commands.record { $0.copy(from: source, 100, to: target, 200, bytes: 300) }
      let value = try lab.queue.submit(
        job.commands, retaining: job,
        accesses: [MemoryAccess(reads: [source.range], writes: [target.range])])
      try lab.queue.wait(for: value)
      let (from, to) = (source.words(UInt8.self), target.words(UInt8.self))
      #expect((0..<1000).allSatisfy { to[$0] == ((200..<500).contains($0) ? from[$0 - 100] : 255) })
      #expect(lab.device.counters.dispatches == 0)
      #expect(source.violation() == nil && target.violation() == nil)
    }
  }

  @Test("A chain with barriers sees each result", arguments: [1, 2, 50])
  func chain(length: Int) throws {
    try Lab.open(checked: true) { lab in
      var jobs = [try Job(lab)]
      for _ in 1..<max(length, 2) {
        jobs.append(try Job(lab, a: jobs.last?.result))
      }
      for (index, job) in jobs.enumerated().reversed() { job.fill(index) }
      let first = jobs[0].a.words(Float.self).map { $0 }
      let commands = jobs[0].commands
      let recorded = Array(jobs)
      try commands.record { encoder in
        for job in recorded {
          job.encode(&encoder)
          encoder.barrier()
        }
      }
      let value = try lab.queue.submit(
        commands, retaining: Chain(jobs), accesses: recorded.map(\.access))
      try lab.queue.wait(for: value)
      var expected = first
      for job in jobs {
        let b = job.b.words(Float.self)
        for index in expected.indices { expected[index] += b[index] }
        #expect(job.result.words(Float.self).elementsEqual(expected))
        #expect(job.result.violation() == nil)
      }
      #expect(lab.device.counters.barriers == jobs.count)
      #expect(lab.device.counters.dispatches == jobs.count)
      #expect(lab.device.counters.submissions == 1)
    }
  }

  @Test("Submissions follow each other through a barrier without a wait")
  func submissionsInOrder() throws {
    try Lab.open(checked: true) { lab in
      var jobs = [try Job(lab)]
      for _ in 1..<20 { jobs.append(try Job(lab, a: jobs.last?.result)) }
      for (index, job) in jobs.enumerated().reversed() { job.fill(index) }
      for job in jobs {
        try job.commands.record { encoder in
          encoder.barrier()
          job.encode(&encoder)
        }
        _ = try job.submit(to: lab.queue)
      }
      try lab.queue.wait(for: lab.queue.last)
      #expect(jobs.allSatisfy { $0.isRight })
    }
  }

  @Test("A recording that failed cannot be submitted, and can be made again")
  func failedRecording() throws {
    try Lab.open { lab in
      let job = try Job(lab)
      job.fill(1)
      let unrecorded = #expect(throws: VulkanError.self) { try job.submit(to: lab.queue) }
      #expect(unrecorded?.code == .validationFailed)
      try job.record()
      #expect(throws: VulkanError(.timeout, "planted")) {
        try job.commands.record { encoder throws(VulkanError) in
          job.encode(&encoder)
          throw VulkanError(.timeout, "planted")
        }
      }
      let failed = #expect(throws: VulkanError.self) { try job.submit(to: lab.queue) }
      #expect(failed?.code == .validationFailed)
      #expect(lab.queue.last == 0)
      try job.record()
      try lab.queue.wait(for: job.submit(to: lab.queue))
      #expect(job.isRight)
    }
  }
}

/// Several jobs in one submission.
final class Chain: SubmittedWork {
  let jobs: [Job]
  init(_ jobs: [Job]) { self.jobs = jobs }
  func retire() {}
}
