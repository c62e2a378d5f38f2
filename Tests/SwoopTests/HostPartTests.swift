import Swoop
import Testing

/// Parts of host tensors that no device has yet, where whole ones would go side by side.
@Suite struct HostPartTests {
  private static let paths: [String] = ["default", "perOp", "recorded", "batch"]

  private func run<R>(_ path: String, _ device: Device, _ body: () throws -> R) throws -> R {
    switch path {
    case "perOp": try device.blockingPerOp(body)
    case "recorded": try device.blockingRecorded(body)
    case "batch": try device.blockingBatch(body)
    default: try body()
    }
  }

  private func rows(_ count: Int, _ width: Int) -> [[Float]] {
    (0..<count).map { row in (0..<width).map { Float(row * 1000 + $0) } }
  }

  /// Views of one form, of tensors of several sizes, in both orders.
  @Test(arguments: TestDevices.all, paths)
  func aGroupReadsPartsOfTensorsOfAnySize(_ device: Device, _ path: String) throws {
    for sizes in [[10, 1000, 40], [1000, 10, 7], [5000, 5000, 4]] {
      let hosts = sizes.enumerated().map { index, size in
        (0..<size).map { Float(index * 10_000 + $0) }
      }
      let results = try run(path, device) {
        let tensors = try hosts.map { try Tensor($0, on: device) }
        let doubled = try tensors.map { try $0[..<4] * 2 }
        return try doubled + tensors.map { try $0[2..<4] + 1 }
      }
      for (index, host) in hosts.enumerated() {
        #expect(try results[index].blockingArray() == host[..<4].map { $0 * 2 })
        #expect(try results[sizes.count + index].blockingArray() == host[2..<4].map { $0 + 1 })
      }
    }
  }

  @Test(arguments: TestDevices.all, paths)
  func rowsOfOneTensorAreWrittenOnce(_ device: Device, _ path: String) throws {
    let host = rows(64, 8)
    let results = try run(path, device) {
      let x = try Tensor(host, on: device)
      return try (0..<64).map { try x[$0].exp().log() + x[63 - $0] }
    }
    for (index, result) in results.enumerated() {
      let expected = zip(host[index], host[63 - index]).map { $0 + $1 }
      for (a, b) in zip(try result.blockingArray(as: Float.self), expected) where b < 80 {
        #expect(abs(a - b) <= 1e-4 * max(1, b))
      }
    }
  }

  /// A lone call, calls together, and calls on rows of tensors of their own.
  @Test(arguments: TestDevices.all)
  func coalescedCallsTakeRowsOfHostTensors(_ device: Device) async throws {
    let host = rows(32, 8)
    let coalesced = Coalescer(on: device) { try $0 * 2 + 1 }
    for row in [3, 0, 31] {
      let x = try Tensor(host, on: device)
      let alone: [Float] = try await coalesced(x[row]).array()
      #expect(alone == host[row].map { $0 * 2 + 1 })
    }
    let x = try Tensor(host, on: device)
    let shared = try (0..<32).map { try coalesced.enqueue(x[$0]) }
    let own = try (0..<32).map { row in
      try coalesced.enqueue(Tensor(Array(host[0...row]), on: device)[row])
    }
    let whole = try (0..<32).map { row in
      try coalesced.enqueue(Tensor([host[row]], on: device).reshaped(8))
    }
    for row in 0..<32 {
      let expected = host[row].map { $0 * 2 + 1 }
      #expect(try await shared[row].array() == expected)
      #expect(try await own[row].array() == expected)
      #expect(try await whole[row].array() == expected)
    }
    await coalesced.shutdown()
  }
}
