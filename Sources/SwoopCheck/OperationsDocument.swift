import Swoop

/// `Documentation/Operations.md`, made of the table.
package enum OperationsDocument {
  package static var markdown: String {
    var lines = [
      "# Operations",
      "",
      "Made by `swoop operations --markdown` from the operation table; a test fails if the two",
      "disagree. *Bound* is how far an element of the result may be from the exact result for the",
      "same operands, computed in float32 (u = 2⁻²⁴, γₙ = nu / (1 - nu), ulp(y) the distance of",
      "neighbours at y); whole numbers are exact and wrap around. Narrower types are rounded once",
      "more when they are stored. Vulkan may take subnormal numbers for 0. `swoop check` holds a",
      "device to these bounds.",
      "",
      "| operation | family | element types | derivative | bound, in words | bound |",
      "|---|---|---|---|---|---|",
    ]
    for line in OperationTable.lines {
      let operation = line.operation
      lines.append(
        "| `\(operation.name)` | \(operation.family.name) | "
          + "\(line.types.map(\.rawValue).joined(separator: ", ")) | "
          + "\(operation.hasDerivative ? "yes" : "no") | "
          + "\(operation.precision.words) | \(operation.precision.formula) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension OperationLine {
  /// The element types it is tried with, in the order of `ElementType`.
  package var types: [ElementType] {
    let tried = Set(cases.map(\.type))
    return ElementType.allCases.filter(tried.contains)
  }
}

extension TensorOperation.Family {
  package var name: String {
    switch self {
    case .elementwise: "elementwise"
    case .reduction: "reduction"
    case .rowwise: "along rows"
    case .product: "product"
    case .window: "windows"
    case .unview: "views"
    case .joining: "joining"
    case .placing: "placing"
    case .random: "random"
    case .scan: "cumulative"
    case .gather: "indexing"
    case .scatter: "indexing"
    case .sortedRuns, .mergedRuns, .search: "sorting"
    case .custom: "custom"
    }
  }
}
