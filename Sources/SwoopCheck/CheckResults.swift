import Swoop

/// What a check has found: one row for each operation, element type, and what it was compared
/// with.
package struct CheckResults: Sendable, Codable, Equatable {
  package private(set) var rows: [Row] = []

  /// One operation with one element type against one reference.
  package struct Row: Sendable, Codable, Equatable {
    package let operation: String
    package let elementType: String
    package let against: String
    /// Applications, and result elements of all of them.
    package var cases = 0
    package var elements = 0
    /// Where the error is largest in units of its bound; nil if every element is exact.
    package var worst: Place?
    /// The largest error in units in the last place of the exact result.
    package var unitsInTheLastPlace = 0.0
    /// Applications with an element beyond its bound, or another failure.
    package var failures = 0
    /// The first few of them, in words.
    package var messages: [String] = []

    package var passed: Bool { failures == 0 }
  }

  /// One result element.
  package struct Place: Sendable, Codable, Equatable {
    package let operationCase: String
    package let index: Int
    /// Text, because JSON has no infinities.
    package let result: String
    package let exact: String
    package let error: Double
    package let bound: Double
    package let ratio: Double
  }

  package init() {}

  /// The rows of all, one after the other: no two have the same operation and element type.
  init(joining parts: [CheckResults]) { rows = parts.flatMap(\.rows) }

  package var passed: Bool { rows.allSatisfy(\.passed) }
  package var cases: Int { rows.reduce(0) { $0 + $1.cases } }
  package var failures: Int { rows.reduce(0) { $0 + $1.failures } }

  private static let mostMessages = 5

  private mutating func index(
    _ operation: String, _ type: ElementType, _ against: String
  ) -> Int {
    let found = rows.lastIndex {
      $0.operation == operation && $0.elementType == type.rawValue && $0.against == against
    }
    if let found { return found }
    rows.append(Row(operation: operation, elementType: type.rawValue, against: against))
    return rows.count - 1
  }

  /// Counts an application that has failed as a whole.
  mutating func fail(
    _ message: String, _ operation: String, _ type: ElementType, _ against: String, _ label: String
  ) {
    let row = index(operation, type, against)
    rows[row].cases += 1
    note("\(message), of \(label)", row)
  }

  private mutating func note(_ message: String, _ row: Int) {
    rows[row].failures += 1
    if rows[row].messages.count < Self.mostMessages { rows[row].messages.append(message) }
  }

  /// Counts an application and holds each of its elements against its bound.
  mutating func add(
    _ outcome: CheckOutcome, _ expected: Expected, _ operation: String, _ type: ElementType,
    _ against: String, _ label: String
  ) {
    guard outcome.shape == expected.shape, outcome.type == expected.type,
      outcome.values.count == expected.elements.count
    else {
      let (given, wanted) = (outcome, expected)
      return fail(
        "\(given.type) of shape \(given.shape) instead of \(wanted.type) of \(wanted.shape)",
        operation, type, against, label)
    }
    let row = index(operation, type, against)
    rows[row].cases += 1
    rows[row].elements += outcome.values.count
    var wrong = 0
    var worst: (index: Int, ratio: Double)?
    for (index, result) in outcome.values.enumerated() {
      let element = expected.elements[index]
      let ratio = expected.ratio(of: result, at: index)
      // Neither is a NaN.
      if !(ratio <= 1) { wrong += 1 }
      guard ratio > 0 else { continue }
      if worst.map({ ratio > $0.ratio }) ?? true { worst = (index, ratio) }
      let error = abs(result - element.value)
      if element.others.isEmpty, error.isFinite {
        let units = error / expected.type.ulp(element.value)
        rows[row].unitsInTheLastPlace = max(rows[row].unitsInTheLastPlace, units)
      }
    }
    if let worst, worst.ratio > rows[row].worst?.ratio ?? 0 {
      let element = expected.elements[worst.index]
      let result = outcome.values[worst.index]
      rows[row].worst = Place(
        operationCase: label, index: worst.index, result: "\(result)", exact: "\(element.value)",
        error: finite(abs(result - element.value)), bound: element.bound,
        ratio: finite(worst.ratio))
    }
    if wrong > 0, let worst {
      let element = expected.elements[worst.index]
      note(
        "\(wrong) of \(expected.elements.count) elements are wrong, the worst at "
          + "\(worst.index): \(outcome.values[worst.index]) instead of \(element.value) ± "
          + "\(element.bound), of \(label)", row)
    }
  }

  /// JSON has no infinities.
  private func finite(_ value: Double) -> Double {
    value.isFinite ? value : .greatestFiniteMagnitude
  }
}
