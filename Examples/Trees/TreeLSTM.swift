import Swoop

/// A binary Tree-LSTM (Tai, Socher and Manning, "Improved Semantic Representations From
/// Tree-Structured Long Short-Term Memory Networks", 2015, equations 9 to 14) with a classifier at
/// the root.
///
/// Every node of a tree has a hidden state h and a memory c, both [H]. Of a word with the vector x:
///
///     i = σ(x Wⁱ + bⁱ)   o = σ(x Wᵒ + bᵒ)   u = tanh(x Wᵘ + bᵘ)
///     c = i ⊙ u          h = o ⊙ tanh(c)
///
/// Of a pair with the children l and r:
///
///     i  = σ(hₗ Uⁱ + hᵣ Vⁱ + bⁱ)      o  = σ(hₗ Uᵒ + hᵣ Vᵒ + bᵒ)
///     fₗ = σ(hₗ Uˡ + hᵣ Vˡ + bᶠ)      fᵣ = σ(hₗ Uʳ + hᵣ Vʳ + bᶠ)
///     u  = tanh(hₗ Uᵘ + hᵣ Vᵘ + bᵘ)
///     c  = i ⊙ u + fₗ ⊙ cₗ + fᵣ ⊙ cᵣ   h  = o ⊙ tanh(c)
///
/// It is written for one tree and one node at a time, as one would say it. Nothing here knows that
/// there are other trees, or that anything is batched.
struct TreeLSTM: Sendable {
  let parameters: Parameters<Tensor>
  let one: Tensor

  struct State: Sendable {
    let h: Tensor
    let c: Tensor
  }

  /// The network on a device.
  init(_ parameters: Parameters<HostArray>, on device: Device) throws(TensorError) {
    self.parameters = try parameters.map { (array) throws(TensorError) in
      try array.tensor(on: device)
    }
    one = try Tensor([Float(1)], shape: [], on: device)
  }

  /// The probabilities [5] of a sentence's classes.
  func callAsFunction(_ tree: Tree) throws(TensorError) -> Tensor {
    try classes(state(of: tree))
  }

  func state(of tree: Tree) throws(TensorError) -> State {
    switch tree {
    case .word(let word): try leaf(parameters.vectors[word])
    case .pair(let left, let right): try joined(state(of: left), state(of: right))
    }
  }

  /// The state of a word with the vector `x` [H].
  func leaf(_ x: Tensor) throws(TensorError) -> State {
    let p = parameters
    let i = try sigmoid(x.linear(p.wordInput.weight, bias: p.wordInput.bias))
    let o = try sigmoid(x.linear(p.wordOutput.weight, bias: p.wordOutput.bias))
    let u = try x.linear(p.wordUpdate.weight, bias: p.wordUpdate.bias).tanh()
    let c = try i * u
    return State(h: try o * c.tanh(), c: c)
  }

  /// The state of a pair from those of its children.
  func joined(_ left: State, _ right: State) throws(TensorError) -> State {
    func gate(_ gate: Parameters<Tensor>.Gate) throws(TensorError) -> Tensor {
      try left.h.linear(gate.left, bias: gate.bias) + right.h.linear(gate.right)
    }
    let i = try sigmoid(gate(parameters.input))
    let forgetLeft = try sigmoid(gate(parameters.forgetLeft))
    let forgetRight = try sigmoid(gate(parameters.forgetRight))
    let o = try sigmoid(gate(parameters.output))
    let u = try gate(parameters.update).tanh()
    let c = try i * u + forgetLeft * left.c + forgetRight * right.c
    return State(h: try o * c.tanh(), c: c)
  }

  /// The probabilities [5] of the classes from the state of the root.
  func classes(_ root: State) throws(TensorError) -> Tensor {
    try root.h.linear(parameters.classifier.weight, bias: parameters.classifier.bias).softmax()
  }

  /// 1 / (1 + e⁻ˣ).
  private func sigmoid(_ x: Tensor) throws(TensorError) -> Tensor {
    try one / (one + (-x).exp())
  }
}

extension Forest {
  /// The operations that the network makes of all trees: 3 products and 12 others a word, 10 and 29
  /// a pair, 2 at a root.
  var operationCount: Int { 15 * wordCount + 39 * pairCount + 2 * trees.count }
}
