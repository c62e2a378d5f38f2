/// All figures of one workload, by what they are about.
///
/// Figures of one run have a sample for each round in the same order: ratios between them are
/// taken round by round.
public struct WorkloadFigures: Sendable, Equatable {
  /// A figure with its name.
  public struct Entry: Sendable, Equatable {
    /// What it is about.
    public let name: FigureName
    /// The figure in the name's unit, operations or samples per second.
    public let figure: Figure
  }

  /// A figure of a thread pattern.
  struct ThreadEntry {
    let pattern: ThreadPattern
    let threads: Int
    let figure: Figure
    var name: FigureName { .threads(pattern, threads) }
  }

  private let figures: [FigureName: Figure]

  /// The given figures.
  public init(_ figures: [FigureName: Figure]) { self.figures = figures }

  /// The figures of the given samples; those whose key is no figure's name are left out.
  public init(samples: [String: [Double]]) {
    var figures: [FigureName: Figure] = [:]
    for (key, values) in samples {
      guard let name = FigureName(key), let figure = Figure(samples: values) else { continue }
      figures[name] = figure
    }
    self.figures = figures
  }

  /// The figures that a run has measured.
  public init(_ results: Interleaved.Results) { self.init(samples: results.rates) }

  /// The figure with a name, if it was measured.
  public subscript(name: FigureName) -> Figure? { figures[name] }

  /// The raw samples of all figures, by their keys.
  public var samples: [String: [Double]] {
    Dictionary(uniqueKeysWithValues: figures.map { ($0.key.description, $0.value.samples) })
  }

  /// The ratio of two figures, if both were measured.
  public func ratio(_ numerator: FigureName, to denominator: FigureName) -> Figure? {
    guard let above = figures[numerator], let below = figures[denominator] else { return nil }
    return Figure.ratio(of: above, to: below)
  }

  /// The thread pattern and number of threads with the highest rate.
  public var bestThreading: Entry? {
    threadEntries.max { $0.figure.median < $1.figure.median }
      .map { Entry(name: $0.name, figure: $0.figure) }
  }

  /// The path and batch size with the highest rate.
  public var bestBatch: Entry? {
    batchEntries.max { $0.figure.median < $1.figure.median }
      .map { Entry(name: .batch($0.path, $0.batch), figure: $0.figure) }
  }

  /// The callers with the highest rate on the coalesced path.
  public var bestCoalesced: Entry? {
    coalescedEntries.max { $0.figure.median < $1.figure.median }
      .map { Entry(name: .coalesced($0.callers), figure: $0.figure) }
  }

  /// The hand-stacked batch of at most `limit` samples with the highest rate, the copies from
  /// and to host arrays included.
  func bestServed(upTo limit: Int) -> Entry? {
    best { name in
      if case .served(.stacked, let batch) = name { batch <= limit } else { false }
    }
  }

  /// The same of those with no more samples than this in flight: two batches of one size, or one. Nil
  /// where not both were measured, or one of them and there cannot be the other.
  func bestServed(inFlight limit: Int) -> Entry? {
    let largest = figures.keys.map {
      if case .served(.stacked, let batch) = $0 { batch } else { 0 }
    }
    // What a batch may hold at most is all that one at a time can have in flight.
    guard limit >= 2 * (largest.max() ?? 0) || figures[.servedInTurn(limit)] != nil else {
      return nil
    }
    return best { name in
      switch name {
      case .served(.stacked, let batch): 2 * batch <= limit
      case .servedInTurn(let batch): batch <= limit
      default: false
      }
    }
  }

  /// The same with samples that were stacked beforehand, and one stacked result.
  func bestStacked(upTo limit: Int) -> Entry? {
    best { name in
      if case .batch(.stacked, let batch) = name { batch <= limit } else { false }
    }
  }

  private func best(_ isMeant: (FigureName) -> Bool) -> Entry? {
    figures.filter { isMeant($0.key) }.max { $0.value.median < $1.value.median }
      .map { Entry(name: $0.key, figure: $0.value) }
  }

  /// The coalesced path by kind of caller, number of callers and calls in flight.
  var coalescedEntries: [(callers: Callers, figure: Figure)] {
    figures.compactMap { name, figure -> (callers: Callers, figure: Figure)? in
      guard case .coalesced(let callers) = name else { return nil }
      return (callers, figure)
    }.sorted { $0.callers < $1.callers }
  }

  /// The patterns in the order of `ThreadPattern.threaded`, each by ascending number of threads.
  var threadEntries: [ThreadEntry] {
    ThreadPattern.threaded.flatMap { pattern in
      figures.compactMap { name, figure -> ThreadEntry? in
        guard case .threads(pattern, let threads) = name else { return nil }
        return ThreadEntry(pattern: pattern, threads: threads, figure: figure)
      }.sorted { $0.threads < $1.threads }
    }
  }

  /// The floor by ascending number of threads.
  var floorEntries: [(threads: Int, figure: Figure)] {
    figures.compactMap { name, figure -> (threads: Int, figure: Figure)? in
      guard case .floor(let threads) = name else { return nil }
      return (threads, figure)
    }.sorted { $0.threads < $1.threads }
  }

  /// The batches by path, each by ascending size.
  var batchEntries: [(path: BatchPath, batch: Int, figure: Figure)] {
    BatchPath.allCases.flatMap { path in
      figures.compactMap { name, figure -> (path: BatchPath, batch: Int, figure: Figure)? in
        guard case .batch(path, let batch) = name else { return nil }
        return (path, batch, figure)
      }.sorted { $0.batch < $1.batch }
    }
  }
}
