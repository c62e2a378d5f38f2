/// One row of the operation table: a tensor function, what it accepts and what it gives.
///
/// A row says nothing about how it is computed; each back end finds its kernel by the row's
/// family and name. Rows are values: a user's own kernel is one more row.
public final class TensorOperation: Sendable {
  /// The name used in errors, reports and kernels.
  public let name: String
  /// How the operation reads its operands; decides the form of the kernel.
  package let family: Family
  /// How far a result may be from the exact one.
  public let precision: Precision
  /// The type that a kernel reads its operands as.
  package let computation: Computation
  /// Result shape and element type; throws for operands that do not fit.
  package let infer: Inference
  /// What it is made of, if it is several operations that run as one.
  package let expression: Expression?

  package typealias Inference =
    @Sendable (_ operands: [TensorForm], _ attributes: Attributes, _ name: String)
    throws(TensorError) -> TensorForm

  package init(
    _ name: String, _ family: Family, _ precision: Precision,
    computation: Computation = .promoted, expression: Expression? = nil,
    infer: @escaping Inference
  ) {
    self.name = name
    self.family = family
    self.precision = precision
    self.computation = computation
    self.expression = expression
    self.infer = infer
  }

  /// What a kernel makes of its operands' elements when it reads them: float32 or int32.
  package enum Computation: Sendable {
    /// What the operands' types meet in.
    case promoted
    /// float32 always.
    case floating
    /// The first as int32, what the others meet in for them: a condition, and what it chooses.
    case chosen
    /// Each as its own.
    case own

    /// float32 or int32 for each operand.
    package func types(of operands: [ElementType]) -> [ElementType] {
      func meet(_ some: ArraySlice<ElementType>) -> ElementType {
        some.dropFirst().reduce(some.first ?? .float32) { .promoted($0, $1) }.wide
      }
      switch self {
      case .promoted:
        return Array(repeating: meet(operands[...]), count: operands.count)
      case .floating:
        return Array(repeating: .float32, count: operands.count)
      case .chosen:
        let rest = operands.dropFirst()
        return [.int32] + Array(repeating: meet(rest), count: rest.count)
      case .own:
        return operands.map(\.wide)
      }
    }
  }

  package enum Family: Sendable {
    /// Each result element from the elements at the same place, operands broadcast.
    case elementwise
    /// Each result element from all elements along `attributes.axes`.
    case reduction
    /// Each element of a line along `attributes.axes[0]` from those up to its place.
    case scan
    /// Elements that indices choose along `attributes.axes[0]`.
    case gather
    /// An operand with updates at some places along `attributes.axes[0]`.
    case scatter
    /// Pairs of sorted keys and places: short runs of a line, and longer ones of shorter ones.
    case sortedRuns, mergedRuns
    /// The places of values in a sorted line.
    case search
    /// Along the last axis of a contiguous operand, shape unchanged.
    case rowwise
    /// Windows on planes: each result element from one element of a row-major operand, or from
    /// some.
    case window
    /// Matrix product, with bias and activation for `linear`.
    case product
    /// Several operands, each into its part of the result along `attributes.axes`.
    case joining
    /// The first operand, with the second in a part of it: first `attributes.words` the place
    /// where it begins, then the steps along each axis.
    case placing
    /// Random numbers of `attributes.resultShape` from a key and parameters.
    case random
    /// Zeros, and the operand where a view of the result lies.
    case unview
    /// A kernel from the user.
    case custom(CustomKernel)
  }

  /// The error of one result element against exact arithmetic on the same operands.
  public enum Precision: Sendable, Hashable {
    /// The correctly rounded result (and exact for integers).
    case rounded
    /// This many units in the last place of float32, and the rounding to the result's type.
    case ulps(Double)
    /// 3 + 2|x| units in the last place: what Vulkan asks of `exp`.
    case exponential
    /// 3 units in the last place, 2⁻²¹ absolute for 0.5 ≤ x ≤ 2: what Vulkan asks of `log`.
    case logarithm
    /// γₙ = nu / (1 - nu) times the sum of absolute terms, for n terms (Higham, *Accuracy and
    /// Stability of Numerical Algorithms*, 2nd ed., section 3.1).
    case accumulated
    /// γₙ times the magnitude of the result, for n factors, as long as no product of some of them
    /// leaves the range of the normal numbers.
    case multiplied
    /// Max-shifted exponentials over their accumulated sum.
    case softmax
    /// The shifted element less the logarithm of the accumulated sum of exponentials.
    case logSoftmax
    /// A difference from the accumulated mean over the root of the accumulated variance.
    case normalized
    /// Whatever the user's kernel makes of it.
    case unknown
  }
}

extension TensorOperation: Hashable {
  public static func == (a: TensorOperation, b: TensorOperation) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Shape and element type: all that inference looks at.
package struct TensorForm: Sendable, Hashable {
  package let shape: Shape
  package let elementType: ElementType
  package init(_ shape: Shape, _ elementType: ElementType) {
    self.shape = shape
    self.elementType = elementType
  }
}

/// What an operation is told besides its operands.
package struct Attributes: Sendable, Hashable {
  /// Normalized and sorted.
  package var axes: [Int] = []
  package var keepingDimensions = false
  package var activation = Activation.none
  /// For rows that need a form of result no operand has.
  package var resultType: ElementType?
  package var resultShape: Shape?
  /// A custom kernel's own numbers, and the invocations it wants.
  package var words: [UInt32] = []
  package var invocations = 0
  package init() {}
}

/// What `linear` applies to each element of its result.
public enum Activation: UInt32, Sendable, Hashable, CaseIterable {
  /// Nothing.
  case none
  /// max(x, 0).
  case relu
}

/// A user's kernel: GLSL source and the size of its workgroup.
package final class CustomKernel: Sendable {
  package let name: String
  package let source: String
  package let workgroup: Int
  package init(name: String, source: String, workgroup: Int) {
    self.name = name
    self.source = source
    self.workgroup = workgroup
  }
}
