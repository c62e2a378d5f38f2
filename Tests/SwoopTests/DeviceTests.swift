import Testing

@testable import Swoop

/// Choosing devices, and keeping them apart.
@Suite struct DeviceTests {
  @Test func allDevicesCanBeNamed() throws {
    let devices = try Device.all()
    #expect(devices.last == .cpu)
    for (index, device) in devices.enumerated() {
      #expect(try Device.named(device.name) == device)
      #expect(try Device.named("\(index)") == device)
    }
    #expect(Set(devices.map(\.name)).count == devices.count)
  }

  @Test func theEnvironmentChoosesTheDefault() throws {
    for device in try Device.all() { #expect(try Device.choose(device.name) == device) }
    // An empty variable counts as none.
    let best = Result { try Device.choose(nil) }
    #expect((try? best.get()) == (try? Device.choose("")))
    #expect(throws: TensorError.self) { try Device.choose("no such device") }
  }

  @Test(arguments: ["", " ", "no such device", "-1", "99", "cpu1"])
  func unknownDeviceNames(_ name: String) {
    do {
      let device = try Device.named(name)
      Issue.record("\(name) gave \(device)")
    } catch {
      #expect(error.code == .deviceNotFound)
      #expect(name.isEmpty || error.message.contains(name))
      #expect(error.message.contains("cpu"), "\(error) does not list the devices")
    }
  }

  @Test func ambiguousDeviceNames() throws {
    let devices = [Fake("Card A #1"), Fake("Card A #2"), Fake("Soft (LLVM 15.0.1)")].map(
      Device.init)
    #expect(try Device.pick("Card A #2", from: devices) == devices[1])
    #expect(try Device.pick("1", from: devices) == devices[1], "an index goes before a part")
    #expect(try Device.pick("soft", from: devices) == devices[2])
    do {
      _ = try Device.pick("card", from: devices)
      Issue.record("an ambiguous name gave a device")
    } catch {
      #expect(error.code == .deviceNotFound)
      for device in devices { #expect(error.message.contains(device.name)) }
    }
  }

  @Test func tensorsOfTwoDevicesDoNotMix() throws {
    let here = try Tensor([1.0, 2], on: .cpu)
    let there = try Tensor([1.0, 2], on: Device(Fake("elsewhere")))
    for operation in [
      { try here + there }, { try there.matmul(here) }, { try here.linear(here, bias: there) },
    ] as [() throws -> Tensor] {
      do {
        _ = try operation()
        Issue.record("tensors of two devices gave one")
      } catch let error as TensorError {
        #expect(error.code == .deviceMismatch)
        #expect(error.message.contains("elsewhere") && error.message.contains("cpu"))
      }
    }
  }

  /// A device that is only a name.
  private final class Fake: Backend {
    let signatures = SignatureTable()
    let name: String
    init(_ name: String) {
      self.name = name
      signatures.serve(self)
    }
    func submit(_ schedule: Schedule) throws(TensorError) { throw TensorError(.unsupported, name) }
    func submit(_ trace: Trace, _ samples: BatchSamples) throws(TensorError) -> BatchResult {
      throw TensorError(.unsupported, name)
    }
    func readable(
      _ slice: StorageSlice, byteCount: Int
    ) throws(TensorError) -> (slice: StorageSlice, submission: (any Submission)?) { (slice, nil) }
    func address(of slice: StorageSlice) -> UnsafeRawPointer { UnsafeRawPointer(bitPattern: 64)! }
    func synchronize() throws(TensorError) {}
  }
}
