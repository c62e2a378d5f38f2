import Swoop
import SwoopCore

// The pieces of Swift in the documents, between two marks, in functions that give them what they
// take for granted. A test compares them with the documents; here they compile.

enum Samples {
  // MARK: README.md

  static func coalescer(on device: Device, weight: Tensor, sample: Tensor) async throws -> Tensor {
    // sample
    let coalesced = Coalescer(on: device) { x in try x.linear(weight).softmax() }
    let y = try await coalesced(sample)  // from any task
    // sample ends
    return y
  }

  static func files(x: Tensor) async throws {
    // sample
    let model = try TensorArchive(safetensors: "model.safetensors")
    try await x.matmul(model["weight"]).write(npy: "y.npy")
    // sample ends
  }

  static func gradients(x: Tensor, weight: Tensor) throws -> (Tensor, [Tensor]) {
    // sample
    let (loss, slopes) = try valueWithGradient(at: [weight]) { p in
      try x.linear(p[0]).square().mean()
    }
    // sample ends
    return (loss, slopes)
  }

  // MARK: Derivatives.md

  static func derivatives(
    x: Tensor, images: Tensor, weight: Tensor, bias: Tensor
  ) throws -> [Tensor] {
    // sample
    let slope = try gradient(at: x) { x in try (x * x).sum() }  // 2 · x

    let (loss, slopes) = try valueWithGradient(at: [weight, bias]) { parameters in
      try images.linear(parameters[0], bias: parameters[1]).square().mean()
    }
    // sample ends
    return [slope, loss] + slopes
  }

  static let derivatives: [TensorOperation: Derivative] = [
    // sample
    .tanh: .partials({ try $0.gradient - $0.gradient * $0.result.square() }),
    // sample ends
    .sign: .zero,
  ]

  // MARK: Formats.md

  static func formats() async throws {
    // sample
    let x = try Tensor(npy: "x.npy")  // on the default device, or `on:`
    try await (x * 2).write(npy: "doubled.npy")

    let model = try TensorArchive(safetensors: "model.safetensors")
    let weight = try model["first.weight"]  // a Tensor; `model.metadata` is text
    try await TensorArchive(["weight": weight], metadata: ["seed": "7"])
      .write(safetensors: "copy.safetensors")
    let arrays = try TensorArchive(npz: "arrays.npz", names: ["a", "b"])
    // sample ends
    _ = arrays
  }

  // MARK: Swoop.md

  static func landing() async throws {
    // sample
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    let y = try x.softmax() * 100
    print(try await y.array(as: Float.self))
    // sample ends
  }

  // MARK: Comments of symbols

  static func gradientComment(x: Tensor) throws -> Tensor {
    // sample
    let slope = try gradient(at: x) { x in try (x * x).sum() }  // 2 · x
    // sample ends
    return slope
  }

  static func coalescerComment(
    on device: Device, weight: Tensor, bias: Tensor, x: Tensor
  ) async throws -> Tensor {
    // sample
    let coalesced = Coalescer(on: device) { x in try x.linear(weight, bias: bias) }
    let y = try await coalesced(x)
    // sample ends
    return y
  }

  static func archiveComment() async throws {
    // sample
    let model = try TensorArchive(safetensors: "model.safetensors")
    let weight = try model["first.weight"]
    try await TensorArchive(["weight": weight * 2]).write(npz: "doubled.npz")
    // sample ends
  }
}
