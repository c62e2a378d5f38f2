#if DEBUG
  import Foundation
  import Testing
  @testable import SwoopCore

  /// Random schedules keep what callers rely on. `SWOOP_TRACES=FOLDER` has them written down, for
  /// `make model` to replay against the specification: FOLDER/Recorded.tla and, each spoiled by
  /// one change, FOLDER/Spoiled/Recorded.tla.
  @Suite(.timeLimit(.minutes(5))) struct RecordedScheduleTests {
    private let folder = ProcessInfo.processInfo.environment["SWOOP_TRACES"]

    @Test func randomSchedulesKeepTheirPromises() async throws {
      let count = folder == nil ? 300 : 2000
      var traces: [String] = []
      var spoiled: [String] = []
      var agents = 0
      for seed in 0..<count {
        let schedule = RecordedSchedule(seed: UInt64(seed))
        let outcome = try await schedule.run()
        #expect(outcome.complaints.isEmpty, "seed \(seed): \(outcome.steps)")
        agents = max(agents, outcome.agents)
        traces.append(schedule.record(outcome.steps))
        if spoiled.count < 100,
          let steps = Spoiling(rawValue: spoiled.count % Spoiling.allCases.count)?.of(outcome.steps)
        {
          spoiled.append(schedule.record(steps))
        }
      }
      #expect(spoiled.count == 100)
      guard let folder else { return }
      try write(traces, agents, to: folder)
      try write(spoiled, agents, to: folder + "/Spoiled")
    }

    private func write(_ traces: [String], _ agents: Int, to folder: String) throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let module = """
        ------------------------------ MODULE Recorded ------------------------------
        RecordedCalls == {"1", "2", "3", "4", "5", "6"}
        RecordedAgents == {\((1...max(agents, 1)).map(String.init).joined(separator: ", "))}
        Traces == <<
        \(traces.joined(separator: ",\n"))
        >>
        =============================================================================

        """
      try module.write(toFile: folder + "/Recorded.tla", atomically: true, encoding: .utf8)
    }
  }

  extension RecordedSchedule {
    func record(_ steps: [String]) -> String {
      """
      [queue |-> \(options.capacity), batch |-> \(options.maximumBatch), \
      delays |-> \(options.maximumDelay > .zero ? "TRUE" : "FALSE"), steps |-> <<
      \(steps.joined(separator: ", "))>>]
      """
    }
  }

  /// One change that makes a recorded run impossible.
  private enum Spoiling: Int, CaseIterable {
    case answerTwice, takeNothing, landBeforePublishing, neverFinish, readAnothers

    /// Nil if the run has nothing to spoil.
    func of(_ steps: [String]) -> [String]? {
      var steps = steps
      func first(_ name: String) -> Int? { steps.firstIndex { $0.hasPrefix("<<\"\(name)\"") } }
      switch self {
      case .answerTwice:
        guard let place = first("Answer") else { return nil }
        steps.insert(steps[place], at: place)
      case .takeNothing:
        guard let place = first("Take") else { return nil }
        steps.remove(at: place)
      case .landBeforePublishing:
        guard let publish = first("Publish"), let land = first("Land") else { return nil }
        steps.swapAt(publish, land)
      case .neverFinish:
        guard let place = first("Finish") else { return nil }
        steps.remove(at: place)
      case .readAnothers:
        guard let place = first("Read"), let number = steps[place].split(separator: ", ").last
        else { return nil }
        steps[place] = steps[place].replacingOccurrences(
          of: ", \(number)", with: number == "\"1\">>" ? ", \"2\">>" : ", \"1\">>")
      }
      return steps
    }
  }
#endif
