import Swoop

extension FunctionTable {
  static let creation: [FunctionLine] = [
    FunctionLine("Tensor(_:as:)", "creation", .made) {
      try Tensor([[1.0, 0], [1, 1]], as: $0.elementType, on: $0.device)
    },
    FunctionLine("Tensor(repeating:shape:)", "creation", .made) {
      try Tensor(repeating: 1, shape: [2, 3], as: $0.elementType, on: $0.device)
    },
    FunctionLine("full", "creation", .made) {
      try .full([2, 3], 1, as: $0.elementType, on: $0.device)
    },
    FunctionLine("zeros", "creation", .made) { try .zeros([2, 3], $0.elementType, on: $0.device) },
    FunctionLine("ones", "creation", .made) { try .ones([2, 3], $0.elementType, on: $0.device) },
    FunctionLine("zeros(like:)", "creation", .made) { try .zeros(like: $0) },
    FunctionLine("ones(like:)", "creation", .made) { try .ones(like: $0) },
    FunctionLine("full(like:)", "creation", .made) { try .full(like: $0, 1) },
    FunctionLine(
      "arange", "creation", .made, bound: "u·|y|"
    ) { try .arange(from: 0.0, to: 1.5, by: 0.5, as: $0.elementType, on: $0.device) },
    FunctionLine(
      "linspace", "creation", .made, bound: "u·|y|"
    ) { try .linspace(0, 1, count: 5, as: $0.elementType, on: $0.device) },
    FunctionLine("eye", "creation", .made) { try .eye(3, as: $0.elementType, on: $0.device) },
    FunctionLine("Tensor(bytes:shape:_:)", "creation", .made) { x in
      try [UInt8](repeating: 0, count: 6 * x.elementType.byteCount).withUnsafeBytes {
        try Tensor(bytes: $0, shape: [2, 3], x.elementType, on: x.device)
      }
    },
    FunctionLine("random(_:in:seed:)", "random", .fixed, [.float32]) {
      try .random([2, 3], seed: 1, on: $0.device)
    },
    FunctionLine(
      "uniform", "random", .made, .floating, of: [.randomUniform], bound: "of the operation"
    ) { try .uniform([2, 3], as: $0.elementType, key: RandomKey(seed: 1), on: $0.device) },
    FunctionLine(
      "normal", "random", .made, .floating, of: [.randomNormal], bound: "of the operation"
    ) { try .normal([2, 3], as: $0.elementType, key: RandomKey(seed: 1), on: $0.device) },
    FunctionLine("bernoulli", "random", .fixed, [.bool], of: [.randomBernoulli]) {
      try .bernoulli([2, 3], key: RandomKey(seed: 1), on: $0.device)
    },
    FunctionLine("integers", "random", .fixed, [.int32], of: [.randomIntegers]) {
      try .integers([2, 3], in: 0..<9, key: RandomKey(seed: 1), on: $0.device)
    },
    FunctionLine("randomBits", "random", .fixed, [.int32], of: [.randomBits]) {
      try .randomBits([2, 3], key: RandomKey(seed: 1), on: $0.device)
    },
    FunctionLine("permutation", "random", .fixed, [.int32]) {
      try .permutation(7, key: RandomKey(seed: 1), on: $0.device)
    },
  ]

  static let views: [FunctionLine] = [
    FunctionLine("reshaped", "views") { try $0.reshaped(4, -1) },
    FunctionLine("transposed", "views") { try $0.transposed(2, 0, 1) },
    FunctionLine("swappingAxes", "views") { try $0.swappingAxes(0, -1) },
    FunctionLine("movingAxis", "views") { try $0.movingAxis(0, to: 2) },
    FunctionLine("squeezed", "views", on: [1, 3, 1]) { try $0.squeezed() },
    FunctionLine("expandingDimensions", "views") { try $0.expandingDimensions(0, -1) },
    FunctionLine("broadcast", "views", on: [3, 1]) { try $0.broadcast(to: [2, 3, 4]) },
    FunctionLine("flipped", "views") { try $0.flipped(0, 2) },
    FunctionLine("flattened", "views") { try $0.flattened() },
    FunctionLine("subscript", "views") {
      try $0[1..., .ellipsis, ..<3, .slice(by: 2), .newAxis]
    },
    FunctionLine("replacing", "placing", of: [.replace]) { try $0.replacing(1, with: 0) },
    FunctionLine("taking", "indexing", of: [.take]) { try $0.taking(indices($0), axis: 1) },
    FunctionLine("takingAlong", "indexing", of: [.takeAlong], on: [3, 2]) {
      try $0.takingAlong(indices($0, [0, 2]).reshaped(1, 2), axis: 0)
    },
    FunctionLine("scattering", "indexing", of: [.sortRuns, .mergeRuns, .scatter], on: [3, 4]) {
      try $0.scattering(constant([2, 4], $0), at: indices($0))
    },
    FunctionLine(
      "scatterAdding", "indexing", of: [.sortRuns, .mergeRuns, .scatterAdd],
      bound: "of the operation", on: [3, 4]
    ) { try $0.scatterAdding(constant([2, 4], $0), at: indices($0)) },
    FunctionLine("scatteringAlong", "indexing", of: [.sortRuns, .mergeRuns, .scatter], on: [3, 2]) {
      try $0.scatteringAlong(
        constant([1, 2], $0), at: indices($0, [0, 2]).reshaped(1, 2), axis: 0)
    },
    FunctionLine(
      "scatterAddingAlong", "indexing", of: [.sortRuns, .mergeRuns, .scatterAdd],
      bound: "of the operation", on: [3, 2]
    ) {
      try $0.scatterAddingAlong(
        constant([1, 2], $0), at: indices($0, [0, 2]).reshaped(1, 2), axis: 0)
    },
  ]

  static let joining: [FunctionLine] = [
    FunctionLine("concatenated", "joining", of: [.concatenate]) {
      try .concatenated([$0, $0], axis: 1)
    },
    FunctionLine("stacked", "joining", of: [.concatenate]) { try .stacked([$0, $0], axis: 1) },
    FunctionLine("split", "views") { try $0.split(2, axis: -1)[1] },
    FunctionLine("padded", "placing", of: [.replace]) {
      try $0.padded(before: [1, 0, 0], after: [0, 2, 0])
    },
    FunctionLine("tiled", "joining") { try $0.tiled(2, 1, 1) },
    FunctionLine("repeated", "joining") { try $0.repeated(2, axis: 1) },
  ]
}
