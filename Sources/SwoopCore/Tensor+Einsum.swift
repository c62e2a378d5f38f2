extension Tensor {
  /// A sum of products by Einstein's convention: `einsum("bij,bjk->bik", x, y)`. A letter names an
  /// axis; letters that the result lacks are summed over; a letter twice in one operand takes the
  /// diagonal. Without `->` the result has the letters that occur once, in alphabetical order.
  ///
  /// More than two operands are multiplied pair by pair from the left, and each letter is summed
  /// as soon as no later operand has it. Of two operands, what is summed becomes one matrix
  /// product, and its error bound is that of `matmul`.
  /// - Throws: `invalidArgument` for an expression that is malformed or does not fit the operands;
  ///   `shapeMismatch` for a letter of two sizes.
  public static func einsum(
    _ expression: String, _ operands: Tensor...
  ) throws(TensorError) -> Tensor {
    let plan = try EinsumExpression(expression, operands)
    var terms: [EinsumTerm] = []
    for (tensor, labels) in zip(operands, plan.inputs) {
      terms.append(try EinsumTerm(tensor, labels).diagonal())
    }
    var result = terms.removeFirst()
    while !terms.isEmpty {
      let next = terms.removeFirst()
      let needed = Set(plan.output + terms.flatMap(\.labels))
      result = try result.multiplied(by: next, keeping: needed)
    }
    return try result.summed(keeping: Set(plan.output)).ordered(plan.output)
  }

  /// The products of all pairs of elements of two vectors: `[m]` and `[n]` give `[m, n]`.
  /// - Throws: `shapeMismatch`.
  public func outer(_ other: Tensor) throws(TensorError) -> Tensor {
    guard shape.rank == 1, other.shape.rank == 1 else {
      throw .shapeMismatch("outer", [shape, other.shape], accepted: "two vectors")
    }
    return try reshaped(shape[0], 1) * other
  }

  /// The sum of the products of two vectors' elements, as `matmul` accumulates it.
  /// - Throws: `shapeMismatch`.
  public func dot(_ other: Tensor) throws(TensorError) -> Tensor {
    guard shape.rank == 1, other.shape.rank == 1, shape == other.shape else {
      throw .shapeMismatch("dot", [shape, other.shape], accepted: "two vectors of one length")
    }
    return try matmul(other)
  }
}

/// Letters of each operand and of the result.
private struct EinsumExpression {
  let inputs: [[Character]]
  let output: [Character]

  init(_ expression: String, _ operands: [Tensor]) throws(TensorError) {
    func refuse(_ reason: String) -> TensorError {
      TensorError(.invalidArgument, "einsum was given \"\(expression)\": \(reason)")
    }
    let text = String(expression.filter { $0 != " " })
    let sides = text.split(separator: "->", omittingEmptySubsequences: false).map(String.init)
    guard sides.count <= 2, let left = sides.first else {
      throw refuse("it takes one \"->\" at most")
    }
    inputs = left.split(separator: ",", omittingEmptySubsequences: false).map { Array($0) }
    let letters = inputs.flatMap { $0 } + (sides.count == 2 ? Array(sides[1]) : [])
    if let odd = letters.first(where: { !$0.isASCII || !$0.isLetter }) {
      throw refuse("\"\(odd)\" is no letter; axes are named a to z and A to Z")
    }
    guard inputs.count == operands.count else {
      throw refuse("it names \(inputs.count) operands, and \(operands.count) were given")
    }
    var sizes: [Character: Int] = [:]
    for (labels, operand) in zip(inputs, operands) {
      guard labels.count == operand.shape.rank else {
        throw refuse("\"\(String(labels))\" does not fit an operand of shape \(operand.shape)")
      }
      for (label, size) in zip(labels, operand.shape) {
        if let known = sizes[label], known != size {
          throw TensorError(
            .shapeMismatch,
            "einsum was given \"\(expression)\" with \(label) of \(known) and of \(size) elements")
        }
        sizes[label] = size
      }
    }
    if sides.count == 2 {
      output = Array(sides[1])
    } else {
      let all = inputs.flatMap { $0 }
      output = sizes.keys.filter { label in all.count { $0 == label } == 1 }.sorted()
    }
    for label in output where sizes[label] == nil {
      throw refuse("no operand has the result's \(label)")
    }
    guard Set(output).count == output.count else {
      throw refuse("the result names an axis twice")
    }
  }
}

