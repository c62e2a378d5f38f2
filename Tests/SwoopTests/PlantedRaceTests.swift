import Glibc
import Testing

/// Only for the thread sanitizer's own test: CI runs it and wants it to fail.
@Suite(.enabled(if: getenv("SWOOP_PLANT_RACE") != nil)) struct PlantedRace {
  private final class Count: @unchecked Sendable { var value = 0 }

  @Test func twoThreadsCountWithoutALock() {
    let count = Count()
    // Once: of a thread that has gone on for long, the sanitizer no longer knows where the other
    // access was, and says nothing if it does not.
    onThreads(2) { _ in count.value += 1 }
    #expect(count.value > 0)
  }
}
