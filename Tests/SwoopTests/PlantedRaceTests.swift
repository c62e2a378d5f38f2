import Glibc
import Testing

/// Only for the thread sanitizer's own test: CI runs it and wants it to fail.
@Suite(.enabled(if: getenv("SWOOP_PLANT_RACE") != nil)) struct PlantedRace {
  private final class Count: @unchecked Sendable { var value = 0 }

  @Test func twoThreadsCountWithoutALock() {
    let count = Count()
    onThreads(2) { _ in for _ in 0..<100_000 { count.value += 1 } }
    #expect(count.value > 0)
  }
}
