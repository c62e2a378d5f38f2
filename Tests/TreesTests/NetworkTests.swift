import Swoop
import SwoopLab
import Testing
import VulkanBackend
import VulkanCompute

@testable import Trees

/// Counters are the device's, so these run one after the other.
@Suite("Trees: the network", .serialized)
struct NetworkTests {
  private let forest: Forest
  private let parameters: Parameters<HostArray>

  init() throws {
    forest = try Forest(SplitText(TreeTests.text), limit: 4)
    parameters = try .random(hidden: 12, vocabularyCount: forest.vocabularyCount, seed: 3)
  }

  private func measurement(on device: Device) throws -> Measurement {
    Measurement(forest: forest, network: try TreeLSTM(parameters, on: device), device: device)
  }

  @Test("Every node is right, and the three paths give the same bits")
  func paths() async throws {
    for device in [try Device.default(), .cpu] {
      let measurement = try measurement(on: device)
      let verification = try await Verification(forest, measurement.network, parameters)
      #expect(verification.worst.ratio <= 1)
      #expect(verification.differenceAtRoots < 1e-5)
      for probabilities in verification.expected {
        #expect(abs(probabilities.reduce(0, +) - 1) < 1e-5)
      }
      // Different trees have different results: nothing is mixed up in a group.
      #expect(Set(verification.expected).count == forest.trees.count)
      for path in ForestPath.allCases {
        try await verification.check(try await measurement.once(path), path: path.title)
      }
    }
  }

  @Test("Batched takes one submission and far fewer dispatches")
  func counters() async throws {
    // Opened once more: its counters are nobody else's.
    let name = try Device.default().name
    let instance = try VulkanInstance()
    let physical = try #require(instance.physicalDevices.first { $0.name == name })
    let measurement = try measurement(
      on: Device(VulkanBackend(physical, of: instance, options: .fromEnvironment)))
    let perOp = try await measurement.counted(.perOp)
    let recorded = try await measurement.counted(.recorded)
    let batched = try await measurement.counted(.batched)
    #expect(forest.operationCount < 4_096)
    #expect(perOp.submissions == forest.operationCount)
    #expect(recorded.dispatches == forest.operationCount)
    #expect(recorded.submissions == 1 && batched.submissions == 1)
    #expect(batched.dispatches * 4 < recorded.dispatches)
  }

  @Test("A wrong weight and a flipped bit are found")
  func mistakes() async throws {
    let other = try Parameters.random(
      hidden: 12, vocabularyCount: forest.vocabularyCount, seed: 4)
    let network = try TreeLSTM(parameters, on: .default())
    await #expect(throws: Verification.WrongResults.self) {
      _ = try await Verification(forest, network, other)
    }
    let verification = try await Verification(forest, network, parameters)
    var results = try verification.expected.map { try Tensor($0, shape: [5], on: .cpu) }
    try await verification.check(results, path: "unchanged")
    var last = verification.expected[3]
    last[4] = last[4].nextUp
    results[3] = try Tensor(last, shape: [5], on: .cpu)
    await #expect(throws: Verification.WrongResults.self) {
      try await verification.check(results, path: "changed")
    }
  }

  @Test("The same seed gives the same parameters, another seed others")
  func seeds() throws {
    func words(_ seed: UInt64) throws -> [[Float]] {
      try Parameters.random(hidden: 3, vocabularyCount: 2, seed: seed).vectors.map(\.elements)
    }
    #expect(try words(1) == words(1))
    #expect(try words(1) != words(2))
    #expect(try words(1).joined().allSatisfy { (-1...1).contains($0) })
    let one = try Parameters.random(hidden: 4, vocabularyCount: 1, seed: 1)
    #expect(one.forgetLeft.bias.elements == one.forgetRight.bias.elements)
    #expect(one.forgetLeft.left.elements != one.forgetRight.left.elements)
  }

  @Test("A report has every path, in text and in JSON")
  func report() async throws {
    let measurement = try measurement(on: .cpu)
    let verification = try await Verification(forest, measurement.network, parameters)
    var settings = Interleaved.Settings()
    settings.rounds = 3
    settings.roundDuration = .milliseconds(1)
    settings.minimumOperations = 1
    let results = try await measurement.measured(settings, verification) { _ in }
    var counters: [ForestPath: DeviceCounters] = [:]
    for path in ForestPath.allCases { counters[path] = try await measurement.counted(path) }
    let report = try #require(
      ForestReport(
        measurement, .captured(device: "cpu", driver: "none"), hidden: 12, seed: 3, verification,
        counters, results))
    let text = report.rendered()
    for word in ["per-op", "recorded", "batched", "LP_NUM_THREADS", "distinct shapes"] {
      #expect(text.contains(word), "\(word)")
    }
    #expect(try report.json().contains("\"batchedToRecorded\""))
  }
}
