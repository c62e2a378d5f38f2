import Testing

@testable import VulkanCompute

@Suite("Checked mode")
struct CheckedModeTests {
  /// Runs one job whose result begins at this many bytes from where it should.
  private func run(_ lab: Lab, shift: Int, skipped: UInt32 = .max) throws -> Job {
    let job = try Job(lab, count: 128)
    job.fill(1)
    job.arguments.result = job.result.address &+ UInt64(bitPattern: Int64(shift))
    job.arguments.skipped = skipped
    try job.record()
    try lab.queue.wait(for: job.submit(to: lab.queue))
    return job
  }

  @Test("A write before the start or past the end is found", arguments: [-4, -64, 4, 16, 48])
  func canary(shift: Int) throws {
    try Lab.open(checked: true) { lab in
      let job = try run(lab, shift: shift)
      let found = try #require(job.result.violation())
      #expect(found.contains("\(shift < 0 ? shift : 512) bytes from the start"))
      #expect([job.a, job.b, job.block].allSatisfy { $0.violation() == nil })
    }
  }

  @Test("A kernel within its bounds is not accused")
  func innocent() throws {
    try Lab.open(checked: true) { lab in
      let job = try run(lab, shift: 0)
      #expect(job.result.violation() == nil)
      #expect(job.result.poisonedWord(in: 0..<512) == nil)
    }
  }

  @Test("An element left out is seen", arguments: [0, 1, 77, 127])
  func unwritten(element: Int) throws {
    try Lab.open(checked: true) { lab in
      let job = try run(lab, shift: 0, skipped: UInt32(element))
      #expect(job.result.poisonedWord(in: 0..<512) == element)
      #expect(job.result.poisonedWord(in: element * 4..<512) == 0)
      #expect(job.result.poisonedWord(in: element * 4 + 4..<512) == nil)
      #expect(job.result.poisonedWord(in: 0..<element * 4) == nil)
    }
  }

  @Test(
    "Any range may be asked for", arguments: [-10..<5, 500..<10_000, 1..<2, 3..<512, 600..<700])
  func ranges(range: Range<Int>) throws {
    try Lab.open(checked: true) { lab in
      let job = try run(lab, shift: 0)
      #expect(job.result.poisonedWord(in: range) == nil)
    }
  }

  @Test("What was read unwritten is seen behind the arithmetic", arguments: [1, -1, 3] as [Float])
  func readUnwritten(scale: Float) throws {
    // NVIDIA's cards make every NaN the same.
    try Lab.open(checked: true) { lab in
      guard lab.device.physical.kind == .software else { return }
      let job = try Job(lab)
      for index in 0..<100 {
        job.b.words(Float.self)[index] = 1
        if index != 42 { job.a.words(Float.self)[index] = 2 }
      }
      job.arguments.scale = scale
      try job.record()
      try lab.queue.wait(for: job.submit(to: lab.queue))
      #expect(job.result.poisonedWord(in: 0..<400) == 42)
    }
  }

  @Test("Memory is poisoned again before it is used again")
  func poisonedAgain() throws {
    try Lab.open(checked: true) { lab in
      var address: UInt64 = 0
      for _ in 0..<3 {
        let piece = try lab.memory.allocate(64, .device)
        #expect(address == 0 || piece.address == address)
        address = piece.address
        #expect(piece.poisonedWord(in: 0..<64) == 0)
        for index in 0..<16 { piece.words(UInt32.self)[index] = 1 }
        #expect(piece.poisonedWord(in: 0..<64) == nil)
      }
    }
  }

  @Test("A missing barrier is refused before anything is submitted")
  func missingBarrier() throws {
    try Lab.open(checked: true) { lab in
      let first = try Job(lab)
      let second = try Job(lab, a: first.result)
      second.fill(2)
      first.fill(1)
      try first.commands.record { encoder in
        first.encode(&encoder)
        second.encode(&encoder)
      }
      func submit() throws -> UInt64 {
        try lab.queue.submit(
          first.commands, retaining: Chain([first, second]),
          accesses: [first.access, second.access])
      }
      let error = #expect(throws: VulkanError.self) { try submit() }
      #expect(error?.code == .hazard)
      #expect(error?.context.contains("read after write") == true)
      #expect(lab.device.counters.submissions == 0 && lab.queue.last == 0)

      try first.commands.record { encoder in
        first.encode(&encoder)
        encoder.barrier()
        second.encode(&encoder)
      }
      try lab.queue.wait(for: submit())
      #expect(first.isRight && second.isRight)
    }
  }

  @Test("Two submissions in flight need a barrier; after a wait they do not")
  func acrossSubmissions() throws {
    try Lab.open(checked: true) { lab in
      let first = try Job(lab)
      let second = try Job(lab, a: first.result)
      second.fill(2)
      first.fill(1)
      first.arguments.rounds = 2_000_000
      try first.record()
      try second.record()
      let value = try first.submit(to: lab.queue)
      let error = #expect(throws: VulkanError.self) { try second.submit(to: lab.queue) }
      #expect(error?.code == .hazard)
      try lab.queue.wait(for: value)
      try lab.queue.wait(for: second.submit(to: lab.queue))
      #expect(first.isRight && second.isRight)
    }
  }

  @Test("Accesses are those of the dispatches, no fewer and no more")
  func accessCount() throws {
    try Lab.open(checked: true) { lab in
      let job = try Job(lab)
      try job.record()
      for accesses in [[], [job.access, job.access]] {
        let error = #expect(throws: VulkanError.self) {
          try lab.queue.submit(job.commands, retaining: job, accesses: accesses)
        }
        #expect(error?.code == .hazard)
      }
      #expect(lab.queue.last == 0)
    }
  }

  @Test("Unchecked, the accesses are not even asked for")
  func unchecked() throws {
    try Lab.open { lab in
      let job = try Job(lab)
      job.fill(1)
      try job.record()
      var asked = false
      func accesses() -> [MemoryAccess] {
        asked = true
        return []
      }
      try lab.queue.wait(
        for: lab.queue.submit(job.commands, retaining: job, accesses: accesses()))
      #expect(!asked)
      #expect(job.result.violation() == nil && job.result.poisonedWord(in: 0..<4) == nil)
    }
  }
}
