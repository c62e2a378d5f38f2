import ArgumentParser
import Dispatch
import Glibc
import Swoop
import VulkanBackend

/// What needs a process of its own to be seen: how memory grows, and how a program ends.
@main struct Endurance: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs operations in their millions, or leaves with work in flight.",
    subcommands: [Memory.self, Leave.self])
}

/// Runs operations on one path and says how much memory the process has after each portion.
struct Memory: AsyncParsableCommand {
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case perOp = "per-op"
    case recorded, batched
    case pending = "default"
    case coalesced, futures, arrays, crowd, refused, cancelled, scope, mixed
  }

  @Option(help: "Which path.") var path: Kind
  @Option(help: "How many operations in all.") var operations = 1_000_000
  @Option(help: "After how many portions of them to look; the first two are to fill caches.")
  var portions = 10
  @Option(help: "Per cent that memory may grow from the end of the second portion to the last.")
  var limit = 5.0

  func run() async throws {
    let device = try Device.default()
    let work = try await Work(device)
    let portion = operations / max(portions, 3)
    var residents: [Int] = []
    for number in 1...max(portions, 3) {
      try await work.run(path, portion)
      residents.append(residentBytes())
      print(
        "\(path.rawValue): \(number * portion) operations, resident \(residents[number - 1] >> 10) "
          + "KiB, device \(device.counters.bytes >> 10) KiB")
    }
    let (first, last) = (residents[1], residents[residents.count - 1])
    let growth = 100 * Double(last - first) / Double(first)
    print("\(path.rawValue): grew by \((growth * 100).rounded() / 100) %")
    guard growth <= limit else { throw ExitCode.failure }
  }

  private func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "re") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(getpagesize())
  }
}

/// The operations of every path.
struct Work: Sendable {
  let device: Device
  private let a: Tensor
  private let b: Tensor
  private let coalesced: Coalescer

  init(_ device: Device) async throws {
    self.device = device
    let b = try Tensor.random([64], seed: 2, on: device)
    a = try Tensor.random([64], seed: 1, on: device)
    self.b = b
    coalesced = Coalescer(on: device) { x in try x + b }
    _ = try await coalesced(a)
  }

  func run(_ kind: Memory.Kind, _ count: Int) async throws {
    switch kind {
    case .perOp:
      try await device.perOp {
        for _ in 0..<count { try await (a + b).wait() }
      }
    case .recorded:
      for _ in 0..<(count + 999) / 1000 {
        let results = try await device.recorded { try (0..<1000).map { _ in try a + b } }
        try await results[999].wait()
      }
    case .batched:
      for _ in 0..<(count + 999) / 1000 {
        let results = try await device.batched { try (0..<1000).map { _ in try a + b } }
        try await results[999].wait()
      }
    case .pending:
      // One chain that nobody reads before its end.
      var x = a
      for _ in 0..<count { x = try x + b }
      try await x.wait()
    case .coalesced:
      try await tasks(count) { try await coalesced(a).wait() }
    case .futures:
      for _ in 0..<(count + 255) / 256 {
        let results = try (0..<256).map { _ in try coalesced.enqueue(a) }
        for result in results { try await result.wait() }
      }
    case .arrays:
      // From an array of the caller's to one of its own.
      let elements = (0..<64).map { Float($0) }
      for _ in 0..<(count + 255) / 256 {
        let results = try (0..<256).map { _ in try coalesced.enqueue(Tensor(elements, on: device)) }
        for result in results { _ = try await result.array(as: Float.self) }
      }
    case .crowd:
      try await Crowd(calls: max(count / Crowd.callers, 1), of: coalesced, adding: b).run()
    case .scope:
      try await device.coalescing {
        try await tasks(count) { try await (a + b).wait() }
      }
    case .cancelled:
      try await tasks(count) {
        let task = Task { try await coalesced(a) }
        await Task.yield()
        task.cancel()
        _ = await task.result
      }
    case .mixed:
      let backend = device.backend as? VulkanBackend
      backend?.refusesEvery.store(37, ordering: .relaxed)
      defer { backend?.refusesEvery.store(0, ordering: .relaxed) }
      try await tasks(count) {
        switch UInt8.random(in: 0..<4) {
        case 0:
          let task = Task { try await coalesced(a).array(as: Float.self) }
          if Bool.random() { await Task.yield() }
          task.cancel()
          _ = await task.result
        case 1:
          let future = try? coalesced.enqueue(a)
          if let future, Bool.random() {
            _ = await Task { try await future.array(as: Float.self) }.result
          }
        default: _ = await Task { try await coalesced(a).array(as: Float.self) }.result
        }
      }
    case .refused:
      let backend = device.backend as? VulkanBackend
      backend?.refusesEvery.store(2, ordering: .relaxed)
      defer { backend?.refusesEvery.store(0, ordering: .relaxed) }
      try await tasks(count) {
        do { try await coalesced(a).wait() } catch let error as TensorError {
          guard error.code == .deviceFailure else { throw error }
        }
      }
    }
  }

  private func tasks(_ count: Int, _ body: @escaping @Sendable () async throws -> Void) async throws
  {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<64 {
        group.addTask { for _ in 0..<(count + 63) / 64 { try await body() } }
      }
      try await group.waitForAll()
    }
  }
}

/// Ends while the device and a coalescer's threads are at work.
struct Leave: AsyncParsableCommand {
  enum Way: String, ExpressibleByArgument { case main, exit, error }

  struct Left: Error {}

  @Option(help: "By returning from main, by exit(3), or by an error.") var by: Way
  @Flag(help: "With threads that multiply matrices on the CPU.") var cpu = false

  func run() async throws {
    let device = try Device.default()
    let x = try Tensor.random([256, 256], seed: 1, on: device)
    let row = try Tensor.random([256], seed: 2, on: device)
    let coalescers = (0..<3).map { _ in Coalescer(on: device) { y in try y + row } }
    for coalesced in coalescers {
      for _ in 0..<40 {
        _ = try coalesced.enqueue(row)
        Task { while true { _ = try await coalesced(row) } }
      }
    }
    for _ in 0..<8 { try await device.perOp { _ = try x + x } }
    if cpu {
      let matrix = try Tensor.random([256, 256], seed: 3, on: .cpu)
      for _ in 0..<4 {
        DispatchQueue.global().async {
          while (try? matrix.matmul(matrix).blockingWait()) != nil {}
        }
      }
      usleep(20_000)
    }
    usleep(UInt32.random(in: 0..<20_000))
    switch by {
    case .main: return
    case .exit: Glibc.exit(0)
    case .error: throw Left()
    }
  }
}
