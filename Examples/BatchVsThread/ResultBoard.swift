import Swoop

/// The last results of every trial, kept until they are verified after the measurement.
///
/// Each worker of a trial has a cell of its own, so the measured loop takes no lock that
/// another worker wants.
final class ResultBoard: Sendable {
  /// One worker's last results.
  final class Cell: @unchecked Sendable {
    // A worker runs one operation at a time, and reading comes after all workers have ended.
    var first = 0
    var tensors: [Tensor] = []
    /// Results that have been read back, behind the tensors.
    var results: [[Float]] = []
    /// Of the loop without tensors: what reads its last result.
    var read: (() -> [Float])?
  }

  let trial: String
  let cells: [Cell]

  init(_ trial: String, workers: Int) {
    self.trial = trial
    cells = (0..<workers).map { _ in Cell() }
  }

  /// Compares what is there with what it must be.
  func verify(_ verification: Verification) async throws {
    var isEmpty = true
    for cell in cells {
      var elements = cell.read?() ?? []
      for tensor in cell.tensors { elements += try await tensor.array(as: Float.self) }
      for result in cell.results { elements += result }
      // A worker without a share of the operations has no result.
      if elements.isEmpty { continue }
      isEmpty = false
      try verification.check(elements, first: cell.first, path: trial)
    }
    if isEmpty { throw Verification.WrongResults(description: "\(trial): no results") }
  }
}
