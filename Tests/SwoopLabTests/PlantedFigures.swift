import Testing

@testable import SwoopLab

/// A figure of samples that are known to make one.
func figure(_ samples: [Double]) throws -> Figure {
  let figure = Figure(samples: samples)
  return try #require(figure)
}

/// Rates of 9 rounds around a planted one, some per cent up and down.
func planted(_ rate: Double, spread: Double = 0.01) -> Figure {
  let steps: [Double] = [0, 0.5, -0.5, 1, -1, 0.2, -0.3, 0.7, -0.6]
  let samples = steps.indices.map { index in
    // Another order for each rate, so that pairs do not rise and fall together.
    rate * (1 + spread * steps[(index * 2 + Int(rate) % 7) % steps.count])
  }
  return Figure(samples: samples) ?? Figure(median: 0, low: 0, high: 0, samples: [])
}

/// The figures of a made-up workload whose every claim is as in the original study.
let plantedStudy: [FigureName: Figure] = {
  var figures: [FigureName: Figure] = [
    .baseline: planted(7_400), .baselineWaitingOnce: planted(14_800),
    .floor(threads: 1): planted(8_100), .floor(threads: 4): planted(8_900),
    .floor(threads: 8): planted(8_850),
  ]
  let rates: [(ThreadPattern, [Double])] = [
    (.newThread, [2_100, 2_950, 3_100, 3_050, 3_010]),
    (.threadPool, [7_150, 7_600, 7_690, 7_660, 7_580]),
    (.persistentWorkers, [7_390, 7_650, 7_720, 7_700, 7_610]),
    (.swiftTasks, [6_900, 7_300, 7_350, 7_310, 7_280]),
  ]
  for (pattern, series) in rates {
    for (threads, rate) in zip([1, 2, 4, 8, 16], series) {
      figures[.threads(pattern, threads)] = planted(rate)
    }
  }
  for (batch, recorded, batched, stacked) in [
    (1, 14_700.0, 14_600.0, 14_650.0), (32, 21_300, 51_000, 61_800),
    (256, 22_100, 75_870, 84_300), (1_024, 21_900, 72_000, 81_000),
  ] {
    figures[.batch(.recorded, batch)] = planted(recorded)
    figures[.batch(.batched, batch)] = planted(batched)
    figures[.batch(.stacked, batch)] = planted(stacked)
    // With the copies from and to host arrays.
    figures[.served(.stacked, batch)] = planted(stacked * 0.8)
    figures[.served(.batched, batch)] = planted(batched * 0.7)
  }
  for (batch, rate) in [(1, 7_000.0), (8, 21_000), (64, 40_000), (256, 70_000)] {
    figures[.servedInTurn(batch)] = planted(rate)
  }
  for (callers, coalesced, replayed) in [
    (Callers(.blocking, 1), 6_727.3, 7_400.0), (Callers(.blocking, 8), 24_000, 30_000),
    (Callers(.tasks, 1), 6_000, 7_400), (Callers(.tasks, 256), 63_225, 75_000),
    (Callers(.futures, 1, inFlight: 64), 49_440, 60_000),
  ] {
    figures[.coalesced(callers)] = planted(coalesced)
    figures[.replayed(callers)] = planted(replayed)
  }
  figures[.continuations] = planted(1_500_000)
  figures[.lone(.blocking)] = planted(7_000)
  figures[.lone(.tasks)] = planted(6_300)
  return figures
}()

/// What was counted beside them.
let plantedCounts: [Callers: Report.Coalesced.Counts] = [
  Callers(.tasks, 256): .init(
    meanBatch: 128, submissionsPerOp: 1 / 128,
    atHalf: .init(smallest: 6, largest: 10, mean: 8))
]

let plantedReport: Report = {
  let verified = Report.Verified(worstError: 3.1e-7, bound: 2.4e-5, passed: true)
  let digits = Report.Verified(worstError: 4e-7, bound: 3e-5, passed: true, accuracy: 0.954)
  let figures = WorkloadFigures(plantedStudy)
  return Report(
    environment: .init(
      device: "llvmpipe (LLVM 15.0.6, 256 bits)", driver: "llvmpipe, Mesa 22.3.6", cores: 2,
      processor: "Intel(R) Xeon(R) Platinum 8481C", compiler: "Swift 6.3.1, release",
      date: "2026-11-22T20:44:32Z", commit: "abc1234", variables: ["LP_NUM_THREADS": ""]),
    workloads: [
      .init(
        name: "linear", verified: verified, figures: figures,
        batched: .init(calls: 256, dispatches: 2, submissions: 1, hostMicrosecondsPerOp: 1.5),
        coalesced: plantedCounts),
      .init(name: "digits", verified: digits, figures: WorkloadFigures([.baseline: planted(500)])),
    ])
}()
