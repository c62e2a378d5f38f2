import Swoop

// What the last column of the tables in `ComingFrom.md` has, each line as it stands there: a test
// looks for it here. Hand-kept.

enum Mapping {
  /// Making tensors.
  static func making() throws {
    let x = try Tensor.ones([2, 3])
    let list: [Float] = [1, 2, 3, 4, 5, 6]

    _ = try Tensor([[1, 2], [3, 4]])
    _ = try Tensor(list, shape: [2, 3])
    _ = try Tensor(list, as: .float16)
    _ = try Tensor.zeros([2, 3])
    _ = try Tensor.ones([2, 3], .bool)
    _ = try Tensor.full([2, 3], 7)
    _ = try Tensor(repeating: 7, shape: [2, 3])
    _ = try Tensor.zeros(like: x)
    _ = try Tensor.ones(like: x)
    _ = try Tensor.full(like: x, 7)
    _ = try Tensor.arange(0..<5)
    _ = try Tensor.arange(from: 0, to: 1, by: 0.25)
    _ = try Tensor.linspace(0, 1, count: 5)
    _ = try Tensor.eye(3)
    try [1 as Int32, 2].withUnsafeBytes { bytes in
      _ = try Tensor(bytes: bytes, shape: [2], .int32)
    }
  }

  /// Random numbers.
  static func random() throws {
    let key = RandomKey(seed: 7)

    _ = RandomKey(seed: 7)
    _ = key.split()
    _ = key.split(3)
    _ = try Tensor.uniform([2, 3], in: -1..<1, key: key)
    _ = try Tensor.normal([2, 3], key: key)
    _ = try Tensor.bernoulli([2, 3], probability: 0.3, key: key)
    _ = try Tensor.integers([2, 3], in: 0..<10, key: key)
    _ = try Tensor.permutation(5, key: key)
  }

  /// Shapes, types and devices.
  static func shapes(on device: Device) throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    let y = try Tensor([[6.0, 5, 4], [3, 2, 1]])
    let z = try Tensor.zeros([1, 2, 3])
    let (a, b) = (ElementType.int32, ElementType.float16)

    _ = x.shape
    _ = x.shape.rank
    _ = x.shape.elementCount
    _ = x.elementType
    _ = try x.cast(to: .float16)
    _ = ElementType.promoted(a, b)
    _ = x.device
    _ = try x.copied(to: .cpu)
    _ = try Device.named("0")
    _ = try Device.default()
    _ = try Device.all()
    _ = device.memory.live
    _ = device.memory.peak
    _ = device.memory.cached
    device.cacheLimit = 0
    device.clearCache()
    _ = try x.reshaped(3, 2)
    _ = try x.transposed()
    _ = try z.transposed(0, 2, 1)
    _ = try z.swappingAxes(0, 1)
    _ = try z.movingAxis(0, to: -1)
    _ = try x.expandingDimensions(0)
    _ = try z.squeezed()
    _ = try x.flattened()
    _ = try x.broadcast(to: [4, 2, 3])
    _ = try x.flipped(0)
    _ = try Tensor.concatenated([x, y])
    _ = try Tensor.stacked([x, y])
    _ = try x.split(2)
    _ = try x.split(sizes: [1, 2], axis: 1)
    _ = try x.padded(before: [1, 1], after: [1, 1])
    _ = try x.tiled(2, 1)
    _ = try x.repeated(2, axis: 0)
  }

  /// Elements.
  static func elements() throws {
    let x = try Tensor([[1.0, 2, 3], [4, 5, 6]])
    let i = try Tensor([1, 0])
    let j = try Tensor([[0, 1, 2], [2, 1, 0]])
    let u = try Tensor.ones([2, 3])

    _ = try x[0]
    _ = try x[-1, 1...]
    _ = try x[.all, ..<2]
    _ = try x[.all, .slice(from: 1, to: -1)]
    _ = try x[.all, .slice(by: 2)]
    _ = try x[.ellipsis, 0]
    _ = try x[.newAxis]
    _ = try x.replacing(0, with: 7)
    _ = try x.taking(i)
    _ = try x.takingAlong(j, axis: 1)
    _ = try x.scattering(u, at: i)
    _ = try x.scatterAdding(u, at: i)
    _ = try x.scatteringAlong(u, at: j, axis: 1)
    _ = try x.scatterAddingAlong(u, at: j, axis: 1)
    _ = try i.oneHot(10)
  }
}
