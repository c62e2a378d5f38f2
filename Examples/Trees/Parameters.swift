import Swoop
import SwoopLab

/// What the network has learnt, or would have: `Value` is an array on the host or a tensor.
struct Parameters<Value: Sendable>: Sendable {
  /// weight [H, N] and bias [N] of a layer.
  struct Layer: Sendable {
    let weight: Value
    let bias: Value
  }

  /// The weights [H, H] for the left and the right child, and one bias [H].
  struct Gate: Sendable {
    let left: Value
    let right: Value
    let bias: Value
  }

  /// The gates of a word: input, output, update.
  let wordInput: Layer
  let wordOutput: Layer
  let wordUpdate: Layer
  /// The gates of a pair. Both forget gates have the same bias.
  let input: Gate
  let forgetLeft: Gate
  let forgetRight: Gate
  let output: Gate
  let update: Gate
  /// To the classes of a sentence.
  let classifier: Layer
  /// A vector [H] for each word of the vocabulary.
  let vectors: [Value]

  /// The same with every value taken through `change`.
  func map<New, E: Error>(_ change: (Value) throws(E) -> New) throws(E) -> Parameters<New> {
    func layer(_ one: Layer) throws(E) -> Parameters<New>.Layer {
      .init(weight: try change(one.weight), bias: try change(one.bias))
    }
    func gate(_ one: Gate) throws(E) -> Parameters<New>.Gate {
      .init(
        left: try change(one.left), right: try change(one.right), bias: try change(one.bias))
    }
    return Parameters<New>(
      wordInput: try layer(wordInput), wordOutput: try layer(wordOutput),
      wordUpdate: try layer(wordUpdate), input: try gate(input),
      forgetLeft: try gate(forgetLeft), forgetRight: try gate(forgetRight),
      output: try gate(output), update: try gate(update), classifier: try layer(classifier),
      vectors: try vectors.map { (value) throws(E) in try change(value) })
  }
}

/// A vector or matrix on the host, row-major.
struct HostArray: Sendable {
  let shape: Shape
  let elements: [Float]

  func tensor(on device: Device) throws(TensorError) -> Tensor {
    try Tensor(elements, shape: shape, on: device)
  }
}

extension Parameters<HostArray> {
  /// The classes that a sentence may be of: as many as in the Stanford Sentiment Treebank.
  static var classCount: Int { 5 }

  /// Random numbers: nothing is trained here. Word vectors lie in -1 ... 1, weights and biases in
  /// ±1/√H, as much as keeps sums of H terms near 1. The same seed gives the same numbers.
  /// - Throws: `invalidShape` for a size that no tensor can have.
  static func random(
    hidden: Int, vocabularyCount: Int, seed: UInt64
  ) throws(TensorError) -> Parameters {
    var generator = SplitMix64(seed: seed)
    func array(_ sizes: [Int], limit: Float) throws(TensorError) -> HostArray {
      let shape = try Shape(sizes)
      return HostArray(
        shape: shape,
        elements: (0..<shape.elementCount).map { _ in
          // 24 bits of either sign are exact in float32, so every host makes the same.
          (Float(generator.next() >> 40) * 0x1p-23 - 1) * limit
        })
    }
    let limit = 1 / Float(hidden).squareRoot()
    func layer(_ count: Int) throws(TensorError) -> Layer {
      Layer(
        weight: try array([hidden, count], limit: limit), bias: try array([count], limit: limit))
    }
    func vector() throws(TensorError) -> HostArray { try array([hidden], limit: limit) }
    func gate(_ bias: HostArray) throws(TensorError) -> Gate {
      Gate(
        left: try array([hidden, hidden], limit: limit),
        right: try array([hidden, hidden], limit: limit),
        bias: bias)
    }
    let forgetBias = try vector()
    return Parameters(
      wordInput: try layer(hidden), wordOutput: try layer(hidden), wordUpdate: try layer(hidden),
      input: try gate(vector()), forgetLeft: try gate(forgetBias),
      forgetRight: try gate(forgetBias), output: try gate(vector()), update: try gate(vector()),
      classifier: try layer(classCount),
      vectors: try (0..<vocabularyCount).map { (_) throws(TensorError) in
        try array([hidden], limit: 1)
      })
  }
}
