import CVulkan
import Synchronization
import Testing

@testable import VulkanCompute

@Suite("The queue")
struct QueueTests {
  @Test("Values rise by one, and waiting for one is waiting for all before it")
  func order() throws {
    try Lab.open { lab in
      let jobs = try (0..<50).map { _ in try Job(lab) }
      #expect(lab.queue.last == 0)
      for (index, job) in jobs.enumerated() {
        job.fill(index)
        try job.record()
        #expect(try job.submit(to: lab.queue) == UInt64(index + 1))
      }
      #expect(lab.queue.last == 50)
      try lab.queue.wait(for: 50)
      #expect(jobs.allSatisfy { $0.isRight })
      #expect(lab.queue.isKnownFinished(50) && !lab.queue.isKnownFinished(51))
      #expect(try lab.queue.isFinished(50))
      #expect(try !lab.queue.isFinished(51))
      #expect(jobs.allSatisfy { $0.retired.load(ordering: .relaxed) == 1 })
    }
  }

  @Test("At most so many are in flight, and each is retired once, after it has finished")
  func bound() throws {
    try Lab.open { lab in
      // One command buffer cannot be in flight twice.
      let count = 1500
      let jobs = try (0..<count).map { _ in try Job(lab, count: 1, looksWhenRetired: true) }
      var most = 0
      for (index, job) in jobs.enumerated() {
        job.fill(index)
        try job.record()
      }
      var retired = 0
      for (index, job) in jobs.enumerated() {
        _ = try job.submit(to: lab.queue)
        while retired < count, jobs[retired].retired.load(ordering: .relaxed) > 0 { retired += 1 }
        most = max(most, index + 1 - retired)
      }
      #expect(most <= ComputeQueue.depth)
      try lab.queue.wait(for: lab.queue.last)
      #expect(jobs.allSatisfy { $0.retired.load(ordering: .relaxed) == 1 })
      #expect(jobs.allSatisfy { $0.retiredRight.load(ordering: .relaxed) == 1 })
    }
  }

  @Test("Work in flight lives on, and goes when it is done")
  func retention() throws {
    try Lab.open { lab in
      weak var gone: Job?
      weak var commands: CommandBuffer?
      for round in 0..<10 {
        func submit() throws -> UInt64 {
          let job = try Job(lab)
          job.fill(round)
          job.arguments.rounds = 100_000
          try job.record()
          (gone, commands) = (job, job.commands)
          return try job.submit(to: lab.queue)
        }
        let value = try submit()
        try lab.queue.wait(for: value)
        #expect(gone == nil && commands == nil)
      }
      #expect(lab.device.counters.liveBytes == 0)
    }
  }

  @Test("The commands live on even if the work does not hold them")
  func commandsAlone() throws {
    try Lab.open { lab in
      let job = try Job(lab)
      job.fill(1)
      job.arguments.rounds = 200_000
      func submit() throws -> UInt64 {
        let commands = try CommandBuffer(lab.device)
        try commands.record { job.encode(&$0) }
        return try lab.queue.submit(commands, retaining: job)
      }
      try lab.queue.wait(for: submit())
      #expect(job.isRight)
    }
  }

  @Test("A device that is let go finishes its work first")
  func deviceGone() throws {
    let instance = try VulkanInstance()
    func start() throws -> (Job, kept: Allocation) {
      let lab = try Lab(instance)
      let job = try Job(lab, looksWhenRetired: true)
      job.fill(1)
      job.arguments.rounds = 200_000
      try job.record()
      _ = try job.submit(to: lab.queue)
      return (job, job.result)
    }
    let (job, kept) = try start()
    #expect(job.retired.load(ordering: .relaxed) == 1)
    #expect(job.retiredRight.load(ordering: .relaxed) == 1)
    #expect(kept.words(Float.self).count == 100)
    #expect(instance.messages.all == [])
  }

  @Test("Waiting for what nobody submitted is an error, not for ever")
  func neverSubmitted() async throws {
    try await Lab.open { lab in
      func wait(_ value: UInt64) -> VulkanError? {
        #expect(throws: VulkanError.self) { try lab.queue.wait(for: value) }
      }
      #expect(wait(1)?.code == .validationFailed)
      #expect(wait(.max)?.code == .validationFailed)
      let error = await #expect(throws: VulkanError.self) { try await lab.queue.finished(1) }
      #expect(error?.code == .validationFailed)
      try await lab.queue.finished(0)
    }
  }

  @Test("A lost device says so to everyone, and lets go of everything")
  func lost() async throws {
    try await Lab.open { lab in
      let job = try Job(lab)
      job.fill(1)
      job.arguments.rounds = 200_000
      try job.record()
      let value = try job.submit(to: lab.queue)
      #expect(throws: VulkanError.self) {
        try lab.queue.timeline.note(VK_ERROR_DEVICE_LOST, "planted")
      }
      func wait() -> VulkanError? {
        #expect(throws: VulkanError.self) { try lab.queue.wait(for: value + 1) }
      }
      #expect(wait()?.code == .deviceLost)
      #expect(job.retired.load(ordering: .relaxed) == 1)
      let awaited = await #expect(throws: VulkanError.self) {
        try await lab.queue.finished(value + 1)
      }
      #expect(awaited?.code == .deviceLost)
      let submitted = #expect(throws: VulkanError.self) { try job.submit(to: lab.queue) }
      #expect(submitted?.code == .deviceLost)
      #expect(submitted?.context.contains(lab.device.physical.name) == true)
      #expect(lab.device.counters.submissions == 1)
    }
  }

  @Test("Entries in flight come out as they went in, however many")
  func inFlight() throws {
    try Lab.open { lab in
      var inFlight = InFlight()
      let jobs = try (0..<8).map { _ in try Job(lab, count: 1) }
      var (appended, removed) = (0, 0)
      var noise = Noise(3)
      for _ in 0..<20 {
        for _ in 0..<Int.random(in: 0..<300, using: &noise) {
          let job = jobs[appended % 8]
          inFlight.append(InFlight.Entry(work: job, commands: job.commands))
          appended += 1
        }
        let limit = UInt64(Int.random(in: removed...appended, using: &noise))
        while let entry = inFlight.removeFirst(upTo: limit) {
          #expect(entry.work === jobs[removed % 8])
          removed += 1
        }
        #expect(removed == Int(limit))
        #expect(inFlight.isEmpty == (removed == appended))
        #expect(inFlight.next == UInt64(appended + 1))
      }
    }
  }
}
