import Swoop

/// `Documentation/Operations.md`, made of the tables.
package enum OperationsDocument {
  package static var markdown: String {
    (introduction + operations + [""] + functionIntroduction + functions).joined(separator: "\n")
      + "\n"
  }

  private static let introduction = [
    "# Operations",
    "",
    "Made by `swoop operations --markdown` from the table of operations and that of functions; tests",
    "fail if tables, code and this page disagree.",
    "",
    "An operation is what a kernel computes, and what `swoop check` holds a device to. Swift's name",
    "for it, where it has another, is in the second column. *Element types* are those of the operands,",
    "or, of random numbers, of the result. *Bound* is how far an element of the result may be from the",
    "exact result y for the same operands x, computed in float32: u = 2⁻²⁴, γₙ = nu / (1 - nu), ulp(y)",
    "the distance of neighbours at y, μ and σ² mean and variance, δ(σ²) the error of the latter, s the",
    "error of a sum of n exponentials relative to it. Whole numbers are exact and wrap around. Narrower",
    "types are rounded once more when they are stored. Vulkan may take subnormal numbers for 0.",
    "",
    "| operation | in Swift | family | element types | derivative | bound, in words | bound |",
    "|---|---|---|---|---|---|---|",
  ]

  private static var operations: [String] {
    OperationTable.lines.map { line in
      let operation = line.operation
      return row(
        "`\(operation.name)`", line.call, operation.family.name, names(line.documentedTypes),
        operation.hasDerivative ? "yes" : "no", line.bound.words, line.bound.formula)
    }
  }

  private static func row(_ cells: String...) -> String {
    "| " + cells.joined(separator: " | ") + " |"
  }

  /// Element types, as the table and the command list them.
  package static func names(_ types: [ElementType]) -> String {
    types.map(\.rawValue).joined(separator: ", ")
  }

  private static let functionIntroduction = [
    "## Functions made of them",
    "",
    "Functions that have no operation of their own: what makes or views tensors, and what is computed by",
    "several operations, one after the other. A bound is to first order in u, n the number of terms of",
    "each element; *exact* is bitwise. `Kernel` makes an operation of a compute shader of the user's own:",
    "on float32, float16, bfloat16, int32, uint8 and bool, on every path, without a derivative, as right",
    "as its source.",
    "",
    "| function | family | made of | element types | derivative | bound |",
    "|---|---|---|---|---|---|",
  ]

  private static var functions: [String] {
    FunctionTable.lines.map { line in
      row(
        "`\(line.name)`", line.family,
        line.operations.map { "`\($0.name)`" }.joined(separator: ", "), names(line.types),
        line.kind == .operand ? (line.hasDerivative ? "yes" : "no") : "",
        line.bound?.replacing("|", with: "\\|") ?? "exact")
    }
  }
}

extension OperationLine {
  /// The element types it is tried with, in the order of `ElementType`.
  package var types: [ElementType] {
    let tried = Set(cases.map(\.type))
    return ElementType.allCases.filter(tried.contains)
  }

  /// As `types`, but for random numbers, whose operand says the shape alone.
  fileprivate var documentedTypes: [ElementType] {
    switch operation {
    case .randomBits, .randomIntegers: [.int32]
    case .randomBernoulli: [.bool]
    case .randomUniform, .randomNormal: .floating
    default: types
    }
  }

  /// The bound in words and as a formula.
  fileprivate var bound: (words: String, formula: String) {
    switch operation {
    case .mean: ("one rounding for each of n terms, and a division", "γₙ₊₄·Σ\\|xᵢ\\|/n")
    case .randomUniform: ("a product and a sum, rounded", "u·(high - low + \\|y\\|)")
    case .randomNormal:
      (
        "an approximated quantile z, a product and a sum, rounded",
        "deviation·(2⁻²⁰ + u\\|z\\|) + u·\\|y\\|"
      )
    default: (operation.precision.words, operation.precision.formula)
    }
  }

  /// What it is called in Swift, where that is not its name.
  fileprivate var call: String { Self.calls[operation.name].map { "`\($0)`" } ?? "" }

  private static let calls = [
    "add": "x + y", "subtract": "x - y", "multiply": "x * y", "divide": "x / y", "negate": "-x",
    "equal": "x .== y", "notEqual": "x .!= y", "less": "x .< y", "lessOrEqual": "x .<= y",
    "greater": "x .> y", "greaterOrEqual": "x .>= y", "logicalAnd": "x .& y",
    "logicalOr": "x .| y", "logicalXor": "x .^ y", "logicalNot": ".!x",
    "bitwiseAnd": "x & y", "bitwiseOr": "x | y", "bitwiseXor": "x ^ y", "bitwiseNot": "~x",
    "shiftLeft": "x << y", "shiftRight": "x >> y", "where": "Tensor.where", "cast": "cast(to:)",
    "geluTanh": "gelu(tanhForm: true)", "copy": "views that are copied",
    "unview": "slopes of views",
    "concatenate": "concatenated", "replace": "replacing", "randomUniform": "uniform",
    "randomBernoulli": "bernoulli", "randomIntegers": "integers", "randomNormal": "normal",
    "prod": "product", "normalize": "layerNorm, rmsNorm", "take": "taking",
    "takeAlong": "takingAlong", "scatter": "scattering, scatteringAlong",
    "scatterAdd": "scatterAdding, scatterAddingAlong", "sortRuns": "sorted, argsort, topK",
    "mergeRuns": "sorted, argsort, topK", "window": "conv1d, conv2d, pooling",
    "fold": "their slopes",
  ]
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
