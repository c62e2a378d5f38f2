import FoundationEssentials
import Swoop
import SwoopLab

/// What a run has found: the JSON file, and the source of what is printed.
struct ForestReport: Sendable, Codable {
  var schema = 1
  let environment: Report.Environment
  let trees: Int
  /// The sentences of the whole text.
  let sentences: Int
  let distinctShapes: Int
  let shallowest: Int
  let deepest: Int
  let words: Int
  /// Words and pairs.
  let nodes: Int
  let hidden: Int
  let classes: Int
  /// The operations of one forest.
  let operations: Int
  let seed: UInt64
  let verified: Verified
  let paths: [PathFigures]
  /// Batched ÷ recorded, from paired rounds.
  let batchedToRecorded: Figure
  /// Batched ÷ per-op, from paired rounds.
  let batchedToPerOp: Figure
  let wasShortened: Bool

  struct Verified: Sendable, Codable {
    /// The difference between device and CPU at one node that is the largest share of the allowed.
    let worstDifference: Double
    let allowed: Double
    /// In a sentence's probabilities, each computing whole trees.
    let differenceAtRoots: Double
    /// Whether all paths gave the same bits in all rounds; a run in which they do not ends without
    /// a report.
    let isBitwiseEqual: Bool
  }

  struct PathFigures: Sendable, Codable {
    let path: ForestPath
    /// Trees a second.
    let trees: Figure
    let submissions: Int
    let dispatches: Int
    let barriers: Int
  }

  /// - Throws: `EncodingError` if a figure is not finite.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }

  /// The report as text.
  func rendered() -> String {
    let settings = environment.variables.sorted { $0.key < $1.key }.map { name, value in
      value.isEmpty ? "\(name) not set (driver's default)" : "\(name)=\(value)"
    }
    func count(_ value: Int) -> String { NumberText.grouped(value) }
    var lines = [
      "Tree-LSTM of hidden size \(hidden)",
      "  device     \(environment.device), \(environment.driver)",
      "  processor  \(environment.processor), \(environment.cores) cores to use",
      "  settings   \(settings.joined(separator: ", "))",
      "  measured   \(environment.date), commit \(environment.commit), \(environment.compiler)",
      "  trees      \(count(trees)), of \(count(sentences)) sentences; distinct shapes: "
        + "\(count(distinctShapes)); depth: \(shallowest) to \(deepest)",
      "  nodes      \(count(nodes)), of which words: \(count(words))",
      "  work       \(count(operations)) operations, graphs made anew each time, waited for once at "
        + "the end",
      "",
    ]
    // The CPU back end counts nothing.
    func counted(_ value: Int) -> String { value > 0 ? count(value) : "—" }
    var table = Table([
      .text("path"), .number("trees/s"), .number("95 % interval"), .number("nodes/s"),
      .number("submissions"), .number("dispatches"), .number("barriers"),
    ])
    for path in paths {
      let perTree = Double(nodes) / Double(trees)
      table.append([
        path.path.title, NumberText.significant(path.trees.median),
        NumberText.interval(path.trees.low, path.trees.high),
        NumberText.significant(path.trees.median * perTree), counted(path.submissions),
        counted(path.dispatches), counted(path.barriers),
      ])
    }
    lines += table.lines()
    func ratio(_ name: String, _ figure: Figure) -> String {
      "  batched ÷ \(name) = \(NumberText.significant(figure.median))× "
        + "[\(NumberText.interval(figure.low, figure.high))]"
    }
    let number = NumberText.significant
    lines += [
      "", ratio("recorded", batchedToRecorded), ratio("per-op", batchedToPerOp), "",
      "  Medians of \(batchedToRecorded.samples.count) interleaved rounds. Results bitwise the same "
        + "on the three paths, in every round.",
      "  Every node is within its error bound of the CPU back end: worst difference "
        + "\(number(verified.worstDifference)) of \(number(verified.allowed)) allowed;",
      "  whole trees differ by \(number(verified.differenceAtRoots)) at most in a probability.",
    ]
    if environment.compiler.hasSuffix("debug") {
      lines.append("  A debug build: these rates say nothing. Build with -c release.")
    }
    return lines.joined(separator: "\n")
  }
}

extension ForestReport {
  /// nil if something was not measured.
  init?(
    _ measurement: Measurement, _ environment: Report.Environment, hidden: Int, seed: UInt64,
    _ verification: Verification, _ counters: [ForestPath: DeviceCounters],
    _ results: Interleaved.Results
  ) {
    let forest = measurement.forest
    func ratio(_ path: ForestPath) -> Figure? {
      results.ratio(of: ForestPath.batched.title, to: path.title)
    }
    guard let toRecorded = ratio(.recorded), let toPerOp = ratio(.perOp) else { return nil }
    self.environment = environment
    trees = forest.trees.count
    sentences = forest.sentenceCount
    distinctShapes = forest.distinctShapeCount
    (shallowest, deepest) = (forest.depths.lowerBound, forest.depths.upperBound)
    words = forest.wordCount
    nodes = forest.nodeCount
    self.hidden = hidden
    classes = Parameters<HostArray>.classCount
    operations = forest.operationCount
    self.seed = seed
    verified = Verified(
      worstDifference: verification.worst.difference, allowed: verification.worst.allowed,
      differenceAtRoots: verification.differenceAtRoots, isBitwiseEqual: true)
    paths = ForestPath.allCases.compactMap { path in
      guard let figure = results.figure(path.title), let counters = counters[path] else {
        return nil
      }
      return PathFigures(
        path: path, trees: figure, submissions: counters.submissions,
        dispatches: counters.dispatches, barriers: counters.barriers)
    }
    batchedToRecorded = toRecorded
    batchedToPerOp = toPerOp
    wasShortened = results.wasShortened
  }
}