/// A tensor whose axes have names.
private struct EinsumTerm {
  let tensor: Tensor
  let labels: [Character]

  init(_ tensor: Tensor, _ labels: [Character]) {
    self.tensor = tensor
    self.labels = labels
  }

  /// Axes of one name joined: a view whose step is the sum of theirs.
  func diagonal() throws(TensorError) -> EinsumTerm {
    guard Set(labels).count < labels.count else { return self }
    let layout = tensor.layout
    var names: [Character] = []
    var sizes: [Int] = []
    var steps = InlineArray<8, Int>(repeating: 0)
    for (axis, label) in labels.enumerated() {
      if let place = names.firstIndex(of: label) {
        steps[place] += layout.strides[axis]
      } else {
        steps[names.count] = layout.strides[axis]
        names.append(label)
        sizes.append(layout.shape[axis])
      }
    }
    let view = Layout(shape: Shape(unchecked: sizes), strides: steps, offset: layout.offset)
    return EinsumTerm(Tensor(tensor.node, view: Tensor.View(view)), names)
  }

  func summed(keeping needed: Set<Character>) throws(TensorError) -> EinsumTerm {
    let axes = labels.indices.filter { !needed.contains(labels[$0]) }
    if axes.isEmpty { return self }
    let sum = try tensor.reduce(.sum, axes, false)
    let type = tensor.elementType
    return EinsumTerm(
      type.isFloatingPoint ? try sum.cast(to: type) : sum, labels.filter(needed.contains))
  }

  func ordered(_ order: [Character]) throws(TensorError) -> Tensor {
    if order == labels { return tensor }
    return try tensor.transposed(order.compactMap { labels.firstIndex(of: $0) })
  }

  /// The product, summed over what nobody needs any more.
  func multiplied(
    by other: EinsumTerm, keeping needed: Set<Character>
  ) throws(TensorError) -> EinsumTerm {
    // What only one of them has, and nobody needs, is summed before.
    let a = try summed(keeping: needed.union(other.labels))
    let b = try other.summed(keeping: needed.union(labels))
    let shared = a.labels.filter(b.labels.contains)
    let batch = shared.filter(needed.contains)
    let inner = shared.filter { !needed.contains($0) }
    let rows = a.labels.filter { !shared.contains($0) }
    let columns = b.labels.filter { !shared.contains($0) }
    let names = batch + rows + columns
    func size(_ labels: [Character], of term: EinsumTerm) -> [Int] {
      labels.compactMap { label in term.labels.firstIndex(of: label).map { term.tensor.shape[$0] } }
    }
    let (outer, m, n) = (size(batch, of: a), size(rows, of: a), size(columns, of: b))
    if inner.isEmpty {
      let ones = { (list: [Int]) in Array(repeating: 1, count: list.count) }
      let left = try a.ordered(batch + rows).reshaped(outer + m + ones(n))
      let right = try b.ordered(batch + columns).reshaped(outer + ones(m) + n)
      return EinsumTerm(try left * right, names)
    }
    let depth = size(inner, of: a).reduce(1, *)
    let left = try a.ordered(batch + rows + inner).reshaped(outer + [m.reduce(1, *), depth])
    let right = try b.ordered(batch + inner + columns).reshaped(outer + [depth, n.reduce(1, *)])
    return EinsumTerm(try left.matmul(right).reshaped(outer + m + n), names)
  }
}
