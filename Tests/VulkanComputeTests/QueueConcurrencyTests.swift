import Synchronization
import Testing

@testable import VulkanCompute

// Run also with the thread sanitizer: swift test --sanitize=thread --filter Concurrency

@Suite("The queue, concurrently")
struct QueueConcurrencyTests {
  @Test("Eight threads submit, wait and check", arguments: [false, true])
  func threads(checked: Bool) throws {
    try Lab.open(checked: checked) { lab in
      let (threads, rounds) = (8, 500)
      let wrong = Atomic<Int>(0)
      let seen = Lock(Set<UInt64>())
      inThreads(threads) { thread in
        let jobs = try (0..<4).map { _ in try Job(lab) }
        for job in jobs { try job.record() }
        var last: UInt64 = 0
        for round in 0..<rounds {
          let job = jobs[round % 4]
          job.fill(thread * rounds + round)
          job.arguments.scale = Float(round)
          let value = try job.submit(to: lab.queue)
          if value <= last { wrong.wrappingAdd(1, ordering: .relaxed) }
          last = value
          seen.withLock { _ = $0.insert(value) }
          try lab.queue.wait(for: value)
          if !job.isRight { wrong.wrappingAdd(1, ordering: .relaxed) }
        }
      }
      #expect(wrong.load(ordering: .relaxed) == 0)
      let total = threads * rounds
      #expect(seen.withLock { $0 } == Set(1...UInt64(total)))
      #expect(lab.device.counters.submissions == total)
    }
  }

  @Test("Threads that only submit: each submission is retired once, after it has finished")
  func retirement() throws {
    try Lab.open { lab in
      let jobs = Lock<[Job]>([])
      inThreads(8) { thread in
        for round in 0..<100 {
          let job = try Job(lab, count: 10, looksWhenRetired: true)
          job.fill(thread * 1000 + round)
          try job.record()
          jobs.withLock { $0.append(job) }
          _ = try job.submit(to: lab.queue)
        }
      }
      try lab.queue.wait(for: lab.queue.last)
      // Another thread may still be in the last ones' retirement: none is left, after the joins.
      jobs.withLock { jobs in
        #expect(jobs.count == 800)
        #expect(jobs.allSatisfy { $0.retired.load(ordering: .relaxed) == 1 })
        #expect(jobs.allSatisfy { $0.retiredRight.load(ordering: .relaxed) == 1 })
      }
    }
  }

  @Test("64 tasks await their own submissions")
  func tasks() async throws {
    try await Lab.open { lab in
      let right = try await withThrowingTaskGroup(of: Int.self) { group in
        for task in 0..<64 {
          group.addTask {
            let job = try Job(lab)
            try job.record()
            var right = 0
            for round in 0..<20 {
              job.fill(task * 100 + round)
              try await lab.queue.finished(job.submit(to: lab.queue))
              if job.isRight { right += 1 }
            }
            return right
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(right == 64 * 20)
      #expect(lab.queue.last == 64 * 20)
    }
  }

  @Test("Tasks and threads await the same submission, and later ones before earlier ones")
  func sameValue() async throws {
    try await Lab.open { lab in
      for round in 0..<10 {
        let jobs = try (0..<20).map { _ in try Job(lab) }
        for job in jobs {
          job.fill(round)
          job.arguments.rounds = 20_000
          try job.record()
          _ = try job.submit(to: lab.queue)
        }
        let last = lab.queue.last
        try await withThrowingTaskGroup(of: Void.self) { group in
          for back in 0..<20 as Range<UInt64> {
            for _ in 0..<2 { group.addTask { try await lab.queue.finished(last - back) } }
          }
          waitInThread(lab.queue, last)
          try await group.waitForAll()
        }
        #expect(jobs.allSatisfy { $0.isRight })
      }
    }
  }

  @Test("Devices come and go while their tasks still await")
  func shortLives() async throws {
    // Without the validation layer, which cannot stand this.
    let instance = try VulkanInstance(VulkanInstance.Options())
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<16 {
        group.addTask {
          let lab = try Lab(instance)
          return try await withThrowingTaskGroup(of: Bool.self) { inner in
            for task in 0..<4 {
              inner.addTask {
                let job = try Job(lab)
                job.fill(index * 4 + task)
                job.arguments.rounds = 10_000
                try job.record()
                try await lab.queue.finished(job.submit(to: lab.queue))
                return job.isRight
              }
            }
            return try await inner.allSatisfy { $0 }
          }
        }
      }
      let right = try await group.allSatisfy { $0 }
      #expect(right)
    }
  }

  private func waitInThread(_ queue: ComputeQueue, _ value: UInt64) {
    inThreads(1) { _ in try queue.wait(for: value) }
  }
}

@Suite("Memory pools, concurrently")
struct PoolConcurrencyTests {
  @Test("Eight threads allocate, write, check and free")
  func threads() throws {
    try Lab.open { lab in
      let wrong = Atomic<Int>(0)
      inThreads(8) { thread in
        var noise = Noise(thread)
        var live: [(Allocation, UInt64)] = []
        for step in 0..<3000 {
          if live.count > 30 || (!live.isEmpty && Int.random(in: 0..<2, using: &noise) == 0) {
            let (piece, tag) = live.remove(at: Int.random(in: 0..<live.count, using: &noise))
            let words = piece.words(UInt64.self)
            if words.first != tag || words.last != tag { wrong.wrappingAdd(1, ordering: .relaxed) }
          } else {
            let size = 8 * Int.random(in: 1...(step % 500 == 0 ? 1 << 20 : 2000), using: &noise)
            let piece = try lab.memory.allocate(size, .upload)
            let tag = UInt64(thread << 32 | step)
            let words = piece.words(UInt64.self)
            words[0] = tag
            words[words.count - 1] = tag
            live.append((piece, tag))
          }
          if step % 1000 == 999 { lab.memory.clearCache() }
        }
      }
      #expect(wrong.load(ordering: .relaxed) == 0)
      #expect(lab.device.counters.liveBytes == 0)
      lab.memory.clearCache()
      #expect(lab.device.counters.bytes == 0)
    }
  }
}
