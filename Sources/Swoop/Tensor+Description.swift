import SwoopCore

extension Tensor: CustomStringConvertible {
  /// The elements in nested brackets and aligned columns, then shape, element type and device.
  /// Above 1,000 elements only the first and last three along each axis are shown, and only those
  /// are read; above 1,000 empty brackets one pair.
  ///
  /// Evaluates the tensor; one that failed prints its error.
  ///
  /// A property cannot be awaited, so this blocks the thread until the elements are there. A task
  /// keeps other tasks from running meanwhile; it does not if it has said `try await x.wait()`
  /// before, or it reads by `array(as:)`.
  public var description: String {
    let form = "shape \(shape) \(elementType) on \(device)"
    do {
      // Brackets without anything inside take space as well.
      let brackets = shape.prefix { $0 > 0 }.reduce(1) {
        Swift.min($0 * Swift.min($1, Printer.limit + 1), Printer.limit + 1)
      }
      if shape.elementCount == 0, brackets > Printer.limit { return "[]\n" + form }
      let isSummary = shape.elementCount > Printer.limit
      let cut = shape.map { isSummary && $0 > 2 * Printer.edge }
      var shown = self
      for axis in 0..<shape.rank where cut[axis] {
        shown = try shown.ends(axis)
      }
      func texts<E: TensorElement>(_: E.Type) throws(TensorError) -> [String] {
        try shown.blockingArray(as: E.self).map { "\($0)" }
      }
      let list = try texts(elementType.swiftType)
      return Printer(shown.shape, list, cut: cut).text + "\n" + form
    } catch {
      return "\(form), failed: \(error)"
    }
  }

  /// The first and the last few elements along an axis.
  private func ends(_ axis: Int) throws(TensorError) -> Tensor {
    var (first, last): ([any TensorIndex], [any TensorIndex]) = ([], [])
    for _ in 0..<axis {
      first.append(AxisIndex.all)
      last.append(AxisIndex.all)
    }
    first.append(..<Printer.edge)
    last.append((-Printer.edge)...)
    return try .concatenated([selecting(first), selecting(last)], axis: axis)
  }
}

/// Lays out the elements of one tensor.
private struct Printer {
  /// More elements than these are summarised.
  static let limit = 1000
  /// Elements shown at either end of a long axis.
  static let edge = 3
  private static let lineLength = 100

  private let shape: Shape
  private let texts: [String]
  /// The axes with a gap between their ends.
  private let cut: [Bool]
  private var whole = 0
  private var fraction = 0
  private let isAlignedAtPoint: Bool

  init(_ shape: Shape, _ texts: [String], cut: [Bool]) {
    self.shape = shape
    self.texts = texts
    self.cut = cut
    isAlignedAtPoint = !texts.contains { $0.contains("e") && $0 != "true" && $0 != "false" }
    for text in texts {
      let (before, after) = parts(text)
      whole = Swift.max(whole, before.count)
      fraction = Swift.max(fraction, after.count)
    }
  }

  /// What stands left of the columns' common edge, and what right of it.
  private func parts(_ text: String) -> (Substring, Substring) {
    guard isAlignedAtPoint, let point = text.firstIndex(of: ".") else { return (text[...], "") }
    return (text[..<point], text[point...])
  }

  private func shown(_ axis: Int) -> [Int?] {
    guard cut[axis] else { return Array(0..<shape[axis]) }
    return Array(0..<Printer.edge) + [nil] + Array(Printer.edge..<2 * Printer.edge)
  }

  var text: String {
    if shape.rank == 0 { return texts[0] }
    return block(axis: 0, first: 0)
  }

  private func block(axis: Int, first: Int) -> String {
    let indices = shown(axis)
    let indent = String(repeating: " ", count: axis + 1)
    if axis == shape.rank - 1 {
      return "[" + line(indices.map { $0.map { padded(texts[first + $0]) } ?? "…" }, indent) + "]"
    }
    let step = shape.dropFirst(axis + 1).reduce(1, *)
    let gap = String(repeating: "\n", count: shape.rank - 1 - axis) + indent
    let blocks = indices.map { index in
      index.map { block(axis: axis + 1, first: first + $0 * step) } ?? "…"
    }
    return "[" + blocks.joined(separator: "," + gap) + "]"
  }

  /// Elements side by side, over as many lines as they need.
  private func line(_ items: [String], _ indent: String) -> String {
    var result = ""
    var length = indent.count
    for (index, item) in items.enumerated() {
      let piece = index + 1 < items.count ? item + "," : item
      if index > 0 {
        if length + 1 + piece.count >= Printer.lineLength {
          result += "\n" + indent
          length = indent.count
        } else {
          result += " "
          length += 1
        }
      }
      result += piece
      length += piece.count
    }
    return result
  }

  private func padded(_ text: String) -> String {
    let (before, after) = parts(text)
    return String(repeating: " ", count: whole - before.count) + before + after
      + String(repeating: " ", count: fraction - after.count)
  }
}
