import Swoop

// What the last column of the tables in `ComingFrom.md` has, each line as it stands there: a test
// looks for it here. Hand-kept.

extension Mapping {
  /// Reductions, scans and sorting.
  static func reductions() async throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    let a = try x .> 2
    let s = try Tensor([1.0, 2, 3])

    _ = try x.sum()
    _ = try x.sum(0)
    _ = try x.mean(0, 1, keepingDimensions: true)
    _ = try x.max(1)
    _ = try x.min(1)
    _ = try x.argmax(1)
    _ = try x.argmin(1)
    _ = try x.product()
    _ = try a.any()
    _ = try a.all()
    _ = try x.variance()
    _ = try x.standardDeviation(correction: 1)
    _ = try x.norm(.l2, 1)
    _ = try x.norm(.l1, 1)
    _ = try x.norm(.infinity, 1)
    _ = try x.logSumExp(1)
    _ = try x.cumulativeSum(1)
    _ = try x.cumulativeProduct(1)
    _ = try x.cumulativeMax(1)
    _ = try x.sorted()
    _ = try x.sorted(descending: true)
    _ = try x.argsort()
    _ = try x.topK(2)
    _ = try await x.unique()
    _ = try x.uniqueCount()
    _ = try s.searchSorted(x)
  }

  /// Products and networks.
  static func networks() throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    let y = try Tensor.ones([4, 3])
    let (w, b) = (try Tensor.ones([3, 4]), try Tensor.ones([4]))
    let s = try Tensor([1.0, 2, 3])
    let (mean, variance) = (s, s)
    let (images, kernel) = (try Tensor.ones([1, 1, 4, 4]), try Tensor.ones([1, 1, 3, 3]))
    let (lines, taps) = (try Tensor.ones([1, 1, 5]), try Tensor.ones([1, 1, 2]))
    let (q, k, v) = (x, x, x)
    let (labels, rows) = (try Tensor([0, 2]), try Tensor([1, 0, 1]))
    let key = RandomKey(seed: 7)

    _ = try x.matmul(w)
    _ = try s.dot(s)
    _ = try s.outer(s)
    _ = try Tensor.einsum("ij,kj->ik", x, y)
    _ = try x.linear(w, bias: b)
    _ = try x.linear(w, bias: b, activation: .relu)
    _ = try x.relu()
    _ = try x.gelu()
    _ = try x.gelu(tanhForm: true)
    _ = try x.sigmoid()
    _ = try x.silu()
    _ = try x.softplus()
    _ = try x.softmax(1)
    _ = try x.logSoftmax(1)
    _ = try x.crossEntropy(labels)
    _ = try x.embedding(rows)
    _ = try x.dropout(key: key, rate: 0.5)
    _ = try x.layerNorm(weight: s, bias: s)
    _ = try x.rmsNorm(weight: s)
    _ = try x.batchNorm(mean: mean, variance: variance)
    _ = try images.conv2d(kernel, padding: 1)
    _ = try lines.conv1d(taps)
    _ = try images.maxPool2d(2)
    _ = try images.averagePool2d(2)
    _ = try q.scaledDotProductAttention(keys: k, values: v, isCausal: true)
  }

  /// Gradients and kernels.
  static func gradients(on device: Device, source: String) throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    let f: (Tensor) throws -> Tensor = { x in try x.square().sum() }

    _ = try gradient(at: x, of: f)
    _ = try valueWithGradient(at: x, of: f)
    _ = try x.stopGradient()
    _ = try device.kernel(source: source)
  }

  /// Reading.
  static func reading() async throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])

    _ = try await x.array(as: Float.self)
    _ = try await x.nested(as: [[Float]].self)
    _ = try await x.sum().scalar(as: Float.self)
    _ = try await x.withElements(as: Float.self) { $0.count }
    try await x.wait()
  }

  /// Files; compiled only.
  static func files() async throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])

    _ = try Tensor(npy: "x.npy")
    try await x.write(npy: "x.npy")
    _ = try TensorArchive(npz: "x.npz")
    try await TensorArchive(["x": x]).write(npz: "x.npz")
    _ = try TensorArchive(safetensors: "x.safetensors")
    try await TensorArchive(["x": x]).write(safetensors: "x.safetensors")
  }

  /// Reading in a thread that may block.
  static func blocking(on device: Device) throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    let y = try Tensor([[6.0, 5, 4], [3, 2, 1]])

    _ = try x.blockingArray(as: Float.self)
    _ = try x.blockingNested(as: [[Float]].self)
    _ = try x.sum().blockingScalar(as: Float.self)
    _ = try x.withBlockingElements(as: Float.self) { $0.count }
    try x.blockingWait()
    _ = try device.blockingBatch { try x + y }
  }

  /// Files; compiled only.
  static func blockingFiles() throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])

    try x.blockingWrite(npy: "x.npy")
  }

  /// Scopes.
  static func scope(on device: Device) async throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    let y = try Tensor([[6.0, 5, 4], [3, 2, 1]])

    _ = try await device.batched { try x + y }
  }
}
