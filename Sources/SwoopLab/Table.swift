/// A plain text table with aligned columns.
public struct Table: Sendable {
  /// A column.
  public struct Column: Sendable {
    /// The heading.
    public let title: String
    /// Whether its cells are set flush right, as numbers are.
    public let isNumeric: Bool

    /// A column of text.
    public static func text(_ title: String) -> Column { Column(title: title, isNumeric: false) }

    /// A column of numbers.
    public static func number(_ title: String) -> Column { Column(title: title, isNumeric: true) }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  /// An empty table.
  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; missing cells stay empty, cells beyond the last column are left out.
  public mutating func append(_ cells: [String]) {
    let missing = max(0, columns.count - cells.count)
    rows.append(cells.prefix(columns.count) + Array(repeating: "", count: missing))
  }

  /// Whether there are no rows.
  public var isEmpty: Bool { rows.isEmpty }

  /// The lines of the table: the headings, a rule, and the rows.
  public func lines(indent: Int = 2) -> [String] {
    let widths = columns.indices.map { column in
      rows.map { $0[column].count }.reduce(columns[column].title.count, max)
    }
    let rule = widths.map { String(repeating: "─", count: $0) }
    return [line(columns.map(\.title), widths, indent), line(rule, widths, indent)]
      + rows.map { line($0, widths, indent) }
  }

  private func line(_ cells: [String], _ widths: [Int], _ indent: Int) -> String {
    var line = String(repeating: " ", count: max(0, indent))
    for (index, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: max(0, widths[index] - cell.count))
      line += (index > 0 ? "  " : "") + (columns[index].isNumeric ? padding + cell : cell + padding)
    }
    while line.last == " " { line.removeLast() }
    return line
  }

  /// Text broken between words into lines of at most `width` columns; a longer word has a line of
  /// its own.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
