import Glibc
import Testing

@testable import TensorFiles

/// Faults that the address sanitizer must find in `.ci/run`; without it nothing would be noticed.
@Suite("A planted fault", .enabled(if: getenv("SWOOP_PLANT_FILE") != nil))
struct PlantedFileTests {
  @Test("One byte too far, or memory that is lost")
  func planted() throws {
    let region = try MemoryRegion(count: 100)
    region.bytes.initializeMemory(as: UInt8.self, repeating: 1)
    if String(cString: getenv("SWOOP_PLANT_FILE")) == "read" {
      // As bytes are handed to a tensor.
      var copy = [UInt8](repeating: 0, count: region.count + 1)
      memcpy(&copy, region.base, copy.count)
      #expect(copy.contains(1))
    } else {
      for _ in 0..<100 { _ = Unmanaged.passRetained(try MemoryRegion(count: 1_000)) }
    }
  }
}
